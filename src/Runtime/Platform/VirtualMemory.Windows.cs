// Windows: Reserved and Prepared are both MEM_RESERVE, Ready is MEM_COMMIT. Committing is where the system refuses, since it promises no more than memory and page
// file can hold; so Used commits, a step at a time as the page heap grows, and Map has nothing to do.
//
//     Unused  MEM_DECOMMIT: working set and commit charge go down, and Used can be refused later
//     Purge   DiscardVirtualMemory: the pages leave the working set at once and stay committed, so that nothing can refuse them later. Where there is no such
//             function or it fails: MEM_RESET, which only tells that the contents may go, and VirtualUnlock, which takes pages that are not locked out of the
//             working set. Decommitting and committing again would leave a hole in a span of live objects when the system is short.
//
// No call may reach from one reservation into the next, where ours may: a run of free pages does not know where reservations end. So a call that fails
// is made again for each piece, and VirtualQuery tells where one ends.
//
// The system aligns reservations to 64 KiB, and a guard is as long. For more, a larger one is made, released, and made again at the aligned address in it; another thread may
// be quicker, so the dance has several rounds.

using System;
using System.Runtime.InteropServices;

namespace NativeHeap.Platform;

internal static unsafe partial class VirtualMemory
{
    private const uint MemCommit = 0x1000;
    private const uint MemReserve = 0x2000;
    private const uint MemDecommit = 0x4000;
    private const uint MemRelease = 0x8000;
    private const uint MemReset = 0x80000;
    private const uint PageNoAccess = 1;
    private const uint PageReadWrite = 4;
    private const uint PageExecuteRead = 0x20;
    private const nuint AllocationGranularity = 64 << 10;
    private const int AlignmentRounds = 100;

    // NOT_ENOUGH_MEMORY, OUTOFMEMORY, NO_SYSTEM_RESOURCES, WORKING_SET_QUOTA, PAGEFILE_QUOTA, COMMITMENT_LIMIT, NOT_ENOUGH_QUOTA.
    private static ReadOnlySpan<int> WantsOfMemory => [8, 14, 1450, 1453, 1454, 1455, 1816];

    // Since Windows 8.1; null before.
    private static readonly delegate* unmanaged<void*, nuint, uint> s_discard = FindDiscard();

    private static void* WindowsAlloc(nuint size)
    {
        void* range = WindowsReserve(size, AllocationGranularity);
        if (range != null && WindowsMapping(range, size, MemCommit, PageReadWrite) == null)
        {
            _ = VirtualFree((byte*)range - GuardSize, 0, MemRelease);
            return null;
        }

        return range;
    }

    private static bool WindowsFree(void* address, nuint size) =>
        VirtualFree((byte*)address - GuardSize, 0, MemRelease) != 0 || WindowsFailure("VirtualFree(MEM_RELEASE)", address, size);

    /// <summary>Memory with instructions, for as long as the process lives; null where the system or a policy of the process refuses.</summary>
    public static void* WindowsAllocCode(ReadOnlySpan<byte> code)
    {
        byte* memory = (byte*)VirtualAlloc(null, (nuint)code.Length, MemReserve | MemCommit, PageReadWrite);
        if (memory != null)
        {
            code.CopyTo(new(memory, code.Length));
            uint previous;
            memory = VirtualProtect(memory, (nuint)code.Length, PageExecuteRead, &previous) != 0 ? memory : null;
        }

        return memory;
    }

    private static void* WindowsReserve(nuint size, nuint alignment)
    {
        nuint guarded = size + (2 * GuardSize);
        if (alignment <= AllocationGranularity)
        {
            byte* start = (byte*)WindowsMapping(null, guarded, MemReserve, PageNoAccess);
            return start == null ? null : start + GuardSize;
        }

        for (int round = 0; round < AlignmentRounds; round++)
        {
            byte* larger = (byte*)WindowsMapping(null, guarded + alignment - AllocationGranularity, MemReserve, PageNoAccess);
            if (larger == null)
            {
                return null;
            }

            _ = VirtualFree(larger, 0, MemRelease);
            byte* aligned = (byte*)(((nuint)larger + GuardSize + alignment - 1) & ~(alignment - 1));
            if (VirtualAlloc(aligned - GuardSize, guarded, MemReserve, PageNoAccess) != null)
            {
                return aligned;
            }
        }

        SystemFailure.Clear();
        return null;
    }

    private static bool WindowsMap() => true;

    private static bool WindowsUsed(void* address, nuint size) =>
        VirtualAlloc(address, size, MemCommit, PageReadWrite) != null || WindowsCommitPieces((byte*)address, size);

