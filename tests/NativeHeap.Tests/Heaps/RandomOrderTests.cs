using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

using NativeHeap.Central;
using NativeHeap.SizeClasses;
using NativeHeap.Tests.Central;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>A heap whose slots come in an order drawn by lot. Chance is asked for shares that it misses once in many lives of the universe.</summary>
public sealed unsafe class RandomOrderTests
{
    private const int Count = 5_000;

    private static readonly HeapOptions s_random = new() { Hardening = HeapHardening.RandomOrder, Check = CheckLevel.Off };

    [Fact]
    public void Slots_come_in_no_order_and_each_once()
    {
        using Heap plain = new(new HeapOptions { Hardening = HeapHardening.None, Check = CheckLevel.Off });
        Assert.True(Ascents(Take(plain, Count)) > Count * 9 / 10);
        using Heap heap = new(s_random);
        List<nint> order = Take(heap, Count);
        Assert.Equal(Count, order.Distinct().Count());
        Assert.InRange(Ascents(order), 0, Count / 20);

        // Half of all pairs go up, as of any that are drawn.
        Assert.InRange(order.Zip(order.Skip(1)).Count(static pair => pair.First < pair.Second), Count * 2 / 5, Count * 3 / 5);
        Assert.Equal(Count, heap.GetStatistics().LiveObjects);
        StatisticsChecks.AssertAllAddUp();
    }

    [Fact]
    public void The_numbers_are_SplitMix64s()
    {
        // Those that its author's program prints for this seed (Vigna, https://prng.di.unimi.it/splitmix64.c).
        SlotOrder order = new(1_234_567);
        ulong[] drawn = [order.Draw(), order.Draw(), order.Draw(), order.Draw(), order.Draw()];
        Assert.Equal([6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431, 16_408_922_859_458_223_821], drawn);
    }

    [Fact]
    public void The_very_first_slots_lie_anywhere_in_their_span()
    {
        // Eight are lifted at once; if they were the span's lowest, in whatever order, none of these heaps would have one in the upper half.
        int upper = 0;
        for (int i = 0; i < 50; i++)
        {
            using Heap heap = new(s_random);
            List<nint> first = Take(heap, 8);
            upper += first.Count(static slot => slot % (4 * (int)SizeClass.PageSize) >= 2 * (int)SizeClass.PageSize);
        }

        Assert.InRange(upper, 100, 300);
    }

    [Fact]
    public void The_order_follows_from_the_heaps_seed_and_the_class()
    {
        CentralFixture fixture = new();
        int[] order = Order(fixture, seed: 1, noScan: true);
        Assert.Equal(order, Order(new CentralFixture(), seed: 1, noScan: true));
        Assert.NotEqual(order, Order(new CentralFixture(), seed: 2, noScan: true));
        Assert.NotEqual(order, Order(fixture, seed: 1, noScan: false));

        // Another heap's seed, in a cache that has had one.
        CentralFixture other = new();
        Assert.NotEqual(order, Order(other, seed: 3, noScan: true));
        Assert.Equal(Order(other, seed: 2, noScan: true), Order(fixture, seed: 2, noScan: true));

        // Of the only span that is needed, by their places in it.
        static int[] Order(CentralFixture fixture, ulong seed, bool noScan)
        {
            fixture.Set->OrderSeed = seed;
            CentralCache* central = CentralSet.GetOrCreate(fixture.Set, SizeClass.ToSpanClass(SizeClass.ClassOf(64), noScan));
            List<nint> slots = CentralFixture.Take(central, 100);
            Assert.Equal(0, CentralFixture.Give(central, [.. slots]));
            return [.. slots.Select(static slot => (int)(slot % SizeClass.PageSize))];
        }
    }

