// The operating system's memory, behind seven verbs. Nothing above this floor calls the system for memory in any other way.
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
//     Alloc     None -> Ready, for metadata: zero,    Fault    Prepared or Ready -> Reserved; any later touch faults
//              and only touched pages cost
//     Free      any -> None
//
// The verbs are those of Go's runtime (mem.go), which has run on every system of interest with them. Sizes and addresses are multiples of
// the system's page. All verbs may be called from any thread; whoever calls one owns the range. A verb that can fail says so by its
// result and has then changed nothing. They make ordinary P/Invokes, with a GC transition: a system call may take long, and a
// collection must not wait for it.
//
// One file an operating system implements them.

using System;

namespace NativeHeap.Platform;

/// <summary>The seven verbs over the operating system's memory.</summary>
internal static unsafe partial class VirtualMemory
{
    /// <summary>Obtains zeroed memory for metadata.</summary>
    /// <param name="size">In bytes.</param>
    /// <returns>Its address, or null.</returns>
    public static void* Alloc(nuint size) => OperatingSystem.IsLinux() ? LinuxAlloc(size) : throw Unsupported();

    /// <summary>Gives a whole range back, in whatever state it is.</summary>
    public static void Free(void* address, nuint size)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw Unsupported();
        }

        LinuxFree(address, size);
    }

    /// <summary>Reserves addresses.</summary>
    /// <param name="size">In bytes.</param>
    /// <param name="alignment">Of the address, in bytes: a power of two.</param>
    /// <returns>The address, or null.</returns>
    public static void* Reserve(nuint size, nuint alignment) => OperatingSystem.IsLinux() ? LinuxReserve(size, alignment) : throw Unsupported();

    /// <summary>Prepares a reserved range.</summary>
    /// <returns>Whether it is prepared now.</returns>
    public static bool Map(void* address, nuint size) => OperatingSystem.IsLinux() ? LinuxMap(address, size) : throw Unsupported();

    /// <summary>Makes a prepared range usable.</summary>
    /// <returns>Whether it is usable now.</returns>
    public static bool Used(void* address, nuint size) => OperatingSystem.IsLinux() ? LinuxUsed(address, size) : throw Unsupported();

    /// <summary>Gives the memory of a range back and keeps its addresses.</summary>
    public static void Unused(void* address, nuint size)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw Unsupported();
        }

        LinuxUnused(address, size);
    }

    /// <summary>Makes any later touch of a range fault.</summary>
    public static void Fault(void* address, nuint size)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw Unsupported();
        }

        LinuxFault(address, size);
    }

    private static PlatformNotSupportedException Unsupported() =>
        new($"NativeHeap does not run on {Environment.OSVersion} yet. Linux is supported.");
}
