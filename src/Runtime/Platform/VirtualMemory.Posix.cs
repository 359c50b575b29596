// Linux and macOS: a reservation is an inaccessible private mapping, which counts as no memory. Map makes it accessible by mprotect, which keeps
// neighbouring ranges one mapping for the kernel (Linux allows a process 65,530) and is where the kernel refuses what it could never back. It backs a
// page when it is first touched, so that Used has nothing to do. No huge-page advice is given: Go took its own back after three releases of trouble
// (golang/go#64332), and a program can ask the kernel for them for the whole process.

using System;
using System.Runtime.InteropServices;

namespace NativeHeap.Platform;

internal static unsafe partial class VirtualMemory
{
    private const int ProtNone = 0;
    private const int ProtReadWrite = 1 | 2;
    private const int MapPrivate = 0x02;
    private const int MapFixed = 0x10;
    private const int AdviceDontNeed = 4;
    private const int ErrorNoMemory = 12;
    private const nint MapFailed = -1;

    // What differs: Darwin's numbers are those of BSD.
    private static int MapAnonymous => OperatingSystem.IsMacOS() ? 0x1000 : 0x20;

    private static int MapNoReserve => OperatingSystem.IsMacOS() ? 0x40 : 0x4000;

    private static int ErrorAgain => OperatingSystem.IsMacOS() ? 35 : 11;

    private static void* PosixAlloc(nuint size)
    {
        byte* start = (byte*)Mapping(null, size + (2 * GuardSize), ProtNone, MapNoReserve);
        if (start != null && !PosixMap(start + GuardSize, size))
        {
            _ = Munmap(start, size + (2 * GuardSize));
            return null;
        }

        return start == null ? null : start + GuardSize;
    }

    private static bool PosixFree(void* address, nuint size)
    {
        if (Munmap((byte*)address - GuardSize, size + (2 * GuardSize)) == 0)
        {
            return true;
        }

        // A mapping that would have to be split in two where there may be no more of them: its memory can go in any case.
        RecordFailure("munmap", address, size);
        _ = Madvise(address, size, AdviceDontNeed);
        return false;
    }

    private static void* PosixReserve(nuint size, nuint alignment)
    {
        // The kernel aligns to its page only, so reserve enough to contain an aligned range with its guards and give the ends back.
        nuint slack = alignment - PageSize;
        nuint guarded = size + (2 * GuardSize);
        byte* start = (byte*)Mapping(null, guarded + slack, ProtNone, 0);
        if (start == null)
        {
            return null;
        }

        byte* aligned = (byte*)(((nuint)start + GuardSize + alignment - 1) & ~(alignment - 1));
        nuint head = (nuint)(aligned - GuardSize - start);
        if (head != 0)
        {
            _ = Munmap(start, head);
        }

        if (head != slack)
        {
            _ = Munmap(start + head + guarded, slack - head);
        }

        return aligned;
    }

    private static bool PosixMap(void* address, nuint size) => Mprotect(address, size, ProtReadWrite) == 0 || RecordFailure("mprotect", address, size);

    private static bool PosixUsed() => true;

    private static bool PosixFault(void* address, nuint size) => Replace(address, size, ProtNone);

    // A fresh mapping over the old one: the memory is gone, and the access is another. madvise is asked first, since it refuses what is not mapped, where mmap at
    // a fixed address would take it.
    private static bool Replace(void* address, nuint size, int protection)
    {
        if (Madvise(address, size, AdviceDontNeed) != 0 && Marshal.GetLastPInvokeError() == ErrorNoMemory)
        {
            SystemFailure.Record("madvise", address, size, ErrorNoMemory);
            return false;
        }

        return Mapping(address, size, protection, MapNoReserve | MapFixed) != null;
    }

    private static void* Mapping(void* address, nuint size, int protection, int flags)
    {
        void* mapping = Mmap(address, size, protection, MapPrivate | MapAnonymous | flags, -1, 0);
        if ((nint)mapping == MapFailed)
        {
            _ = RecordFailure("mmap", address, size);
            return null;
        }

        return mapping;
    }

    // False, for the caller to return. Want of memory is not recorded as a failure: it is an answer.
    private static bool RecordFailure(string call, void* address, nuint size)
    {
        int error = Marshal.GetLastPInvokeError();
        if (error == ErrorNoMemory || error == ErrorAgain)
        {
            SystemFailure.Clear();
        }
        else
        {
            SystemFailure.Record(call, address, size, error);
        }

        return false;
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void* Mmap(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Munmap(void* address, nuint length);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Mprotect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Madvise(void* address, nuint length, int advice);
}
