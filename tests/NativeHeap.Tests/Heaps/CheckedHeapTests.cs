using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;

using NativeHeap.Heaps;
using NativeHeap.Tests.Entities;
using NativeHeap.Tests.Threads;
using NativeHeap.Threads;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>A heap at <see cref="CheckLevel.Basic"/>: every wrong pointer, given to every call that takes one.</summary>
public sealed unsafe class CheckedHeapTests
{
    // What a pointer is that is not to be freed as an Order of the heap, and what the error says of it.
    private static readonly (string Name, Func<World, nint> Make, string Says)[] s_wrong =
    [
        ("freed before", world => Ended(world, (nint)Order.Alloc(world.Heap)), "was freed before"),
        ("freed before, another of the slot's word alive", world => Ended(world, world.Kept), "was freed before"),
        ("freed before by another thread", world => EndedElsewhere(world, (nint)Order.Alloc(world.Heap)), "was freed before"),
        ("freed before, and given back to the system", world => Trimmed(world), "is in no block of NativeHeap"),
        ("freed before as a large object", world => Ended(world, (nint)world.Heap.Alloc(100_000)), "is in no block of NativeHeap"),
        ("never allocated", world => world.Kept + (sizeof(Order) * 50), "was freed before"),
        ("inside an object", world => world.Kept + 8, "8 bytes into slot"),
        ("inside an object, at an odd byte", world => world.Kept + 23, "23 bytes into slot"),
        ("inside a large object", world => world.Large + 16, "16 bytes into a large object"),
        ("on a later page of a large object", world => world.Large + 24_576, "24,576 bytes into a large object"),
        ("of another class", world => (nint)world.Heap.Alloc(200), "was freed as another type's"),
        ("of another type of the same class", world => (nint)Trade.Alloc(world.Heap), "was freed as another type's (Order): it is Trade, slot"),
        ("of the same size with pointers", world => (nint)world.Heap.Alloc((nuint)sizeof(Order)), "was freed as another type's"),
        ("a large object", world => (nint)world.Heap.Alloc(100_000), "was freed as another type's"),
        ("of another heap", world => (nint)Order.Alloc(world.Other), "is of the heap 'the other'"),
        ("of another heap that is checked", world => (nint)Order.Alloc(world.OtherChecked), "is of the heap 'the other checked'"),
        ("of the shared heap", world => world.SharedOrder, "is of the heap 'Shared'"),
        ("of a heap that has ended", OfEndedHeap, "is in no block of NativeHeap"),
        ("in a table", world => (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref world.Table.Values[0]), "is in a table or a pool"),
        ("of another allocator", world => world.Foreign, "is in no block of NativeHeap"),
        ("on the stack", world => (nint)world.OnStack, "is in no block of NativeHeap"),
        ("no address", world => unchecked((nint)0xdead_beef_dead_beef), "is in no block of NativeHeap"),
        ("a small number", world => 24, "is in no block of NativeHeap"),
    ];

    private static readonly (string Name, bool IsTyped, Action<Heap, nint> Call)[] s_calls =
    [
        ("Order.Free", true, (heap, pointer) => Order.Free(heap, (Order*)pointer)),
        ("Order.FreeBatch", true, (heap, pointer) => Order.FreeBatch(heap, [default, (Order*)pointer, default])),
        ("Heap.Free", false, (heap, pointer) => heap.Free((void*)pointer)),
        ("Heap.Realloc to more", false, (heap, pointer) => heap.Realloc((void*)pointer, 500)),
        ("Heap.Realloc in place", false, (heap, pointer) => heap.Realloc((void*)pointer, 24)),
        ("Heap.UsableSize", false, (heap, pointer) => heap.UsableSize((void*)pointer)),
    ];

    [Fact]
    public void Every_wrong_pointer_is_refused_by_every_call_at_once_and_changes_nothing()
    {
        foreach ((string pointerName, Func<World, nint> make, string says) in s_wrong)
        {
            foreach ((string callName, bool isTyped, Action<Heap, nint> call) in s_calls)
            {
                using World world = new();
                nint pointer = make(world);
                if (!isTyped && world.Heap.Owns((void*)pointer) && says.Contains("as another type's", StringComparison.Ordinal))
                {
                    // Untyped calls take blocks of any class.
                    continue;
                }

                string about = $"{callName} of a pointer {pointerName}";
                HeapStatistics before = world.Heap.GetStatistics();
                Exception? error = Record(() => call(world.Heap, pointer));
                Assert.True(error is HeapCorruptionException || (!isTyped && error is ArgumentException), $"{about}: {error}");
                Assert.True(!isTyped || error.Message.Contains(says, StringComparison.Ordinal), $"{about}: {error.Message}");
                Assert.True(!isTyped || error is HeapCorruptionException { Address: var address } && address == pointer, about);
                Assert.Contains($"0x{(nuint)pointer:x}", error.Message, StringComparison.Ordinal);
                Assert.Equal(before.LiveObjects, world.Heap.GetStatistics().LiveObjects);
                Assert.Equal(before.LiveBytes, world.Heap.GetStatistics().LiveBytes);
                world.AssertUsable();
            }
        }
    }

