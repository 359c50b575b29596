// A recorded program's allocations, in memory: the events of an NHT1 file, packed as in the file, twelve bytes each.
//
// They lie in native memory, where the garbage collector does not go, and are not freed: a worker replays one trace and ends. What is read
// from a file has been checked (TraceFile), so that a replay can follow it blindly.

using System;
using System.Linq;
using System.Runtime.InteropServices;

using NativeHeap.Recording;

namespace NativeHeap.Benchmarks.Measures.Traces;

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
