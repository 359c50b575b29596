// The operating system's memory, behind eight verbs. Nothing above this floor calls the system for memory in any other way.
//
// A range of addresses is in one of four states, and a verb moves it from one to the next:
//
//     None      not ours
//     Reserved  ours, but touching it faults; costs no memory
//     Prepared  may become usable without failing for want of address space; contents undefined, must not be touched
//     Ready     may be read and written
//
//     Reserve   None -> Reserved                      Used     Prepared -> Ready; zero if it was never used or after Unused
//     Map       Reserved -> Prepared                  Unused   Ready -> Prepared; gives the memory behind it back
//     Alloc     None -> Ready, for metadata: zero,    Purge    Ready -> Ready; gives the memory behind it back, and the contents are lost
//              and only touched pages cost            Fault    Prepared or Ready -> Reserved; any later touch faults
//     Free      any -> None
//
// Map and Used of what is Ready already change nothing. All but Purge are those of Go's runtime (mem.go), which has run on every system of interest with
// them; Purge is for holes between live objects, which must stay usable whatever happens, so that the way over Prepared, where Used can fail, is closed to them.
//
// Ranges need not be whole pages of the system, which are 4 to 64 KiB, where ours are 8. Map and Used reach outward to whole ones; Unused, Purge and
// Fault, which take something away, reach inward, and what is smaller than a system page stays. Free takes the range that Alloc or Reserve was asked for.
// Unused, Purge and Fault may cross from one reservation into the next.
//
// What Alloc and Reserve give stands between two guards, addresses that are never usable: a write that runs on beyond either end of a range dies there, before it reaches another's. Guards cost addresses and no memory. Who asked
// for a range knows nothing of them: they are in no size and in no figure, and Free takes them along. (On Linux neighbours' guards are one mapping, so that a range costs two where it cost one or two.)
//
// All verbs may be called from any thread; whoever calls one owns the range. None throws, as most are called with a lock held: a verb that fails says so by its
// result and has then changed nothing, and SystemFailure has the reason if it is another than want of memory. They make ordinary P/Invokes,
// with a GC transition: a system call may take long, and a collection must not wait for it. Each asks FaultInjection first, by which tests refuse in the system's place.
//
// Windows has a file of its own, Linux and macOS share one for what is the same on both.

using System;
using System.Runtime.InteropServices;

namespace NativeHeap.Platform;

/// <summary>The eight verbs over the operating system's memory.</summary>
internal static unsafe partial class VirtualMemory
{
    // No process is given more addresses than this unless it asks for them. Sums of sizes below it cannot overflow.
    private const ulong AddressSpace = 1UL << 48;

    // The least that is given back instead of cleared. A page that comes anew takes longer than its clearing, but one that was never touched would be by that.
    private const nuint LeastGiven = 1 << 20;

    /// <summary>The system's page, in bytes: a power of two.</summary>
    public static nuint PageSize { get; } = (nuint)Environment.SystemPageSize;

    /// <summary>The inaccessible addresses before and after each range that <see cref="Alloc"/> or <see cref="Reserve"/> has given, in bytes.</summary>
    public static nuint GuardSize { get; } = OperatingSystem.IsWindows() ? AllocationGranularity : PageSize;

    /// <summary>Obtains zeroed memory for metadata.</summary>
    /// <param name="size">In bytes.</param>
    /// <returns>Its address, or null.</returns>
    public static void* Alloc(nuint size)
    {
        if (size >= AddressSpace)
        {
            SystemFailure.Clear();
            return null;
        }

        return FaultInjection.Refuses(SystemCall.Alloc, null, size) ? null
            : FaultInjection.Obtained(OperatingSystem.IsWindows() ? WindowsAlloc(size) : PosixAlloc(Up(size)), size);
    }

    /// <summary>Gives a whole range of Alloc or Reserve back, in whatever state it is.</summary>
    /// <returns>Whether the system took it.</returns>
    public static bool Free(void* address, nuint size) =>
        !FaultInjection.Refuses(SystemCall.Free, address, size)
        && FaultInjection.Returned(address, OperatingSystem.IsWindows() ? WindowsFree(address, size) : PosixFree(address, Up(size)));