    [Fact]
    public void What_is_right_is_not_refused()
    {
        using Heap heap = new(Checked("right"));
        for (int round = 0; round < 3; round++)
        {
            List<nint> blocks = [];
            for (int size = 1; size < 40_000; size += 97)
            {
                blocks.Add((nint)heap.Alloc((nuint)size));
                blocks.Add((nint)heap.AllocAligned((nuint)size, 256));
                blocks.Add((nint)heap.Realloc(heap.AllocZeroed((nuint)size), (nuint)(size * 2)));
            }

            blocks.Add((nint)heap.Alloc(1 << 20));
            blocks.Add((nint)heap.Realloc(heap.Alloc(70_000), 3 << 20));
            blocks.Add((nint)heap.AllocAligned(100, Heap.MaxAlignment));
            blocks.Add((nint)Aligned.Alloc(heap));
            blocks.Add((nint)Wide.AllocZeroed(heap));
            blocks.Add((nint)LargeMessage.Alloc(heap));
            Assert.Equal(blocks.Count, blocks.Distinct().Count());
            Assert.Equal(blocks.Count, heap.GetStatistics().LiveObjects);
            Assert.True(blocks.All(block => heap.UsableSize((void*)block) != 0));
            Thread thread = new(() => blocks.Take(300).ToList().ForEach(block => heap.Free((void*)block)));
            thread.Start();
            thread.Join();
            blocks.Skip(300).ToList().ForEach(block => heap.Free((void*)block));
            heap.Free(null);
            Order.Free(heap, null);
            Assert.Equal(0, heap.GetStatistics().LiveObjects);
        }
    }

    [Fact]
    public void A_batch_with_wrong_ones_frees_the_others_and_reports_the_first()
    {
        using Heap heap = new(Checked("batch"));
        NativePointer<Order>[] orders = new NativePointer<Order>[300];
        Order.AllocBatch(heap, orders);
        void* other = heap.Alloc(1_000);
        orders[10] = (Order*)other;
        Order.Free(heap, orders[20]);
        orders[30] = orders[31];
        HeapCorruptionException error = Assert.Throws<HeapCorruptionException>(() => Order.FreeBatch(heap, orders));
        Assert.Equal((nint)other, error.Address);

        // The two whose pointers were overwritten, and the one of another class.
        Assert.Equal(3, heap.GetStatistics().LiveObjects);
        heap.Free(other);
    }

