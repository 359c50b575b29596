// The errors of this floor, in one voice with HeapErrors: what was asked, which value is wrong, what the way out is. Nothing here is reached but to throw.

using System;
using System.Diagnostics.CodeAnalysis;

using static System.FormattableString;

namespace NativeHeap.Buffers;

/// <summary>Makes the exceptions that users of buffers see.</summary>
internal static class BufferErrors
{
    /// <summary>A buffer used or returned after it has been returned.</summary>
    public static ObjectDisposedException Returned() => new(
        nameof(NativeMemoryOwner),
        $"The buffer has been returned to its pool. Return it once, after the last use of its memory. With {nameof(NativeMemoryPoolOptions)}.{nameof(NativeMemoryPoolOptions.Check)} = {nameof(CheckLevel.Basic)} every such mistake is found.");

    /// <summary>A pool used after its disposal.</summary>
    public static ObjectDisposedException PoolDisposed(string? name) => new(nameof(NativeMemoryPool), $"{Named(name)} has been disposed of.");

    /// <summary>A length that no buffer has.</summary>
    public static ArgumentOutOfRangeException BadLength(string parameter, int length, int most) =>
        new(parameter, length, Invariant($"The length of {length:N0} bytes is not from 0 to {most:N0}."));

    /// <summary>A place outside of a buffer.</summary>
    public static ArgumentOutOfRangeException BeyondBuffer(string parameter, int index, int length) =>
        new(parameter, index, Invariant($"The index {index:N0} is outside of the buffer, which has {length:N0} bytes."));

    /// <summary>More written than there was room for.</summary>
    public static ArgumentOutOfRangeException BadAdvance(string parameter, int count, int room) =>
        new(parameter, count, Invariant($"The count of {count:N0} bytes is not from 0 to {room:N0}, which is what the last GetSpan or GetMemory had room for."));

    /// <summary>What was detached and has been returned.</summary>
    public static ObjectDisposedException SequenceReturned() =>
        new(nameof(DetachedSequence), "The buffers of the sequence have been returned to their pool. Dispose of a detached sequence once, after the last use of its memory.");

    /// <summary>The pool's limit in the way.</summary>
    [SuppressMessage("Usage", "CA2201:Do not raise reserved exception types", Justification = "Running out of memory is what it means, that of the pool.")]
    public static OutOfMemoryException AtLimit(string? name, int capacity, long maximum, long total) => new(Invariant(
        $"A buffer of {capacity:N0} bytes would take {Named(name)} over its limit of {maximum:N0} bytes ({nameof(NativeMemoryPoolOptions)}.{nameof(NativeMemoryPoolOptions.MaximumBytes)}): its buffers take {total:N0}. Return buffers, wait for one by {nameof(NativeMemoryPool.RentAsync)}, or make the pool with a higher limit."));

    /// <summary>A limit too low for any buffer.</summary>
    public static ArgumentOutOfRangeException BadMaximum(string parameter, long maximum, long least) =>
        new(parameter, maximum, Invariant($"The limit of {maximum:N0} bytes is less than {least:N0}, the smallest buffer. It must be that or more, or null for no limit."));

    /// <summary>A time that is none.</summary>
    public static ArgumentOutOfRangeException BadIdleTime(string parameter, TimeSpan time, TimeSpan least, TimeSpan most) =>
        new(parameter, time, Invariant($"The time of {time} is not from {least} to {most}. It must be, or Timeout.InfiniteTimeSpan to keep idle buffers."));

    /// <summary>A value of an enumeration that there is not.</summary>
    public static ArgumentOutOfRangeException BadChoice<T>(string parameter, T value)
        where T : struct, Enum
        => new(parameter, value, $"There is no {typeof(T).Name} {value}. It must be one of {string.Join(", ", Enum.GetNames<T>())}.");

    private static string Named(string? name) => name == null ? "the pool" : $"the pool '{name}'";
}
