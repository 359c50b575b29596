using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;

using NativeHeap.Heaps;
using NativeHeap.Platform;
using NativeHeap.Threads;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>A heap that clears what is freed. What has been freed is looked at here, as nobody should: its memory stays mapped.</summary>
public sealed unsafe class ZeroOnFreeTests
{
    private const byte Secret = 0x5e;

    private static readonly (string Name, Action<Heap, nint> End)[] s_ways =
    [
        ("Order.Free", (heap, order) => Order.Free(heap, (Order*)order)),
        ("Order.FreeBatch", (heap, order) => Order.FreeBatch(heap, [default, (Order*)order])),
        ("Heap.Free", (heap, order) => heap.Free((void*)order)),
        ("Realloc that moves", (heap, order) => heap.Free(heap.Realloc((void*)order, 500))),
        ("Heap.Reset", (heap, order) => heap.Reset()),
        ("Heap.Dispose", (heap, order) => heap.Dispose()),
    ];

    public static TheoryData<CheckLevel> Levels => [CheckLevel.Off, CheckLevel.Basic];

    [Theory]
    [MemberData(nameof(Levels))]
    public void Each_way_in_which_an_object_ends_leaves_zeros(CheckLevel level)
    {
        foreach ((string name, Action<Heap, nint> end) in s_ways)
        {
            using Heap heap = Make(level);
            _ = Order.Alloc(heap);
            Order* order = Order.Alloc(heap);
            Fill(order, (nuint)sizeof(Order));
            end(heap, (nint)order);
            Heap.FlushThread();
            AssertZero(order, (nuint)sizeof(Order), name);
        }
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void So_does_a_reset_of_whole_spans_and_touches_no_other_heaps(CheckLevel level)
    {
        // Spans of both, side by side.
        using Heap heap = Make(level);
        using Heap other = Make(level);
        nint[] orders = new nint[4_000];
        nint[] others = new nint[orders.Length];
        for (int i = 0; i < orders.Length; i++)
        {
            orders[i] = (nint)Order.Alloc(heap);
            others[i] = (nint)Order.Alloc(other);
            Fill((void*)orders[i], (nuint)sizeof(Order));
            Fill((void*)others[i], (nuint)sizeof(Order));
        }

        heap.Reset();
        for (int i = 0; i < orders.Length; i++)
        {
            AssertZero((void*)orders[i], (nuint)sizeof(Order), "Heap.Reset");
            Assert.False(new ReadOnlySpan<byte>((void*)others[i], sizeof(Order)).ContainsAnyExcept(Secret));
        }
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void An_owner_leaves_zeros(CheckLevel level)
    {
        using Heap heap = Make(level);
        Order* order;
        using (NativeOwner<Order> owner = Order.Rent(heap))
        {
            order = owner.DangerousGetPointer();
            Fill(order, (nuint)sizeof(Order));
        }

        Heap.FlushThread();
        AssertZero(order, (nuint)sizeof(Order), "Dispose");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(1_000)]
    [InlineData(32_768)]
    [InlineData(32_769)]
    [InlineData(500_000)]
    [InlineData(9_000_000)]
    public void All_of_a_block_is_cleared_beyond_what_was_asked_for_too(int size)
    {
        foreach (CheckLevel level in (CheckLevel[])[CheckLevel.Off, CheckLevel.Basic])
        {
            using Heap heap = Make(level);
            byte* block = (byte*)heap.Alloc((nuint)size);
            nuint usable = heap.UsableSize(block);
            Fill(block, usable);
            heap.Free(block);
            Heap.FlushThread();
            AssertZero(block, usable, "Free");
        }
    }

    [Fact]
    public void The_end_that_a_large_block_gives_back_is_cleared()
    {
        using Heap heap = Make(CheckLevel.Off);
        byte* block = (byte*)heap.Alloc(3_000_000);
        Fill(block, 3_000_000);
        Assert.True(heap.Realloc(block, 1_000_000) == block);
        nuint kept = heap.UsableSize(block);
        AssertZero(block + kept, 3_000_000 - kept, "Realloc");
        Assert.Equal(-1, new ReadOnlySpan<byte>(block, (int)kept).IndexOfAnyExcept(Secret));

        // One that moves leaves nothing where it was.
        void* next = heap.Alloc(40_000_000);
        byte* moved = (byte*)heap.Realloc(block, 50_000_000);
        Assert.True(moved != block);
        AssertZero(block, kept, "Realloc that moves");
        Assert.Equal(-1, new ReadOnlySpan<byte>(moved, (int)kept).IndexOfAnyExcept(Secret));
        Assert.True(next != null);
    }

    [Fact]
    public void A_large_block_is_cleared_by_hand_where_the_system_keeps_its_memory()
    {
        using Heap heap = Make(CheckLevel.Off);
        byte* block = (byte*)heap.Alloc(5_000_000);
        Fill(block, 5_000_000);
        FaultInjection.Armed = new NoPurge();
        try
        {
            heap.Free(block);
        }
        finally
        {
            FaultInjection.Armed = null;
        }

        AssertZero(block, 5_000_000, "Free");
    }

    [Fact]
    public void All_that_ends_with_a_heap_is_cleared()
    {
        foreach (bool disposes in (ReadOnlySpan<bool>)[false, true])
        {
            using Heap heap = Make(CheckLevel.Off);
            List<(nint Block, nuint Size)> blocks = [];
            for (int i = 0; i < 3_000; i++)
            {
                nuint size = (nuint)(i % 300 == 299 ? 100_000 : 1 + (i % 200));
                byte* block = (byte*)heap.Alloc(size);
                Fill(block, heap.UsableSize(block));
                blocks.Add(((nint)block, heap.UsableSize(block)));
            }

            // Half of them by themselves, so that holes' memory goes.
            foreach ((nint block, _) in blocks.Where(static (_, i) => i % 2 == 0))
            {
                heap.Free((void*)block);
            }

            _ = Heap.Trim();
            if (disposes)
            {
                heap.Dispose();
            }
            else
            {
                heap.Reset();
            }

            blocks.ForEach(static block => AssertZero((void*)block.Block, block.Size, "the end of the heap"));
            StatisticsChecks.AssertAllAddUp();
        }
    }

    [Fact]
    public void Collections_leave_zeros()
    {
        using Heap heap = Make(CheckLevel.Off);
        NativeList<long> list = new(heap);
        for (int i = 0; i < 100; i++)
        {
            list.Add(0x5e5e5e5e5e5e5e5e);
        }

        fixed (long* items = list.AsSpan())
        {
            list.Dispose();
            AssertZero(items, 100 * sizeof(long), "Dispose");
        }
    }

    [Fact]
    public void A_wrong_free_writes_nothing_and_is_told_at_once()
    {
        using Heap heap = Make(CheckLevel.Off);
        using Heap other = new(new HeapOptions { Check = CheckLevel.Off });
        byte* large = (byte*)heap.Alloc(100_000);
        byte* foreign = (byte*)NativeMemory.Alloc(256);
        nint kept = (nint)Order.Alloc(heap);
        nint wide = (nint)heap.Alloc(200);
        nint others = (nint)Order.Alloc(other);
        (nint Pointer, nint Block, int Size)[] wrong =
        [
            (kept + 8, kept, sizeof(Order)),
            (wide, wide, 200),
            (others, others, sizeof(Order)),
            ((nint)large, (nint)large, 100_000),
            ((nint)large + 8_192, (nint)large, 100_000),
            ((nint)foreign + 64, (nint)foreign, 256),
        ];
        foreach ((nint pointer, nint block, int size) in wrong)
        {
            Fill((void*)block, (nuint)size);
            Assert.Throws<HeapCorruptionException>(() => Order.Free(heap, (Order*)pointer));
            Assert.Throws<HeapCorruptionException>(() => Order.FreeBatch(heap, [(Order*)pointer]));
            Assert.Equal(-1, new ReadOnlySpan<byte>((void*)block, size).IndexOfAnyExcept(Secret));
        }

        Assert.Throws<HeapCorruptionException>(() => Order.Free(heap, (Order*)0x1234567890));
        Assert.Throws<HeapCorruptionException>(() => Order.Free(heap, (Order*)unchecked((nint)0xdead_beef_dead_beef)));
        NativeMemory.Free(foreign);
        Assert.Equal(3, heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void Allocation_keeps_its_fast_path_and_frees_have_none()
    {
        using Heap heap = Make(CheckLevel.Off);
        Order.Free(heap, Order.Alloc(heap));
        Order* order = Order.Alloc(heap);
        Bin* bin = ThreadRecord.HeapBin(ThreadRecord.Current, heap.Index, TypeLayout.SpanClassOf<Order>());
        Assert.True(bin->Top > bin->Base && bin->Base != null && bin->End == null);
        void** top = bin->Top;
        Order* next = Order.Alloc(heap);
        Assert.True(bin->Top == top - 1 && *bin->Top == next);
        Order.Free(heap, order);
        Order.Free(heap, next);
        Assert.True(bin->Top == top + 1 && bin->End == null);

        // Of another heap both are open, and after it has grown and gone through the depot it is still as it was.
        for (int round = 0; round < 3; round++)
        {
            List<nint> many = [.. Enumerable.Range(0, 3_000).Select(_ => (nint)Order.Alloc(heap))];
            many.ForEach(each => Order.Free(heap, (Order*)each));
            Assert.True(bin->Limit > 8 && bin->End == null && bin->Top <= bin->Base + bin->Limit);
        }

        StatisticsChecks.AssertAllAddUp();
        using Heap plain = new(new HeapOptions { Check = CheckLevel.Off });
        Order.Free(plain, Order.Alloc(plain));
        Assert.True(ThreadRecord.HeapBin(ThreadRecord.Current, plain.Index, TypeLayout.SpanClassOf<Order>())->End != null);
    }

    [Fact]
    public void The_next_heap_of_the_index_is_what_it_is_asked_to_be()
    {
        Heap heap = Make(CheckLevel.Off);
        Order.Free(heap, Order.Alloc(heap));
        nint index = heap.Index;
        heap.Dispose();
        using Heap next = new(new HeapOptions { Hardening = HeapHardening.None, Check = CheckLevel.Off });
        Assert.Equal(index, next.Index);
        Order* order = Order.Alloc(next);
        Fill(order, (nuint)sizeof(Order));
        Order.Free(next, order);
        Assert.Equal(Secret, *(byte*)order);
    }

    [Fact]
    public void A_recorded_heap_clears_too()
    {
        string file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.nht");
        using (Heap heap = new(new HeapOptions { Hardening = HeapHardening.ZeroOnFree, Check = CheckLevel.Off, RecordTo = file }))
        {
            Order* order = Order.Alloc(heap);
            Fill(order, (nuint)sizeof(Order));
            Order.Free(heap, order);
            AssertZero(order, (nuint)sizeof(Order), "Free");
        }

        File.Delete(file);
    }

    [Theory]
    [InlineData(HeapHardening.ZeroOnFree)]
    [InlineData(HeapHardening.ZeroOnFree | HeapHardening.RandomOrder)]
    public void Whatever_threads_hand_to_each_other_is_zero_when_it_comes_again(HeapHardening hardening)
    {
        using Heap heap = new(new HeapOptions { Hardening = hardening, Check = CheckLevel.Off });
        ConcurrentDictionary<nint, bool> known = new();
        ConcurrentQueue<nint> handed = new();
        int stale = 0;
        Thread[] threads =
        [
            .. Enumerable.Range(0, 4).Select(number => new Thread(() =>
            {
                Random random = new(number);
                for (int i = 0; i < LongTests.Scale(20_000, 500_000); i++)
                {
                    byte* block = (byte*)Order.Alloc(heap);
                    if (!known.TryAdd((nint)block, true) && new ReadOnlySpan<byte>(block, sizeof(Order)).ContainsAnyExcept((byte)0))
                    {
                        Interlocked.Increment(ref stale);
                    }

                    Fill(block, (nuint)sizeof(Order));
                    handed.Enqueue((nint)block);
                    if (random.Next(100) != 0 && handed.TryDequeue(out nint other))
                    {
                        Order.Free(heap, (Order*)other);
                    }
                }

                Heap.FlushThread();
            })),
        ];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
        Assert.Equal(0, stale);
        Assert.Equal(handed.Count, heap.GetStatistics().LiveObjects);
        StatisticsChecks.AssertAllAddUp();
    }

    private static Heap Make(CheckLevel level) => new(new HeapOptions { Hardening = HeapHardening.ZeroOnFree, Check = level });

    private static void Fill(void* block, nuint size) => NativeMemory.Fill(block, size, Secret);

    private static void AssertZero(void* block, nuint size, string way) =>
        Assert.True(!new ReadOnlySpan<byte>(block, (int)size).ContainsAnyExcept((byte)0), $"Not all of {size} bytes are zero after {way}.");

    private sealed class NoPurge : FaultInjection
    {
        protected override int Error => 0;

        protected override bool Decide(SystemCall call) => call == SystemCall.Purge;

        protected override void OnObtained(void* address, nuint size)
        {
        }

        protected override void OnReturned(void* address)
        {
        }
    }
}
