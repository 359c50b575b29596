// The build that counts (-p:NativeHeapCounts=true), for the benchmarks' `counts` command: how many times a lock was taken and an atomic operation
// done, by all threads, since the process began. No other build has anything of this file.
//
//     Atomics = all operations of Atomic;  of them Locks took a lock;  the rest release locks, tried in vain, or serve something else

#if NATIVEHEAP_COUNTS
using System.Threading;

namespace NativeHeap.Platform;

#pragma warning disable RS0030 // The counters themselves must not be counted, so they cannot go through Atomic.

/// <summary>What the allocator's locks and atomic operations add up to.</summary>
internal static class PlatformCounts
{
    private static long s_locks;
    private static long s_atomics;

    /// <summary>Locks taken.</summary>
    public static long Locks => Interlocked.Read(ref s_locks);

    /// <summary>Atomic operations, those that took a lock included.</summary>
    public static long Atomics => Interlocked.Read(ref s_atomics);

    public static void AddLock() => Interlocked.Increment(ref s_locks);

    public static void AddAtomic() => Interlocked.Increment(ref s_atomics);
}

internal static partial class Atomic
{
    static partial void Counted() => PlatformCounts.AddAtomic();
}

internal unsafe partial struct HeapLock
{
    static partial void CountedAcquisition() => PlatformCounts.AddLock();
}
#endif
