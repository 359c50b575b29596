// Every atomic read-modify-write of the allocator goes through here, and every lock is a HeapLock, which uses it too. One place, so that a
// build of its own can count them (an object should cost no more than 0.02 of either), and a banned-symbols file keeps all other code from
// reaching past it. That build gives Counted a body (PlatformCounts.cs); in every other the compiler leaves its calls out.

using System.Runtime.CompilerServices;
using System.Threading;

namespace NativeHeap.Platform;

#pragma warning disable RS0030 // This is where the ban sends everybody: the one place that may use Interlocked.

/// <summary>The atomic operations of the allocator; all are full fences.</summary>
internal static partial class Atomic
{
    /// <summary>Adds and returns the sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Add(ref long location, long value)
    {
        Counted();
        return Interlocked.Add(ref location, value);
    }

    /// <summary>Stores and returns what was there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Exchange(ref int location, int value)
    {
        Counted();
        return Interlocked.Exchange(ref location, value);
    }

    /// <inheritdoc cref="Exchange(ref int, int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T? Exchange<T>(ref T? location, T? value)
        where T : class
    {
        Counted();
        return Interlocked.Exchange(ref location, value);
    }

    /// <summary>Stores if the location holds the comparand; returns what was there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CompareExchange(ref int location, int value, int comparand)
    {
        Counted();
        return Interlocked.CompareExchange(ref location, value, comparand);
    }

    /// <inheritdoc cref="CompareExchange(ref int, int, int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long CompareExchange(ref long location, long value, long comparand)
    {
        Counted();
        return Interlocked.CompareExchange(ref location, value, comparand);
    }

    /// <inheritdoc cref="CompareExchange(ref int, int, int)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint CompareExchange(ref uint location, uint value, uint comparand)
    {
        Counted();
        return Interlocked.CompareExchange(ref location, value, comparand);
    }

    /// <summary>Writes a word without changing it, whoever writes to it at the same time.</summary>
    public static void Touch(ref int location)
    {
        Counted();
        _ = Interlocked.Or(ref location, 0);
    }

    /// <summary>A full fence.</summary>
    public static void Fence()
    {
        Counted();
        Interlocked.MemoryBarrier();
    }

    /// <summary>A full fence in every thread of the process: what each had stored before is seen after, and what it loads after is no older. Takes microseconds; the threads pay nothing otherwise.</summary>
    public static void FenceAllThreads() => Interlocked.MemoryBarrierProcessWide();

    static partial void Counted();
}
