// One run of the hand-off: this thread is the feed that allocates, a second one the consumer that frees.
//
// The feed keeps to a pace of two million messages a second, as long as the consumer keeps up. Times go into histograms
// between the messages, never within a measured call; nothing in the loops allocates managed memory, so no collection
// can pass for a slow call. A message's first word says how it was allocated, its second is what the
// consumer reads of it before freeing it, as a program would.

using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading;

using HdrHistogram;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Latency;

internal sealed unsafe class HandOff(bool typed)
{
    private const int MessagesPerSecond = 2_000_000;
    private const long LongestTime = 10_000_000_000;
    private const int Digits = 3;

    private static readonly double s_nanosecondsPerTick = 1e9 / Stopwatch.Frequency;

    private readonly Random _random = new(17);
    private long _sum;

    public LongHistogram AllocFloor { get; } = NewHistogram();

    public LongHistogram Alloc { get; } = NewHistogram();

    public LongHistogram FreeFloor { get; } = NewHistogram();

    public LongHistogram Free { get; } = NewHistogram();

    public void Run(int messages)
    {
        using MessageRing ring = new();
        Thread consumer = new(() => Consume(ring, messages));
        consumer.Start();
        Feed(ring, messages);
        consumer.Join();
    }

    private void Feed(MessageRing ring, int messages)
    {
        long interval = Stopwatch.Frequency / MessagesPerSecond;
        long due = Stopwatch.GetTimestamp();
        for (int i = 0; i < messages; i++)
        {
            // After a pause the feed does not make up for what it missed: that would be another load.
            due += interval;
            long now = Stopwatch.GetTimestamp();
            if (now > due)
            {
                due = now;
            }

            while (Stopwatch.GetTimestamp() < due)
            {
                Thread.SpinWait(1);
            }

            FeedOne(ring, _random.Next());
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void FeedOne(MessageRing ring, int random)
    {
        int kind = typed ? random & 3 : -1;
        Timing timing;
        void* message = kind switch
        {
            0 => StubMessage<Block64>.Alloc(out timing),
            1 => StubMessage<Quote>.Alloc(out timing),
            2 => StubMessage<Block256>.Alloc(out timing),
            3 => StubMessage<Snapshot>.Alloc(out timing),
            _ => SizedMessage.Alloc((nuint)(SizedMessage.Smallest + (random % (SizedMessage.Largest - SizedMessage.Smallest + 1))), out timing),
        };
        Record(timing, AllocFloor, Alloc);
        ((long*)message)[0] = kind;
        ((long*)message)[1] = random;
        ring.Write(message);
    }

    private void Consume(MessageRing ring, int messages)
    {
        for (int i = 0; i < messages; i++)
        {
            ConsumeOne(ring.Read());
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ConsumeOne(void* message)
    {
        long kind = ((long*)message)[0];
        _sum += ((long*)message)[1];
        Timing timing;
        switch (kind)
        {
            case 0:
                StubMessage<Block64>.Free(message, out timing);
                break;
            case 1:
                StubMessage<Quote>.Free(message, out timing);
                break;
            case 2:
                StubMessage<Block256>.Free(message, out timing);
                break;
            case 3:
                StubMessage<Snapshot>.Free(message, out timing);
                break;
            default:
                SizedMessage.Free(message, out timing);
                break;
        }

        Record(timing, FreeFloor, Free);
    }

    private static void Record(Timing timing, LongHistogram floor, LongHistogram call)
    {
        floor.RecordValue(Nanoseconds(timing.Floor));
        call.RecordValue(Nanoseconds(timing.Call));
    }

    private static long Nanoseconds(long ticks) => Math.Clamp((long)(ticks * s_nanosecondsPerTick), 0, LongestTime);

    private static LongHistogram NewHistogram() => new(1, LongestTime, Digits);
}
