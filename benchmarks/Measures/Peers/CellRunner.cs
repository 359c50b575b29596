// One cell of one subject, in the worker: prepared once, then sampled whenever the other side asks.
//
// Settling comes first. The loops are called many times over a few objects until the JIT is done with them (Settling); then one pass at full
// size makes the subject take its memory from the OS, which is a cost of starting and not of a pair. A sample repeats passes until its time is up and reads the clock between them, but not
// more often than every 16,384 pairs, and begins with a short untimed stretch that brings the caches back from
// whoever ran before.

using System;
using System.Diagnostics;
using System.Threading;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Peers;

internal abstract class CellRunner
{
    public abstract void Settle();

    public abstract Sample Sample(bool touched, TimeSpan atLeast);
}

internal sealed class CellRunner<TAllocation, TItem, TBlock> : CellRunner
    where TAllocation : struct, IAllocation<TItem>
    where TItem : struct
    where TBlock : unmanaged
{
    private const int SmallCount = 256;
    private const int PairsBetweenClockReads = 16_384;
    private static readonly TimeSpan s_refresh = TimeSpan.FromMilliseconds(0.5);

    private static long s_sink;

    private readonly Pattern _pattern;
    private readonly TItem[] _live;
    private readonly int[] _order;
    private int _cursor;

    public CellRunner(Cell cell)
    {
        _pattern = cell.Pattern;
        _live = new TItem[cell.Live];
        _order = cell.Pattern switch
        {
            Pattern.WindowRandom => Permutation(cell.Live),
            Pattern.Replace => Picks(cell.Live, Math.Max(cell.Live, PairsBetweenClockReads) / SmallCount * SmallCount),
            _ => [],
        };
        TAllocation.Prepare(cell.Live);
    }

    public override void Settle()
    {
        if (_pattern == Pattern.Replace)
        {
            Loops<TAllocation, TItem, TBlock, Touched>.Populate(_live);
        }

        int[] smallOrder = _pattern == Pattern.WindowRandom ? Permutation(Math.Min(SmallCount, _live.Length)) : [];
        Settling.UntilQuiet(
            () =>
            {
                for (int call = 0; call < 40; call++)
                {
                    SmallPass<Touched>(smallOrder);
                    SmallPass<Untouched>(smallOrder);
                }
            });

        long start = Stopwatch.GetTimestamp();
        FullPass<Touched>();
        if (Stopwatch.GetElapsedTime(start) < s_refresh * 10)
        {
            Repeat<Touched>(s_refresh * 10);
            Repeat<Untouched>(s_refresh * 10);
            Thread.Sleep(5);
        }
    }

    public override Sample Sample(bool touched, TimeSpan atLeast) => touched ? Sample<Touched>(atLeast) : Sample<Untouched>(atLeast);

    private Sample Sample<TTouch>(TimeSpan atLeast)
        where TTouch : struct, ITouch
    {
        if (_live.Length < PairsBetweenClockReads)
        {
            Repeat<TTouch>(s_refresh);
        }

        int collections = CountCollections();
        (long pairs, TimeSpan time) = Repeat<TTouch>(atLeast);
        collections = CountCollections() - collections;
        return new(time.TotalNanoseconds / pairs, collections * 1e6 / pairs);
    }

    private (long Pairs, TimeSpan Time) Repeat<TTouch>(TimeSpan atLeast)
        where TTouch : struct, ITouch
    {
        long pairs = 0;
        long start = Stopwatch.GetTimestamp();
        TimeSpan began = ThreadClock.Now;
        do
        {
            long next = pairs + PairsBetweenClockReads;
            do
            {
                pairs += FullPass<TTouch>();
            }
            while (pairs < next);
        }
        while (Stopwatch.GetElapsedTime(start) < atLeast);

        return (pairs, ThreadClock.Now - began);
    }

    /// <summary>The least work that leaves the subject as it was; returns its number of pairs.</summary>
    private int FullPass<TTouch>()
        where TTouch : struct, ITouch
    {
        switch (_pattern)
        {
            case Pattern.Hot:
                s_sink += Loops<TAllocation, TItem, TBlock, TTouch>.Hot(PairsBetweenClockReads);
                return PairsBetweenClockReads;
            case Pattern.WindowOrdered:
                s_sink += Loops<TAllocation, TItem, TBlock, TTouch>.Ordered(_live, _live.Length);
                return _live.Length;
            case Pattern.WindowRandom:
                s_sink += Loops<TAllocation, TItem, TBlock, TTouch>.Random(_live, _order);
                return _live.Length;
            default:
                int count = Math.Min(PairsBetweenClockReads, _order.Length - _cursor);
                ReplaceNext<TTouch>(count);
                return count;
        }
    }

    private void SmallPass<TTouch>(int[] smallOrder)
        where TTouch : struct, ITouch
    {
        switch (_pattern)
        {
            case Pattern.Hot:
                s_sink += Loops<TAllocation, TItem, TBlock, TTouch>.Hot(SmallCount);
                break;
            case Pattern.WindowOrdered:
                s_sink += Loops<TAllocation, TItem, TBlock, TTouch>.Ordered(_live, Math.Min(SmallCount, _live.Length));
                break;
            case Pattern.WindowRandom:
                s_sink += Loops<TAllocation, TItem, TBlock, TTouch>.Random(_live, smallOrder);
                break;
            default:
                ReplaceNext<TTouch>(SmallCount);
                break;
        }
    }

    private void ReplaceNext<TTouch>(int count)
        where TTouch : struct, ITouch
    {
        s_sink += Loops<TAllocation, TItem, TBlock, TTouch>.Replace(_live, _order, _cursor, count);
        _cursor += count;
        if (_cursor == _order.Length)
        {
            _cursor = 0;
        }
    }

    private static int CountCollections() => GC.CollectionCount(0);

    private static int[] Permutation(int count)
    {
        int[] order = new int[count];
        for (int i = 0; i < count; i++)
        {
            order[i] = i;
        }

        Seeded().Shuffle(order);
        return order;
    }

    private static int[] Picks(int live, int count)
    {
        Random random = Seeded();
        int[] picks = new int[count];
        foreach (ref int pick in picks.AsSpan())
        {
            pick = random.Next(live);
        }

        return picks;
    }

    // Every subject frees in the same order.
    private static Random Seeded() => new(12_345);
}
