// Traces for the tests: sound ones, at random or by hand, whose bytes a test may then spoil.

using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Runtime.InteropServices;

using CsCheck;

using NativeHeap.Benchmarks.Measures.Traces;
using NativeHeap.Recording;

namespace NativeHeap.Benchmarks.Tests.Traces;

internal sealed unsafe class TraceBuilder
{
    public const int HeaderSize = 36;
    public const int EventSize = 12;

    private const int RandomThreads = 5;

    private readonly List<TraceEvent> _events = [];

    /// <summary>Random traces in which every operation occurs, of several threads that free each other's objects.</summary>
    public static Gen<TraceBuilder> Random { get; } = Gen.Select(Gen.Int[0, 99], Gen.Int[0, RandomThreads - 1], Gen.Int[0, 5_000], Gen.Int[0, int.MaxValue - 1]).Array[20, 400]
        .Select(steps =>
        {
            TraceBuilder trace = new();
            List<uint> live = [];
            foreach ((int kind, int thread, int size, int pick) in steps)
            {
                trace.AddAtRandom(live, kind, thread, (uint)size, pick);
            }

            return trace;
        });

    /// <summary>Two threads, and each operation once.</summary>
    public static TraceBuilder OfEveryKind() => new TraceBuilder()
        .Add(TraceOp.Alloc, 0, 100)
        .Add(TraceOp.AllocZeroed, 1, 200, thread: 1)
        .Add(TraceOp.Realloc, 0, 300, thread: 1)
        .Add(TraceOp.Free, 1)
        .Add(TraceOp.AllocAligned, 1, 50, shift: 6)
        .Add(TraceOp.Free, 0);

    public TraceBuilder Add(TraceOp op, uint slot, uint size = 0, int thread = 0, int shift = 0)
    {
        _events.Add(new() { Op = op, Slot = slot, Size = size, Thread = (ushort)thread, AlignmentShift = (byte)shift });
        return this;
    }

    /// <summary>As the file has it, with the header that its events deserve.</summary>
    public byte[] ToBytes()
    {
        TraceHeader header = Header();
        byte[] bytes = new byte[HeaderSize + (_events.Count * EventSize)];
        MemoryMarshal.Write(bytes, in header);
        MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_events)).CopyTo(bytes.AsSpan(HeaderSize));
        return bytes;
    }

    public Trace ToTrace()
    {
        Trace trace = new("test", Header());
        CollectionsMarshal.AsSpan(_events).CopyTo(new Span<TraceEvent>(trace.Events, trace.Count));
        return trace;
    }

    public static byte[] Pack(byte[] bytes)
    {
        using MemoryStream packed = new();
        using (BrotliStream brotli = new(packed, CompressionLevel.Optimal))
        {
            brotli.Write(bytes);
        }

        return packed.ToArray();
    }

    private TraceHeader Header()
    {
        Dictionary<uint, uint> live = [];
        ulong liveBytes = 0;
        TraceHeader header = new() { Magic = TraceHeader.ExpectedMagic, Events = (ulong)_events.Count };
        foreach (TraceEvent e in _events)
        {
            liveBytes = liveBytes - live.GetValueOrDefault(e.Slot) + e.Size;
            _ = live.Remove(e.Slot);
            if (e.Op != TraceOp.Free)
            {
                live.Add(e.Slot, e.Size);
            }

            header.Threads = uint.Max(header.Threads, e.Thread + 1u);
            header.Slots = uint.Max(header.Slots, (uint)live.Count);
            header.PeakLiveBytes = ulong.Max(header.PeakLiveBytes, liveBytes);
            header.TotalBytes += e.Size;
        }

        return header;
    }

    // Threads are numbered as they come; a free slot is any, a new one only if there is none.
    private void AddAtRandom(List<uint> live, int kind, int thread, uint size, int pick)
    {
        thread = Math.Min(thread, _events.Select(e => e.Thread + 1).DefaultIfEmpty().Max());
        if (live.Count != 0 && kind < 40)
        {
            int index = pick % live.Count;
            _ = Add(TraceOp.Free, live[index], thread: thread);
            live.RemoveAt(index);
        }
        else if (live.Count != 0 && kind < 60)
        {
            _ = Add(TraceOp.Realloc, live[pick % live.Count], size, thread);
        }
        else
        {
            uint slot = (uint)Enumerable.Range(0, live.Count + 1).First(free => !live.Contains((uint)free));
            live.Add(slot);
            _ = kind < 70 ? Add(TraceOp.AllocAligned, slot, size, thread, 4 + (pick % 8)) : Add(kind < 80 ? TraceOp.AllocZeroed : TraceOp.Alloc, slot, size, thread);
        }
    }
}
