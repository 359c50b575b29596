// Finds the messages in what has been received, however it is cut into segments.
//
//     consumed + what is left of a message that has not wholly arrived = received
//
// A length is judged before anybody waits for so many bytes: a damaged one must not make a reader wait for ever, nor hold gigabytes.

using System;
using System.Buffers;

namespace Gateway.Wire;

internal static class MessageFraming
{
    /// <summary>Takes the next message off the front of what has been received.</summary>
    /// <param name="received">What has been received; begins after the message when this returns true.</param>
    /// <param name="header">The message's header.</param>
    /// <param name="message">The message, its header included.</param>
    /// <param name="problem">What is wrong with the header. Where something is, no message is taken.</param>
    /// <returns>Whether a whole message was there.</returns>
    public static bool TryRead(ref ReadOnlySequence<byte> received, out MessageHeader header, out ReadOnlySequence<byte> message, out WireProblem problem)
    {
        message = default;
        problem = WireProblem.None;
        ReadOnlySpan<byte> first = received.FirstSpan;
        if (first.Length >= MessageHeader.Size)
        {
            header = MessageHeader.Read(first);
        }
        else if (!TryReadSplit(in received, out header))
        {
            return false;
        }

        problem = Judge(in header);
        if (problem != WireProblem.None || received.Length < header.Length)
        {
            return false;
        }

        SequencePosition end = received.GetPosition(header.Length);
        message = received.Slice(received.Start, end);
        received = received.Slice(end);
        return true;
    }

    private static bool TryReadSplit(in ReadOnlySequence<byte> received, out MessageHeader header)
    {
        if (received.Length < MessageHeader.Size)
        {
            header = default;
            return false;
        }

        Span<byte> bytes = stackalloc byte[MessageHeader.Size];
        received.Slice(0, MessageHeader.Size).CopyTo(bytes);
        header = MessageHeader.Read(bytes);
        return true;
    }

    private static WireProblem Judge(in MessageHeader header)
        => header.Length < MessageHeader.Size ? WireProblem.TooShort
            : header.Length > MessageHeader.MaxLength ? WireProblem.TooLong
            : header.Version != MessageHeader.CurrentVersion ? WireProblem.WrongVersion
            : header.Sequence <= 0 ? WireProblem.BadSequence
            : !MessageLengths.IsKnown(header.Type) ? WireProblem.UnknownType
            : header.Length != MessageLengths.Of(header.Type, header.Count) ? WireProblem.WrongLength
            : WireProblem.None;
}
