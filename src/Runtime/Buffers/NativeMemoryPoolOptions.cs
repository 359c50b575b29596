// Options are checked when they are set, as a heap's are (Heaps/HeapOptions.cs), so that the error names the property and its value.
//
// What is not set is null or the default that its text names; the check level is then the process's, which the pool reads when it is made.

using System;
using System.Threading;

using NativeHeap.Buffers;

namespace NativeHeap;

/// <summary>What a <see cref="NativeMemoryPool"/> is to do beside the usual. Read once, when the pool is made.</summary>
public sealed class NativeMemoryPoolOptions
{
    private static readonly TimeSpan s_leastIdleTime = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_mostIdleTime = TimeSpan.FromDays(1);

    /// <summary>The pool's name in error messages and statistics; null for none.</summary>
    public string? Name { get; init; }

    /// <summary>The heap that native buffers come from; null for <see cref="NativeHeap.Heap.Shared"/>. The pool ends when the heap is disposed of or reset, and what is rented of it then ends with the heap's other objects.</summary>
    public Heap? Heap { get; init; }

    /// <summary>Where the buffers are. <see cref="BufferBacking.Native"/> unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such backing.</exception>
    public BufferBacking Backing
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw BufferErrors.BadChoice(nameof(Backing), value);
    }

    /// <summary>The most that all buffers may take, rented or not, in bytes; null, as it is at first, for no limit. At least 64.</summary>
    /// <remarks>
    /// The limit is exact, on any number of threads. A request that would pass it first takes what is idle, from other threads too. Then <see cref="NativeMemoryPool.Rent"/> throws
    /// <see cref="OutOfMemoryException"/>, <see cref="NativeMemoryPool.TryRent"/> returns <see langword="false"/>, and <see cref="NativeMemoryPool.RentAsync"/> waits.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 64.</exception>
    public long? MaximumBytes
    {
        get;
        init => field = value is null || value >= BufferBuckets.LengthOf(0) ? value : throw BufferErrors.BadMaximum(nameof(MaximumBytes), value.Value, BufferBuckets.LengthOf(0));
    }

    /// <summary>
    /// How long buffers stay in the pool that nobody needs: they go back to the heap, or the collector, after one to three times as long. Ten seconds unless set, as in Kestrel's own pool;
    /// <see cref="Timeout.InfiniteTimeSpan"/> to keep them until <see cref="NativeMemoryPool.Trim"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is neither from 10 milliseconds to a day nor infinite.</exception>
    public TimeSpan IdleTime
    {
        get;
        init => field = value == Timeout.InfiniteTimeSpan || (value >= s_leastIdleTime && value <= s_mostIdleTime)
            ? value
            : throw BufferErrors.BadIdleTime(nameof(IdleTime), value, s_leastIdleTime, s_mostIdleTime);
    }
    = TimeSpan.FromSeconds(10);

    /// <summary>Whether memory is overwritten with zeros when it is returned, so that who rents it next does not see what was in it. Not unless set.</summary>
    public bool ClearOnReturn { get; init; }

    /// <summary>
    /// How closely returns are checked; null, as it is at first, for what the process is set to by <c>NATIVEHEAP_CHECK</c> or AppContext's <c>NativeHeap.Check</c>, and else <see cref="CheckLevel.Off"/>. At
    /// <see cref="CheckLevel.Basic"/> owners and memory are used once, so that every use and every return after a return is an error: tens of times slower, with garbage.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such level.</exception>
    public CheckLevel? Check
    {
        get;
        init => field = value is null || Enum.IsDefined(value.Value) ? value : throw BufferErrors.BadChoice(nameof(Check), value.Value);
    }
}
