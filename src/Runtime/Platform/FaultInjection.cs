// Where a test stands between the allocator and the system: it is asked before each call that the system may refuse, and told of the addresses that were given and taken back.
//
//     a call refused here looks to its caller as one that the system has refused: nothing has changed, and SystemFailure holds Error, or nothing if that is want of memory
//
// Nobody but a test arms it, so a program pays a load and a test that is always foreseen, in calls that then enter the kernel. Metadata is the exception: its blocks come
// from chunks, and one refused here stands for a chunk that the system refused, at the very block.
//
// What is armed is asked by any thread, often with a lock held: it must not throw, nor call the allocator.

using System.Threading;

namespace NativeHeap.Platform;

/// <summary>What the system may refuse: the eight verbs of <see cref="VirtualMemory"/>, and what else the allocator needs of it.</summary>
internal enum SystemCall
{
    /// <summary><see cref="VirtualMemory.Alloc"/>.</summary>
    Alloc,

    /// <summary><see cref="VirtualMemory.Free"/>.</summary>
    Free,

    /// <summary><see cref="VirtualMemory.Reserve"/>.</summary>
    Reserve,

    /// <summary><see cref="VirtualMemory.Map"/>.</summary>
    Map,

    /// <summary><see cref="VirtualMemory.Used"/>.</summary>
    Used,

    /// <summary><see cref="VirtualMemory.Unused"/>.</summary>
    Unused,

    /// <summary><see cref="VirtualMemory.Purge"/>.</summary>
    Purge,

    /// <summary><see cref="VirtualMemory.Fault"/>.</summary>
    Fault,

    /// <summary><see cref="VirtualMemory.Lock"/>.</summary>
    Lock,

    /// <summary>A block of the <see cref="MetadataAllocator"/>.</summary>
    Metadata,

    /// <summary><see cref="ThreadExit.Watch"/>.</summary>
    Watch,
}

/// <summary>A test's decision about which calls fail.</summary>
internal abstract unsafe class FaultInjection
{
    private static FaultInjection? s_armed;

    /// <summary>Who is asked, in all threads; null in every process but a test's.</summary>
    public static FaultInjection? Armed
    {
        get => Volatile.Read(ref s_armed);
        set => Volatile.Write(ref s_armed, value);
    }

    /// <summary>Whether a call is to be refused. If so, the reason is where the system's would be.</summary>
    /// <param name="call">The call.</param>
    /// <param name="address">The range's address, or null if the system was to choose one.</param>
    /// <param name="size">The range's size, in bytes.</param>
    public static bool Refuses(SystemCall call, void* address, nuint size)
    {
        FaultInjection? armed = s_armed;
        if (armed == null || !armed.Decide(call))
        {
            return false;
        }

        if (armed.Error == 0)
        {
            SystemFailure.Clear();
        }
        else
        {
            SystemFailure.Record("refused by a test", address, size, armed.Error);
        }

        return true;
    }

    /// <summary>Tells of addresses that the system has given by Alloc or Reserve.</summary>
    /// <returns>The address, which is null if it has given none.</returns>
    public static void* Obtained(void* address, nuint size)
    {
        if (address != null)
        {
            s_armed?.OnObtained(address, size);
        }

        return address;
    }

    /// <summary>Tells of addresses that were given back by Free.</summary>
    /// <returns>Whether they were.</returns>
    public static bool Returned(void* address, bool done)
    {
        if (done)
        {
            s_armed?.OnReturned(address);
        }

        return done;
    }

    /// <summary>The system's number for why; 0 for want of memory.</summary>
    protected abstract int Error { get; }

    /// <summary>Whether a call is to be refused.</summary>
    protected abstract bool Decide(SystemCall call);

    /// <summary>The system has given addresses.</summary>
    protected abstract void OnObtained(void* address, nuint size);

    /// <summary>Addresses have been given back.</summary>
    protected abstract void OnReturned(void* address);
}
