// Bytes cut into segments, as a socket and a pool may leave them.

using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;

namespace Gateway.Tests.Wire;

internal static class Segments
{
    /// <summary>A sequence of bytes with cuts at given places, which may coincide: then a segment between them is empty.</summary>
    public static ReadOnlySequence<byte> Cut(byte[] bytes, IEnumerable<int> cuts)
    {
        Segment first = new(ReadOnlyMemory<byte>.Empty, 0);
        Segment last = first;
        int start = 0;
        foreach (int cut in cuts.Select(cut => Math.Clamp(cut, 0, bytes.Length)).Order().Append(bytes.Length))
        {
            last = last.Append(bytes.AsMemory(start, cut - start));
            start = cut;
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long start)
        {
            Memory = memory;
            RunningIndex = start;
        }

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            Segment next = new(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
