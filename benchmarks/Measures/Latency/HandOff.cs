// One run of the hand-off: this thread is the feed that allocates, a second one the consumer that frees.
//
// The feed keeps to a pace of two million messages a second, as long as the consumer keeps up. Times go into histograms
// between the messages, never within a measured call; nothing in the loops allocates managed memory, so no collection
// can pass for a slow call. A message's first word is its random number, which the consumer reads before freeing it, as a program
// would.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading;

using HdrHistogram;

namespace NativeHeap.Benchmarks.Measures.Latency;

/// <summary>Without the messages' type.</summary>
internal interface IHandOff
{
    void Run(int messages);

    /// <summary>Alloc's floor, alloc, free's floor, free.</summary>
    IReadOnlyList<LongHistogram> Histograms { get; }
}

internal sealed unsafe class HandOff<TMessages> : IHandOff
    where TMessages : struct, IMessages
{
    private const int MessagesPerSecond = 2_000_000;
    private const long LongestTime = 10_000_000_000;
    private const int Digits = 3;

    private static readonly double s_nanosecondsPerTick = 1e9 / Stopwatch.Frequency;

    private readonly Random _random = new(17);
    private long _sum;

    private readonly LongHistogram _allocFloor = NewHistogram();
    private readonly LongHistogram _alloc = NewHistogram();
    private readonly LongHistogram _freeFloor = NewHistogram();
    private readonly LongHistogram _free = NewHistogram();

    public IReadOnlyList<LongHistogram> Histograms => [_allocFloor, _alloc, _freeFloor, _free];

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
        void* message = TMessages.Alloc(random, out Timing timing);
        Record(timing, _allocFloor, _alloc);
        *(long*)message = random;
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
        int random = (int)*(long*)message;
        _sum += random;
        TMessages.Free(message, random, out Timing timing);
        Record(timing, _freeFloor, _free);
    }

    private static void Record(Timing timing, LongHistogram floor, LongHistogram call)
    {
        floor.RecordValue(Nanoseconds(timing.Floor));
        call.RecordValue(Nanoseconds(timing.Call));
    }

    private static long Nanoseconds(long ticks) => Math.Clamp((long)(ticks * s_nanosecondsPerTick), 0, LongestTime);

    private static LongHistogram NewHistogram() => new(1, LongestTime, Digits);
}
