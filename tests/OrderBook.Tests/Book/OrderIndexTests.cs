using System;
using System.Collections.Generic;

using OrderBook.Book;
using OrderBook.Feed;

using Xunit;

namespace OrderBook.Tests.Book;

public class OrderIndexTests
{
    [Theory]
    [InlineData(2, 12, 1)]
    [InlineData(16, 200, 2)]
    [InlineData(64, 1_000_000, 3)]
    public void Finds_what_a_dictionary_finds_through_adds_removals_and_growth(int capacity, int ids, int seed)
    {
        Random random = new(seed);
        OrderIndex<ManagedOrder, ManagedLevel, ManagedSlots> index = new(capacity);
        Dictionary<long, ManagedOrder> expected = [];
        List<long> present = [];
        for (int step = 0; step < 20_000; step++)
        {
            long id = (random.Next(ids) * (long)(seed == 2 ? 1L << 40 : 1)) + 1;
            if (!index.Find(id, out int slot).IsNull)
            {
                index.RemoveAt(slot);
                expected.Remove(id);
                present.Remove(id);
            }
            else
            {
                ManagedOrder order = ManagedOrder.Create(new FeedEvent { Id = id });
                index.Add(id, order);
                expected.Add(id, order);
                present.Add(id);
            }

            if (present.Count > 500)
            {
                Assert.False(index.Find(present[0], out slot).IsNull);
                index.RemoveAt(slot);
                expected.Remove(present[0]);
                present.RemoveAt(0);
            }

            Assert.Equal(expected.Count, index.Count);
            Assert.True(index.Count <= index.Capacity / 2);
            if (present.Count > 0)
            {
                long known = present[random.Next(present.Count)];
                Assert.True(index.Find(known, out _).Is(expected[known]));
            }
        }

        foreach ((long id, ManagedOrder order) in expected)
        {
            Assert.True(index.Find(id, out _).Is(order));
        }

        index.Clear();
        Assert.Equal(0, index.Count);
        Assert.All(expected.Keys, id => Assert.True(index.Find(id, out _).IsNull));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(-4)]
    public void A_capacity_that_is_no_power_of_two_is_refused(int capacity)
        => Assert.Throws<ArgumentOutOfRangeException>(() => new OrderIndex<ManagedOrder, ManagedLevel, ManagedSlots>(capacity));
}
