// Replays a feed on one heap and measures it.
//
//     warm-up   a pass that looks for faults, then one of each kind: the code is compiled, the index has grown to its size
//     measured  N times:  [ plain pass, teardown, timed pass, teardown ]
//
// A plain pass has two clock readings, at its ends: ns an event is the sum of plain passes over the events replayed. A timed pass
// reads the clock around each event, for the percentiles; the clock itself costs about 20 ns there, is measured the same way, and
// is stated, not subtracted. Teardown releases every order and level and is in neither time.
//
// Collections and allocated bytes are counted over the brackets, teardown included, on all threads of the process. Between the
// brackets (where progress is shown) nothing is counted; within them nothing but Apply, Clear and Record runs.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Runtime.CompilerServices;

using OrderBook.Book;
using OrderBook.Feed;

using SideBySide;

namespace OrderBook.Replay;

internal static class FeedReplay
{
    private const int NamedFaults = 3;
    private const int ClockReadings = 200_000;

    /// <summary>Called between measured passes with the number of those done.</summary>
    public delegate void PassDone(HeapKind heap, int passes);

    public static HeapResult Run(HeapKind heap, LoadedFeed feed, int passes, bool strict, PassDone passDone)
        => heap == HeapKind.Native
            ? Run<NativeOrder, NativeLevel, NativeSlots>(heap, feed, passes, strict, passDone)
            : Run<ManagedOrder, ManagedLevel, ManagedSlots>(heap, feed, passes, strict, passDone);

    private static HeapResult Run<TOrder, TLevel, TSlots>(HeapKind heap, LoadedFeed feed, int passes, bool strict, PassDone passDone)
        where TOrder : struct, IOrderHandle<TOrder, TLevel>
        where TLevel : struct, ILevelHandle<TLevel, TOrder>
        where TSlots : struct, IIndexSlots<TSlots, TOrder>
    {
        using ExchangeBooks<TOrder, TLevel, TSlots> books = new(feed.Format, feed.Symbols.Count, feed.Hours);
        using LatencyHistogram latencies = new();
        List<FeedProblem> faults = FeedFaults.Find(books, feed, NamedFaults);
        if (strict && faults.Count > 0)
        {
            throw FeedException.At(feed.Name, faults[0]);
        }

        BookFigures figures = books.Figures();
        KeyValuePair<string, int>[] restingBySymbol = books.RestingBySymbol(feed.Symbols);
        books.Clear();
        PlainPass(books, feed.Events.Span);
        books.Clear();
        TimedPass(books, feed.Events.Span, latencies);
        books.Clear();
        double clockOverhead = Nanoseconds(ClockOverhead(latencies));
        latencies.Clear();

        Collections.Settle();
        PeakMemory.TryReset();
        Collections collections = default;
        long allocatedBytes = 0;
        long plainTicks = 0;
        for (int pass = 0; pass < passes; pass++)
        {
            Collections collectionsBefore = Collections.SoFar();
            long bytesBefore = GC.GetTotalAllocatedBytes(precise: true);
            plainTicks += PlainPass(books, feed.Events.Span);
            books.Clear();
            TimedPass(books, feed.Events.Span, latencies);
            BookFigures again = books.Figures();
            books.Clear();
            allocatedBytes += GC.GetTotalAllocatedBytes(precise: true) - bytesBefore;
            collections += Collections.SoFar() - collectionsBefore;
            if (again != figures)
            {
                throw new InvalidOperationException($"Two passes over one feed disagree: {figures} and {again}.");
            }

            passDone(heap, pass + 1);
        }

        return new HeapResult
        {
            Heap = heap,
            Figures = figures,
            FirstFaults = faults,
            RestingBySymbol = restingBySymbol,
            NanosecondsPerEvent = Nanoseconds(plainTicks) / ((double)passes * feed.Events.Length),
            P50 = Nanoseconds(latencies.Percentile(0.5)),
            P99 = Nanoseconds(latencies.Percentile(0.99)),
            P999 = Nanoseconds(latencies.Percentile(0.999)),
            Max = Nanoseconds(latencies.Max),
            ClockOverhead = clockOverhead,
            Collections = collections,
            AllocatedBytes = allocatedBytes,
            PeakMemory = PeakMemory.Read(),
        };
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long PlainPass<TOrder, TLevel, TSlots>(ExchangeBooks<TOrder, TLevel, TSlots> books, ReadOnlySpan<FeedEvent> events)
        where TOrder : struct, IOrderHandle<TOrder, TLevel>
        where TLevel : struct, ILevelHandle<TLevel, TOrder>
        where TSlots : struct, IIndexSlots<TSlots, TOrder>
    {
        long start = Stopwatch.GetTimestamp();
        foreach (ref readonly FeedEvent feedEvent in events)
        {
            books.Apply(in feedEvent);
        }

        return Stopwatch.GetTimestamp() - start;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void TimedPass<TOrder, TLevel, TSlots>(
        ExchangeBooks<TOrder, TLevel, TSlots> books, ReadOnlySpan<FeedEvent> events, LatencyHistogram latencies)
        where TOrder : struct, IOrderHandle<TOrder, TLevel>
        where TLevel : struct, ILevelHandle<TLevel, TOrder>
        where TSlots : struct, IIndexSlots<TSlots, TOrder>
    {
        foreach (ref readonly FeedEvent feedEvent in events)
        {
            long start = Stopwatch.GetTimestamp();
            books.Apply(in feedEvent);
            latencies.Record(Stopwatch.GetTimestamp() - start);
        }
    }

    private static long ClockOverhead(LatencyHistogram latencies)
    {
        latencies.Clear();
        for (int i = 0; i < ClockReadings; i++)
        {
            long start = Stopwatch.GetTimestamp();
            latencies.Record(Stopwatch.GetTimestamp() - start);
        }

        return latencies.Percentile(0.5);
    }

    private static double Nanoseconds(long ticks) => ticks * (1e9 / Stopwatch.Frequency);
}
