// A recorded program's allocations, in memory: the events of an NHT1 file, packed as in the file, twelve bytes each.
//
// They lie in native memory, where the garbage collector does not go, and are not freed: a worker replays one trace and ends. What is read
// from a file has been checked (TraceFile), so that a replay can follow it blindly.

using System;
using System.Linq;
using System.Runtime.InteropServices;

namespace NativeHeap.Benchmarks.Measures.Traces;

internal enum TraceOp : byte
{
    Alloc = 1,
    Free = 2,
    AllocZeroed = 3,
    AllocAligned = 4,
    Realloc = 5,
}

[StructLayout(LayoutKind.Sequential)]
internal struct TraceEvent
{
    public TraceOp Op;

    /// <summary>Binary logarithm of the alignment that was asked for; 0 for the default.</summary>
    public byte AlignmentShift;

    /// <summary>Who called, in the recorded program.</summary>
    public ushort Thread;

    /// <summary>Which of the live objects it is about.</summary>
    public uint Slot;

    /// <summary>In bytes; the new size of a realloc, 0 of a free.</summary>
    public uint Size;

    public readonly nuint Alignment => (nuint)1 << AlignmentShift;
}

/// <summary>The start of an NHT1 file.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct TraceHeader
{
    /// <summary>The four letters NHT1.</summary>
    public const uint ExpectedMagic = 'N' | ('H' << 8) | ('T' << 16) | ('1' << 24);

    public uint Magic;
    public uint Threads;
    public uint Slots;
    public ulong Events;
    public ulong PeakLiveBytes;
    public ulong TotalBytes;
}

internal sealed unsafe class Trace(string name, TraceHeader header)
{
    public string Name { get; } = name;

    public TraceHeader Header => header;

    public int Count { get; } = (int)header.Events;

    public int Slots { get; } = (int)header.Slots;

    public int Threads { get; } = (int)header.Threads;

    public TraceEvent* Events { get; } = (TraceEvent*)NativeMemory.Alloc((nuint)header.Events, (nuint)sizeof(TraceEvent));

    public Span<byte> Bytes(long offset, int length) => new((byte*)Events + offset, length);

    /// <summary>A trace of the first events only, or of all if there are no more.</summary>
    public Trace Beginning(int count)
    {
        TraceHeader start = header;
        start.Events = (ulong)Math.Min(count, Count);
        ReadOnlySpan<TraceEvent> events = new(Events, (int)start.Events);
        uint slots = 0;
        foreach (TraceEvent e in events)
        {
            slots = uint.Max(slots, e.Slot + 1);
        }

        start.Slots = slots;
        Trace beginning = new(Name, start);
        events.CopyTo(new(beginning.Events, events.Length));
        return beginning;
    }

    /// <summary>The slots that hold an object after the last event.</summary>
    public int[] LiveAtEnd()
    {
        bool[] live = new bool[Slots];
        for (int i = 0; i < Count; i++)
        {
            live[Events[i].Slot] = Events[i].Op != TraceOp.Free;
        }

        return [.. Enumerable.Range(0, Slots).Where(slot => live[slot])];
    }

    public void Free() => NativeMemory.Free(Events);
}