    [Fact]
    public void Two_heaps_have_orders_of_their_own()
    {
        using Heap one = new(s_random);
        using Heap other = new(s_random);
        Assert.NotEqual(Offsets(Take(one, 500)), Offsets(Take(other, 500)));

        // The next heap of an index, with its central caches, too.
        string before = Offsets(Take(other, 500));
        other.Reset();
        one.Dispose();
        using Heap next = new(s_random);
        Assert.NotEqual(before, Offsets(Take(next, 500)));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(24)]
    [InlineData(1_100)]
    [InlineData(9_000)]
    [InlineData(32_768)]
    public void Every_slot_of_every_span_is_handed_out_once_time_and_again(int size)
    {
        using Heap heap = new(s_random);
        int count = int.Max(2_000_000 / size, 50);
        HashSet<nint> first = [];
        for (int round = 0; round < 4; round++)
        {
            HashSet<nint> live = [];
            for (int i = 0; i < count; i++)
            {
                Assert.True(live.Add((nint)heap.Alloc((nuint)size)));
            }

            Assert.Equal(count, heap.GetStatistics().LiveObjects);
            first = round == 0 ? live : first;
            foreach (nint block in live)
            {
                heap.Free((void*)block);
            }

            // What goes back to the spans comes from them again, holes among it, whose memory has gone.
            Heap.FlushThread();
            _ = round % 2 == 0 ? Heap.Trim() : 0;
            Assert.Equal(0, heap.GetStatistics().LiveObjects);
            StatisticsChecks.AssertAllAddUp();
        }

        Assert.Equal(count, first.Count);
    }

    [Fact]
    public void Holes_that_slots_are_drawn_from_are_counted_as_memory_again()
    {
        using Heap heap = new(s_random);
        List<nint> blocks = Take(heap, 40_000);
        for (int i = 0; i < blocks.Count; i++)
        {
            if (i % 400 != 0)
            {
                Order.Free(heap, (Order*)blocks[i]);
            }
        }

        _ = Heap.Trim();
        long purged = heap.GetStatistics().ReturnedBytes;
        Assert.True(purged > 0);
        _ = Take(heap, 20_000);
        Assert.InRange(heap.GetStatistics().ReturnedBytes, 0, purged - 1);
        StatisticsChecks.AssertAllAddUp();
        _ = Take(heap, 39_900 - 20_000);
        Assert.Equal(0, heap.GetStatistics().ReturnedBytes);
    }

    [Fact]
    public void What_comes_from_the_depot_is_shuffled()
    {
        using Heap heap = new(s_random);
        List<nint> blocks = Take(heap, 8_192);
        blocks.ForEach(block => Order.Free(heap, (Order*)block));
        List<nint> again = Take(heap, 8_192);
        Assert.Equal(blocks.Order(), again.Order());

        // But for what the thread's own magazines hold, the last freed would else be the first to come.
        again.Reverse();
        Assert.InRange(blocks.Zip(again).Count(static pair => pair.First == pair.Second), 0, 1_500);
    }

    [Fact]
    public void Threads_get_slots_of_their_own()
    {
        using Heap heap = new(s_random);
        List<nint>[] taken = new List<nint>[4];
        Thread[] threads =
        [
            .. Enumerable.Range(0, taken.Length).Select(number => new Thread(() =>
            {
                List<nint> mine = [];
                for (int round = 0; round < 20; round++)
                {
                    mine.AddRange(Take(heap, 500));
                    foreach (nint block in mine.Skip(250 * round).Take(250))
                    {
                        Order.Free(heap, (Order*)block);
                    }

                    mine.RemoveRange(250 * round, 250);
                }

                taken[number] = mine;
                Heap.FlushThread();
            })),
        ];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
        Assert.Equal(taken.Sum(static mine => mine.Count), taken.SelectMany(static mine => mine).Distinct().Count());
        Assert.Equal(taken.Sum(static mine => mine.Count), heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void A_heap_that_is_checked_or_recorded_has_it_too()
    {
        using Heap checkedHeap = new(new HeapOptions { Hardening = HeapHardening.RandomOrder, Check = CheckLevel.Basic });
        Assert.InRange(Ascents(Take(checkedHeap, Count)), 0, Count / 20);
    }

    // In the order in which they come.
    private static List<nint> Take(Heap heap, int count)
    {
        List<nint> taken = [];
        for (int i = 0; i < count; i++)
        {
            taken.Add((nint)Order.Alloc(heap));
        }

        return taken;
    }

    private static int Ascents(List<nint> order) => order.Zip(order.Skip(1)).Count(static pair => pair.Second - pair.First == sizeof(Order));

    private static string Offsets(List<nint> order) => string.Join(' ', order.Select(slot => slot - order.Min()));
}