    private static bool WindowsUnused(void* address, nuint size) => ForEachPiece((byte*)address, size, &Decommit, "VirtualFree(MEM_DECOMMIT)");

    private static bool WindowsPurge(void* address, nuint size) => ForEachPiece((byte*)address, size, &Discard, "VirtualAlloc(MEM_RESET)");

    // All or nothing: what this call has committed is taken back if the rest is refused.
    private static bool WindowsCommitPieces(byte* address, nuint size)
    {
        MemoryInformation piece = Query(address);
        nuint length = nuint.Min(piece.RegionSize - (nuint)(address - piece.BaseAddress), size);
        if (piece.State != MemCommit && VirtualAlloc(address, length, MemCommit, PageReadWrite) == null)
        {
            return WindowsFailure("VirtualAlloc(MEM_COMMIT)", address, length);
        }

        bool done = length == size || WindowsCommitPieces(address + length, size - length);
        if (!done && piece.State != MemCommit)
        {
            _ = VirtualFree(address, length, MemDecommit);
        }

        return done;
    }

    private static bool ForEachPiece(byte* address, nuint size, delegate*<void*, nuint, bool> call, string name)
    {
        if (call(address, size))
        {
            return true;
        }

        while (size != 0)
        {
            MemoryInformation piece = Query(address);
            nuint length = nuint.Min(piece.RegionSize - (nuint)(address - piece.BaseAddress), size);
            if (!call(address, length))
            {
                return WindowsFailure(name, address, length);
            }

            address += length;
            size -= length;
        }

        return true;
    }

    private static bool Decommit(void* address, nuint size) => VirtualFree(address, size, MemDecommit) != 0;

    private static bool Discard(void* address, nuint size)
    {
        if (s_discard != null && s_discard(address, size) == 0)
        {
            return true;
        }

        if (VirtualAlloc(address, size, MemReset, PageReadWrite) == null)
        {
            return false;
        }

        // Fails by its contract, and does by the way what is wanted.
        _ = VirtualUnlock(address, size);
        return true;
    }

    private static MemoryInformation Query(void* address)
    {
        MemoryInformation information;
        return VirtualQuery(address, &information, (nuint)sizeof(MemoryInformation)) != 0
            ? information
            : new MemoryInformation { BaseAddress = (byte*)address, RegionSize = nuint.MaxValue };
    }

    private static void* WindowsMapping(void* address, nuint size, uint kind, uint protection)
    {
        void* mapping = VirtualAlloc(address, size, kind, protection);
        if (mapping == null)
        {
            _ = WindowsFailure("VirtualAlloc", address, size);
        }

        return mapping;
    }

    // False, for the caller to return. Want of memory is not recorded as a failure: it is an answer.
    private static bool WindowsFailure(string call, void* address, nuint size)
    {
        int error = Marshal.GetLastPInvokeError();
        if (WantsOfMemory.Contains(error))
        {
            SystemFailure.Clear();
        }
        else
        {
            SystemFailure.Record(call, address, size, error);
        }

        return false;
    }

    private static delegate* unmanaged<void*, nuint, uint> FindDiscard() =>
        OperatingSystem.IsWindows()
        && NativeLibrary.TryLoad("kernel32", typeof(VirtualMemory).Assembly, DllImportSearchPath.System32, out nint library)
        && NativeLibrary.TryGetExport(library, "DiscardVirtualMemory", out nint discard)
            ? (delegate* unmanaged<void*, nuint, uint>)discard
            : null;

    // MEMORY_BASIC_INFORMATION: the pages from BaseAddress on that are alike and of one reservation.
    private struct MemoryInformation
    {
        public byte* BaseAddress;
        public void* AllocationBase;
        public uint AllocationProtect;
        public ushort PartitionId;
        public nuint RegionSize;
        public uint State;
        public uint Protect;
        public uint Type;
    }

    [LibraryImport("kernel32", EntryPoint = "VirtualAlloc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial void* VirtualAlloc(void* address, nuint size, uint kind, uint protection);

    [LibraryImport("kernel32", EntryPoint = "VirtualProtect")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int VirtualProtect(void* address, nuint size, uint protection, uint* previous);

    [LibraryImport("kernel32", EntryPoint = "VirtualFree", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int VirtualFree(void* address, nuint size, uint kind);

    [LibraryImport("kernel32", EntryPoint = "VirtualQuery")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nuint VirtualQuery(void* address, MemoryInformation* information, nuint size);

    [LibraryImport("kernel32", EntryPoint = "VirtualUnlock")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int VirtualUnlock(void* address, nuint size);
}
