// `cross` and `handoff`: one thread rents, writes the first word and hands over, a second one reads it and returns, as fast as they can, through a ring of 1,024 places.
//
//     |<- began           |               |               |          stretches of 2,048, by the second thread's clock: the middle one counts
//
// Wall time. A stretch is shorter than a thread's turn on a core, so that on a busy machine a stretch in which one of the two had lost its core is an outlier, and the median is of those in which both had one.
// Who finds the ring full or empty waits as programs do, spinning for a while and then yielding.
//
// Between passes the second thread sleeps, so that it does not disturb other workers, and nothing is made anew for a pass: every byte that is counted is the subject's.

using System;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Threading;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Buffers;

internal static class Crossing
{
    /// <summary>The places of the ring.</summary>
    public const int Capacity = 1024;

    /// <summary>What is timed, in operations.</summary>
    public const int Stretch = 2 * Capacity;

    /// <summary>How many a pass has.</summary>
    public const int Stretches = 15;
}

[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Lives as long as the worker process does.")]
internal sealed class CrossRunner<TBuffers, TItem, TRing> : BufferRunner<TBuffers, TItem>
    where TBuffers : struct, IBuffers<TItem>
    where TItem : struct
    where TRing : struct, IRing<TItem>
{
    private readonly TRing _ring;
    private readonly AutoResetEvent _start = new(false);
    private readonly AutoResetEvent _end = new(false);
    private readonly long[] _times = new long[Crossing.Stretches];
    private volatile bool _isTaking;
    private long _sum;

    public CrossRunner(int length, TRing ring)
        : base(Alike(length, Crossing.Stretch))
    {
        _ring = ring;
        new Thread(TakeForever) { IsBackground = true }.Start();
    }

    // Beside those in the ring there are those that the two threads have at hand.
    protected override int Checked => Crossing.Capacity + 200;

    public override int Pass()
    {
        SpinWait wait = default;
        _start.Set();
        while (!_isTaking)
        {
            wait.SpinOnce(sleep1Threshold: -1);
        }

        for (int i = 0; i < Crossing.Stretches; i++)
        {
            Give();
        }

        _end.WaitOne();
        return Crossing.Stretches * Crossing.Stretch;
    }

    protected override TimeSpan TimePass(out int operations)
    {
        operations = Pass();
        _times.AsSpan().Sort();
        return Stopwatch.GetElapsedTime(0, _times[Crossing.Stretches / 2] * Crossing.Stretches);
    }

    private void Give()
    {
        foreach (int length in Lengths)
        {
            TItem item = TBuffers.Rent(length);
            MemoryMarshal.Write(TBuffers.SpanOf(item), (long)length);
            SpinWait wait = default;
            while (!_ring.TryAdd(item))
            {
                wait.SpinOnce(sleep1Threshold: -1);
            }
        }
    }

    private void TakeForever()
    {
        while (true)
        {
            _start.WaitOne();
            _isTaking = true;
            long began = Stopwatch.GetTimestamp();
            foreach (ref long time in _times.AsSpan())
            {
                Take();
                long ended = Stopwatch.GetTimestamp();
                time = ended - began;
                began = ended;
            }

            _isTaking = false;
            _end.Set();
        }
    }

    private void Take()
    {
        long sum = 0;
        for (int i = 0; i < Crossing.Stretch; i++)
        {
            SpinWait wait = default;
            TItem item;
            while (!_ring.TryTake(out item))
            {
                wait.SpinOnce(sleep1Threshold: -1);
            }

            sum += MemoryMarshal.Read<long>(TBuffers.SpanOf(item));
            TBuffers.Return(item);
        }

        _sum += sum;
    }
}
