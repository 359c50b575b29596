// A trace dealt out to real threads: recorded thread t is played by real thread t % N, each in the order of the file.
//
// What orders the threads among each other are the slots. The events of a slot are numbered from 0; an event waits until its slot's counter has reached its number, and
// then sets it one further. So an object is freed by one thread only after another has allocated it, and a slot is taken again only after it was
// given back, which keeps the live objects at what they were in the recorded program. Every wait is for an event earlier in the file: no deadlock.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

using NativeHeap.Recording;

namespace NativeHeap.Benchmarks.Measures.Traces;

[StructLayout(LayoutKind.Sequential)]
internal struct ThreadedEvent
{
    public TraceEvent Event;

    /// <summary>The number of the event among those of its slot.</summary>
    public uint Turn;

    /// <summary>Its number in the file, to be named in faults.</summary>
    public int Index;
}

internal sealed unsafe class ThreadedTrace
{
    private const int SpinsBeforeYield = 64;

    private readonly ThreadedEvent* _events;
    private readonly int[] _starts;
    private readonly uint* _counters;
    private readonly int _slots;

    public ThreadedTrace(Trace trace, int threads)
    {
        Threads = threads;
        _events = (ThreadedEvent*)NativeMemory.Alloc((nuint)trace.Count, (nuint)sizeof(ThreadedEvent));
        _counters = (uint*)NativeMemory.Alloc((nuint)trace.Slots, sizeof(uint));
        _slots = trace.Slots;
        Rewind();

        _starts = new int[threads + 1];
        for (int i = 0; i < trace.Count; i++)
        {
            _starts[(trace.Events[i].Thread % threads) + 1]++;
        }

        for (int thread = 0; thread < threads; thread++)
        {
            _starts[thread + 1] += _starts[thread];
        }

        int[] next = [.. _starts];
        uint[] turns = new uint[trace.Slots];
        for (int i = 0; i < trace.Count; i++)
        {
            TraceEvent e = trace.Events[i];
            _events[next[e.Thread % threads]++] = new() { Event = e, Turn = turns[e.Slot]++, Index = i };
        }
    }

    public int Threads { get; }

    public ThreadedEvent* Start(int thread) => _events + _starts[thread];

    public int CountOf(int thread) => _starts[thread + 1] - _starts[thread];

    /// <summary>To be played from the start.</summary>
    public void Rewind() => NativeMemory.Clear(_counters, (nuint)_slots * sizeof(uint));

    /// <summary>Waits until it is an event's turn at its slot; false if <paramref name="stop"/> was set instead.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool WaitForTurn(ThreadedEvent* e, ref bool stop)
        => Volatile.Read(ref _counters[e->Event.Slot]) == e->Turn || WaitLonger(ref _counters[e->Event.Slot], e->Turn, ref stop);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EndTurn(ThreadedEvent* e) => Volatile.Write(ref _counters[e->Event.Slot], e->Turn + 1);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool WaitLonger(ref uint counter, uint turn, ref bool stop)
    {
        for (int spins = 0; Volatile.Read(ref counter) != turn; spins++)
        {
            if (Volatile.Read(ref stop))
            {
                return false;
            }

            if (spins < SpinsBeforeYield)
            {
                Thread.SpinWait(1);
            }
            else
            {
                Thread.Yield();
            }
        }

        return true;
    }
}