    /// <summary>Reserves addresses.</summary>
    /// <param name="size">In bytes.</param>
    /// <param name="alignment">Of the address, in bytes: a power of two.</param>
    /// <returns>The address, or null.</returns>
    public static void* Reserve(nuint size, nuint alignment)
    {
        if (size >= AddressSpace)
        {
            SystemFailure.Clear();
            return null;
        }

        return FaultInjection.Refuses(SystemCall.Reserve, null, size) ? null
            : FaultInjection.Obtained(OperatingSystem.IsWindows() ? WindowsReserve(size, alignment) : PosixReserve(Up(size), nuint.Max(alignment, PageSize)), size);
    }

    /// <summary>Prepares a reserved range.</summary>
    /// <returns>Whether it is prepared now.</returns>
    public static bool Map(void* address, nuint size)
    {
        Outward(ref address, ref size);
        return !FaultInjection.Refuses(SystemCall.Map, address, size) && (OperatingSystem.IsWindows() ? WindowsMap() : PosixMap(address, size));
    }

    /// <summary>Makes a prepared range usable.</summary>
    /// <returns>Whether it is usable now.</returns>
    public static bool Used(void* address, nuint size)
    {
        Outward(ref address, ref size);
        return !FaultInjection.Refuses(SystemCall.Used, address, size) && (OperatingSystem.IsWindows() ? WindowsUsed(address, size) : PosixUsed());
    }

    /// <summary>Gives the memory of a range back and keeps its addresses; to be used again after <see cref="Used"/> only.</summary>
    /// <returns>The bytes given back: the whole system pages of the range, or 0 if the system keeps them, as it does those that are locked in memory.</returns>
    public static nuint Unused(void* address, nuint size)
    {
        Inward(ref address, ref size);
        bool done = size != 0 && !FaultInjection.Refuses(SystemCall.Unused, address, size) && (OperatingSystem.IsWindows() ? WindowsUnused(address, size)
            : OperatingSystem.IsMacOS() ? MacUnused(address, size)
            : LinuxDiscard(address, size));
        return done ? size : 0;
    }

    /// <summary>Gives the memory of a range back, which stays usable; what it held is lost, or not, page by page.</summary>
    /// <returns>The bytes given back: the whole system pages of the range, or 0 if the system keeps them, as it does those that are locked in memory.</returns>
    public static nuint Purge(void* address, nuint size)
    {
        Inward(ref address, ref size);
        bool done = size != 0 && !FaultInjection.Refuses(SystemCall.Purge, address, size) && (OperatingSystem.IsWindows() ? WindowsPurge(address, size)
            : OperatingSystem.IsMacOS() ? MacPurge(address, size)
            : LinuxDiscard(address, size));
        return done ? size : 0;
    }

    /// <summary>Makes any later touch of a range fault, and gives its memory back.</summary>
    /// <returns>Whether it is reserved now; true if it holds no whole system page.</returns>
    public static bool Fault(void* address, nuint size)
    {
        Inward(ref address, ref size);
        return size == 0 || (!FaultInjection.Refuses(SystemCall.Fault, address, size) && (OperatingSystem.IsWindows() ? WindowsUnused(address, size) : PosixFault(address, size)));
    }

    /// <summary>Clears a ready range: where that is quicker, and Linux alone promises zeros, by giving its memory back.</summary>
    public static void Zero(void* address, nuint size)
    {
        nuint given = OperatingSystem.IsLinux() && size >= LeastGiven ? Purge(address, size) : 0;
        byte* start = given == 0 ? (byte*)address + size : (byte*)Up((nuint)address);
        NativeMemory.Clear(address, (nuint)(start - (byte*)address));
        NativeMemory.Clear(start + given, (nuint)((byte*)address + size - (start + given)));
    }

    /// <summary>Resolves the system's calls, so that whoever comes to need one finds it ready: the runtime allocates a managed object for the first call of each.</summary>
    public static void Prepare()
    {
        void* page = Reserve(PageSize, PageSize);
        if (page != null)
        {
            _ = Map(page, PageSize) && Used(page, PageSize) && Purge(page, PageSize) + Unused(page, PageSize) != 0 && Fault(page, PageSize);
            _ = Free(page, PageSize);
        }
    }

    private static nuint Up(nuint value) => (value + PageSize - 1) & ~(PageSize - 1);

    private static void Outward(ref void* address, ref nuint size)
    {
        nuint end = Up((nuint)address + size);
        address = (void*)((nuint)address & ~(PageSize - 1));
        size = end - (nuint)address;
    }

    private static void Inward(ref void* address, ref nuint size)
    {
        nuint start = Up((nuint)address);
        nuint end = ((nuint)address + size) & ~(PageSize - 1);
        address = (void*)start;
        size = start < end ? end - start : 0;
    }
}
