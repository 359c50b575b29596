using System;
using System.Collections.Generic;
using System.Linq;

using NativeHeap.Central;
using NativeHeap.Platform;

using Xunit;

namespace NativeHeap.Tests.Central;

/// <summary>Empty magazines: handed out, taken back, and purged by the block.</summary>
public sealed unsafe class MagazineStoreTests
{
    private const int Slots = 256;

    private readonly MetadataAllocator* _metadata = MetadataAllocator.Create();

    [Fact]
    public void The_one_that_came_last_goes_first()
    {
        MagazineStore store = default;
        nint[] taken = [.. TakeMany(ref store, 5)];
        Assert.Equal(5, taken.Distinct().Count());
        foreach (nint magazine in taken)
        {
            store.Put((Magazine*)magazine);
        }

        Assert.Equal(5, store.Count);
        Assert.Equal(taken.Reverse(), TakeMany(ref store, 5));
        Assert.Equal(0, store.Count);
    }

    [Fact]
    public void Only_blocks_all_of_whose_magazines_are_empty_can_be_purged_and_they_serve_again()
    {
        MagazineStore store = default;
        List<nint> magazines = TakeMany(ref store, 400);
        List<nint> kept = [.. magazines.Where((_, i) => i % 50 == 0)];
        foreach (nint magazine in magazines.Except(kept))
        {
            Fill((Magazine*)magazine, 1);
            store.Put((Magazine*)magazine);
        }

        HashSet<nint> used = [.. kept];
        long before = store.Count;
        long purged = PurgeAll(ref store, long.MaxValue, used);
        Assert.InRange(purged, 100, 399);
        Assert.Equal(before - purged, store.Count);

        // What is in use was left alone, and what comes next is whole and apart from it.
        foreach (nint magazine in kept)
        {
            Fill((Magazine*)magazine, 2);
        }

        List<nint> again = TakeMany(ref store, 600);
        Assert.Empty(again.Intersect(kept).ToArray());
        Assert.Equal(600, again.Distinct().Count());
        foreach (nint magazine in again)
        {
            Assert.Equal(0, ((Magazine*)magazine)->Count);
            Fill((Magazine*)magazine, 3);
        }

        foreach (nint magazine in kept)
        {
            Assert.Equal(2, *(nint*)Magazine.Slots((Magazine*)magazine));
        }

        foreach (nint magazine in again.Concat(kept))
        {
            store.Put((Magazine*)magazine);
        }

        _ = PurgeAll(ref store, long.MaxValue, []);
        Assert.False(store.HasIdle);
    }

    [Fact]
    public void No_more_are_purged_than_are_allowed()
    {
        MagazineStore store = default;
        foreach (nint magazine in TakeMany(ref store, 400))
        {
            store.Put((Magazine*)magazine);
        }

        Assert.True(store.TakeIdle(0) == null);
        Assert.InRange(PurgeAll(ref store, 100, []), 1, 100);
        Assert.True(store.HasIdle);
    }

    [Fact]
    public void The_low_water_mark_is_the_least_since_it_was_asked_for()
    {
        MagazineStore store = default;
        List<nint> magazines = TakeMany(ref store, 10);
        foreach (nint magazine in magazines)
        {
            store.Put((Magazine*)magazine);
        }

        Assert.Equal(0, store.TakeLow());
        store.Put(store.Take(_metadata, Slots));
        Assert.Equal(9, store.TakeLow());
        Assert.Equal(10, store.TakeLow());
    }

    [Fact]
    public void A_few_magazines_take_little_memory()
    {
        MagazineStore store = default;
        nuint first = (nuint)store.Take(_metadata, Slots);
        nuint second = (nuint)store.Take(_metadata, Slots);
        nuint third = (nuint)store.Take(_metadata, Slots);
        nuint next = (nuint)_metadata->Alloc(64);
        Assert.InRange(next - nuint.Min(first, nuint.Min(second, third)), 3 * Magazine.SizeOf(Slots), 4 * Magazine.SizeOf(Slots));
    }

    private static void Fill(Magazine* magazine, nint value)
    {
        new Span<nint>(Magazine.Slots(magazine), Slots).Fill(value);
    }

    private static long PurgeAll(ref MagazineStore store, long atMost, HashSet<nint> used)
    {
        long purged = 0;
        for (MagazineBlock* block = store.TakeIdle(atMost); block != null; block = store.TakeIdle(atMost - purged))
        {
            for (int i = 0; i < block->Capacity; i++)
            {
                Assert.DoesNotContain((nint)block->At(i), used);
            }

            purged += block->Capacity;
            Assert.InRange(block->Purge(), VirtualMemory.PageSize, (nuint)block->Capacity * block->Stride);
            store.AddPurged(block);
        }

        return purged;
    }

    private List<nint> TakeMany(ref MagazineStore store, int count)
    {
        List<nint> taken = [];
        for (int i = 0; i < count; i++)
        {
            Magazine* magazine = store.Take(_metadata, Slots);
            Assert.Equal(0, magazine->Count);
            taken.Add((nint)magazine);
        }

        return taken;
    }
}
