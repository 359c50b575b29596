// The errors of messages and rings, in the voice of HeapErrors: what was asked, which value is wrong, what the way out is. Nothing here is reached but to throw.
//
// A word that is used too late may meet anything, so what is said of it is what is known: that the message it stood for is gone.

using System;

using static System.FormattableString;

namespace NativeHeap.Buffers;

/// <summary>Makes the exceptions that users of messages and rings see.</summary>
internal static class MessageErrors
{
    /// <summary>A struct whose message is gone, or that never had one.</summary>
    /// <param name="token">Its word.</param>
    public static Exception NoMessage(ulong token) => token == 0
        ? new InvalidOperationException($"This {nameof(MessageBuffer)} is default, which is no message. Make one by {nameof(MessageBuffer)}.{nameof(MessageBuffer.Rent)} or {nameof(MessageBuffer.CopyFrom)}.")
        : new ObjectDisposedException(nameof(MessageBuffer), "The message has been released for the last time, by this variable or by another that stood for it, or what lies before it in memory was written over its end. Each rent and each Retain allows one Release: retain before the message is handed to somebody else, and use it no more after the release.");

    /// <summary>More references than can be counted.</summary>
    public static InvalidOperationException TooManyReferences(int references, int more) => new(Invariant(
        $"The message has {references:N0} references, and {more:N0} more would be over the limit of {MessageHeader.MaxReferences:N0}. There is a Retain without its Release."));

    /// <summary>A number of references that none can have.</summary>
    public static ArgumentOutOfRangeException BadReferences(string parameter, int count) =>
        new(parameter, count, Invariant($"A message can be retained once or more at a time, and not {count:N0} times."));

    /// <summary>A length that no message has.</summary>
    public static ArgumentOutOfRangeException BadLength(string parameter, long length) =>
        new(parameter, length, Invariant($"A message can have 0 to {int.MaxValue:N0} bytes, and not {length:N0}."));

    /// <summary>A length beyond what was rented.</summary>
    public static ArgumentOutOfRangeException BeyondCapacity(string parameter, int length, int capacity) =>
        new(parameter, length, Invariant($"The message was rented for {capacity:N0} bytes, and its length can be 0 to that, and not {length:N0}. Rent a longer one and set its length."));

    /// <summary>A message of a heap that has ended.</summary>
    public static ObjectDisposedException HeapEnded() =>
        new(nameof(MessageBuffer), "The message's heap has been disposed of or reset, and the message with it. Release messages before that.");

    /// <summary>A ring used after its disposal.</summary>
    public static ObjectDisposedException Disposed(string ring) => new(ring, $"The {ring} has been disposed of, and all that was left in it with it.");

    /// <summary>A capacity that no ring has.</summary>
    public static ArgumentOutOfRangeException BadCapacity(string parameter, int capacity, int most) =>
        new(parameter, capacity, Invariant($"A ring of such values can have room for 1 to {most:N0}, and not for {capacity:N0}."));

    /// <summary>More places than were claimed, or more values than are there.</summary>
    public static ArgumentOutOfRangeException BadCount(string parameter, int count, long most, string what) =>
        new(parameter, count, Invariant($"There are {most:N0} {what}, and {count:N0} were to be passed on."));
}