    [Fact]
    public void Owners_end_once_and_a_pointer_out_of_one_is_the_owners_to_free()
    {
        using Heap heap = new(Checked("owners"));
        NativeOwner<Order> owner = Order.Rent(heap);
        Order* order = owner.DangerousGetPointer();
        Order.Free(heap, order);
        HeapCorruptionException? error = null;
        try
        {
            owner.Dispose();
        }
        catch (HeapCorruptionException caught)
        {
            error = caught;
        }

        Assert.Equal((nint)order, error?.Address ?? 0);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void OnFreeing_sees_no_object_that_is_none()
    {
        using Heap heap = new(Checked("hooks"));
        Ship.Freed.Clear();
        Ship* ship = Ship.Alloc(heap, new Ship { Id = 1 });
        Ship* second = Ship.Alloc(heap, new Ship { Id = 2 });
        Ship.Free(heap, ship);
        Assert.Throws<HeapCorruptionException>(() => Ship.Free(heap, ship));
        Assert.Throws<HeapCorruptionException>(() => Ship.Free(heap, (Ship*)Order.Alloc(heap)));
        Assert.Throws<HeapCorruptionException>(() => Ship.FreeBatch(heap, [ship, second]));
        Assert.Equal([1, 2], Ship.Freed);
        Assert.Equal(1, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void A_heap_that_is_reset_knows_its_blocks_no_more()
    {
        using Heap heap = new(Checked("reset"));
        Order* order = Order.Alloc(heap);
        Order* second = Order.Alloc(heap);
        void* large = heap.Alloc(100_000);
        heap.Reset();
        Assert.Contains("was freed before", Assert.Throws<HeapCorruptionException>(() => Order.Free(heap, order)).Message, StringComparison.Ordinal);
        Assert.Throws<HeapCorruptionException>(() => heap.Free(second));
        Assert.Throws<ArgumentException>(() => heap.Free(large));
        Order* again = Order.Alloc(heap);
        Order.Free(heap, again);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void A_heap_that_has_ended_refuses_by_its_own_name_and_its_index_serves_an_unchecked_one()
    {
        Heap heap = new(Checked("ended"));
        Order* order = Order.Alloc(heap);
        heap.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Order.Free(heap, order));
        Assert.Throws<ObjectDisposedException>(() => heap.Free(order));

        // The next heap has the index, and a thread's cache again.
        using Heap next = new(new HeapOptions { Check = CheckLevel.Off });
        Order.Free(next, Order.Alloc(next));
        Assert.NotEqual(0, next.GetStatistics().ThreadCachedBytes);
    }

    [Fact]
    public void Of_two_threads_that_free_the_same_one_is_told()
    {
        const int Objects = 300;
        using Heap heap = new(Checked("race"));
        int told = 0;
        for (int round = 0; round < LongTests.Scale(3, 100); round++)
        {
            nint[] blocks = [.. Enumerable.Range(0, Objects).Select(i => i % 50 == 49 ? (nint)LargeMessage.Alloc(heap) : (nint)Order.Alloc(heap))];
            using Barrier barrier = new(2);
            void FreeAll()
            {
                barrier.SignalAndWait();
                for (int i = 0; i < Objects; i++)
                {
                    bool isLarge = i % 50 == 49;
                    if (Record(() => FreeAs(isLarge, blocks[i])) is HeapCorruptionException)
                    {
                        Interlocked.Increment(ref told);
                    }
                }
            }

            void FreeAs(bool isLarge, nint block)
            {
                if (isLarge)
                {
                    LargeMessage.Free(heap, (LargeMessage*)block);
                }
                else
                {
                    Order.Free(heap, (Order*)block);
                }
            }

            Thread other = new(FreeAll);
            other.Start();
            FreeAll();
            other.Join();
            Assert.Equal(Objects * (round + 1), told);
            Assert.Equal(0, heap.GetStatistics().LiveObjects);
        }
    }

    [Fact]
    public void Walks_trims_prewarming_and_ended_threads_do_as_in_any_heap()
    {
        using Heap heap = new(Checked("all"));
        heap.Prewarm<Order>(2_000);
        NativePointer<Order>[] orders = new NativePointer<Order>[2_000];
        Thread thread = new(() => Order.AllocBatch(heap, orders));
        thread.Start();
        thread.Join();
        for (int i = 0; i < orders.Length; i += 2)
        {
            Order.Free(heap, orders[i]);
        }

        _ = Heap.Trim();
        int visited = 0;
        foreach (NativePointer<Order> order in heap.Walk<Order>())
        {
            Assert.Equal(1, Array.IndexOf(orders, order) % 2);
            visited++;
            Order.Free(heap, order);
        }

        Assert.Equal(orders.Length / 2, visited);
        _ = StatisticsChecks.Rows(heap, out HeapStatistics end);
        Assert.Equal(0, end.LiveObjects);
        Assert.NotEqual(0, end.ThreadCachedBytes);
        Heap.FlushThread();
        Assert.Equal(0, heap.GetStatistics().ThreadCachedBytes);
        _ = Heap.Trim();
        Assert.All(orders, order => Assert.NotNull(Record(() => Order.Free(heap, order))));
        _ = StatisticsChecks.AssertAllAddUp();
    }

    [Theory]
    [InlineData(CheckLevel.Basic)]
    [InlineData(CheckLevel.Off)]
    public void Handlers_of_limits_may_end_the_heaps_objects_or_throw(CheckLevel check)
    {
        Heap? heap = null;
        int told = 0;
        using Heap made = new(new HeapOptions
        {
            Check = check,
            SoftLimitBytes = 64 << 10,
            OnPressure = _ =>
            {
                // Twice, so that it keeps nothing.
                told++;
                heap!.Reset();
                heap.Reset();
                if (told % 2 == 0)
                {
                    throw new NotSupportedException();
                }
            },
        });
        heap = made;
        int refused = 0;
        for (int i = 0; i < 20_000; i++)
        {
            try
            {
                _ = Order.Alloc(heap);
            }
            catch (NotSupportedException)
            {
                // What the handler has ended is not given back as well.
                refused++;
                HeapStatistics after = heap.GetStatistics();
                Assert.Equal((0, 0), (after.LiveObjects, after.ThreadCachedBytes));
            }
        }

        Assert.True(told > 3 && refused == told / 2, $"{told} times told, {refused} refused");
        heap.Reset();
        NativePointer<Order>[] orders = new NativePointer<Order>[500];
        Order.AllocBatch(heap, orders);
        Assert.Equal(orders.Length, orders.Distinct().Count());
        Order.FreeBatch(heap, orders);
        _ = StatisticsChecks.Rows(heap, out HeapStatistics end);
        Assert.Equal(0, end.LiveObjects);
        if (check == CheckLevel.Basic)
        {
            Assert.Throws<HeapCorruptionException>(() => Order.Free(heap, orders[0]));
        }
    }

    [Fact]
    public void A_thread_parks_as_much_as_in_any_heap_out_of_the_fast_paths_reach() =>
        ThreadTests.Run(() =>
        {
            using Heap heap = new(Checked("parked"));
            using Heap other = new();
            NativePointer<Order>[] orders = new NativePointer<Order>[10_000];
            foreach (Heap one in (Heap[])[heap, other])
            {
                Order.AllocBatch(one, orders);
                Order.FreeBatch(one, orders);
            }

            Bin* bin = ThreadRecord.Current->FindCache(heap.Set->Index)->GetBin(TypeLayout.SpanClassOf<Order>());
            Assert.True(bin->IsShut && bin->Base == null && bin->End == null);
            Assert.Equal(256, bin->Limit);
            Assert.Equal(other.GetStatistics().ThreadCachedBytes, heap.GetStatistics().ThreadCachedBytes);
        });

    [Fact]
    public void A_level_that_there_is_not_is_refused()
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => new HeapOptions { Check = (CheckLevel)77 });
        Assert.Contains("There is no CheckLevel 77. It must be one of Off, Basic, Full, or null.", error.Message, StringComparison.Ordinal);
    }

    internal static HeapOptions Checked(string name) => new() { Check = CheckLevel.Basic, Name = name };

    private static Exception? Record(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception error) when (error is HeapCorruptionException or ArgumentException)
        {
            return error;
        }
    }

    private static nint Ended(World world, nint block)
    {
        world.Heap.Free((void*)block);
        return block;
    }

    private static nint EndedElsewhere(World world, nint block)
    {
        Thread thread = new(() => world.Heap.Free((void*)block));
        thread.Start();
        thread.Join();
        return block;
    }

    // A class that nothing else is of, so that its span goes.
    private static nint Trimmed(World world)
    {
        nint block = Ended(world, (nint)world.Heap.Alloc(5_000));
        _ = Heap.Trim();
        return block;
    }

    private static nint OfEndedHeap(World world)
    {
        using Heap heap = new(Checked("ended"));
        return (nint)Order.Alloc(heap);
    }

    // A checked heap with something in it, and what else there is around it.
    private sealed class World : IDisposable
    {
        public World()
        {
            Kept = (nint)Order.Alloc(Heap);
            Large = (nint)LargeMessage.Alloc(Heap);
            for (int i = 0; i < 5; i++)
            {
                _ = Order.Alloc(Heap);
            }

            Table = new NativeTable<Order>(Heap);
            ref Order element = ref Table.Add(out _);
            element = default;
            SharedOrder = (nint)Order.Alloc();
            Foreign = (nint)NativeMemory.Alloc(64);
        }

        public Heap Heap { get; } = new(Checked("the checked"));

        public Heap Other { get; } = new(new HeapOptions { Check = CheckLevel.Off, Name = "the other" });

        public Heap OtherChecked { get; } = new(Checked("the other checked"));

        public NativeTable<Order> Table { get; }

        public nint Kept { get; }

        public nint Large { get; }

        public nint SharedOrder { get; }

        public nint Foreign { get; }

        public void* OnStack
        {
            get
            {
                long local = 0;
                return &local;
            }
        }

        // Allocates as before, distinct blocks, frees them, and adds up.
        public void AssertUsable()
        {
            long live = Heap.GetStatistics().LiveObjects;
            NativePointer<Order>[] orders = new NativePointer<Order>[100];
            Order.AllocBatch(Heap, orders);
            Assert.Equal(orders.Length, orders.Distinct().Count());
            Assert.Equal(live + orders.Length, Heap.GetStatistics().LiveObjects);
            Order.FreeBatch(Heap, orders);
            Assert.Equal(live, Heap.GetStatistics().LiveObjects);
            _ = StatisticsChecks.Rows(Heap, out _);
            _ = StatisticsChecks.Rows(Other, out _);
        }

        public void Dispose()
        {
            Heap.Dispose();
            Other.Dispose();
            OtherChecked.Dispose();
            Order.Free((Order*)SharedOrder);
            NativeMemory.Free((void*)Foreign);
        }
    }
}
