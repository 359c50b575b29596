using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;

using NativeHeap.CompilerServices;
using NativeHeap.Heaps;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;
using NativeHeap.Tests.Platform;
using NativeHeap.Threads;

using Xunit;

namespace NativeHeap.Tests.Heaps;

[NativeAllocated(Isolated = true)]
public partial struct Key
{
    public long High;
    public long Low;
    public int Kind;
}

/// <summary>As large as a <see cref="Key"/>, and as an Order.</summary>
[NativeAllocated(Isolated = true)]
public partial struct Ticket
{
    public long Number;
    public long Price;
    public int Seat;
}

[NativeAllocated(Isolated = true, Alignment = 64)]
public unsafe partial struct Node
{
    public Node* Next;
    public int Value;

    internal static int Freed;

    static partial void OnFreeing(ref Node value) => Freed += value.Value;
}

[NativeAllocated(Isolated = true)]
public partial struct Sealed<T>
    where T : unmanaged
{
    public T Value;
    public int Tag;
}

/// <summary>Types with spans of their own. The heap of a type lives as long as the process, so counts are those of before and after.</summary>
public sealed unsafe class IsolatedTypeTests
{
    private const int Page = (int)SizeClass.PageSize;

    // What a type has had stays with it, and counts for the limits that other tests set.
    private static bool IsAlone => Environment.GetEnvironmentVariable("NATIVEHEAP_HARDENING") is not null;

    [Fact]
    public void Each_stub_does_for_the_type_what_it_does_for_others()
    {
        Key* key = Key.Alloc();
        Key* copy = Key.Alloc(new Key { High = 7, Kind = 9 });
        Assert.Equal((7, 9), (copy->High, copy->Kind));
        NativeMemory.Fill(key, (nuint)sizeof(Key), 0xff);
        Key.Free(key);
        Key* zeroed = Key.AllocZeroed();
        Assert.Equal((0, 0, 0), (zeroed->High, zeroed->Low, zeroed->Kind));
        Heap heap = HeapOf("Key (isolated)");
        long live = heap.GetStatistics().LiveObjects;
        using (NativeOwner<Key> owner = Key.Rent())
        using (NativeOwner<Key> of = Key.Rent(new Key { Low = 5 }))
        {
            Assert.Equal((0, 5), (owner.Value.High, of.Value.Low));
            Assert.Equal(live + 2, heap.GetStatistics().LiveObjects);
        }

        Assert.Equal(live, heap.GetStatistics().LiveObjects);
        NativePointer<Key>[] batch = new NativePointer<Key>[2_000];
        Key.AllocBatch(batch);
        Assert.Equal(2_000, batch.Select(static each => (nint)each.ToPointer()).Distinct().Count());
        Assert.Equal(live + 2_000, heap.GetStatistics().LiveObjects);
        batch[7] = default;
        Key.FreeBatch(batch);
        Key.Free(null);
        Assert.Equal(live + 1, heap.GetStatistics().LiveObjects);
        Key.Free(copy);
        Key.Free(zeroed);
        Heap.FlushThread();
        StatisticsChecks.AssertAllAddUp();
    }

    [Fact]
    public void OnFreeing_is_called_and_alignment_kept()
    {
        Node.Freed = 0;
        Node* node = Node.Alloc();
        Assert.Equal((nint)0, (nint)node % 64);
        node->Value = 1;
        Node.Free(node);
        using (NativeOwner<Node> owner = Node.Rent())
        {
            owner.Value.Value = 10;
        }

        NativePointer<Node>[] batch = new NativePointer<Node>[3];
        Node.AllocBatch(batch);
        Array.ForEach(batch, static each => each.Value.Value = 100);
        Node.FreeBatch(batch);
        Assert.Equal(311, Node.Freed);
        Heap.FlushThread();
    }

    [Fact]
    public void No_address_ever_serves_two_types()
    {
        Assert.SkipUnless(IsAlone, "For a process of its own.");
        Random random = new(5);
        Dictionary<string, HashSet<nint>> pages = [];
        List<(string Type, nint Block, Action<nint> Free)> live = [];
        Heap? level = null;

        // Pages that others have had before, for whoever would take what is free.
        for (int i = 0; i < 20_000; i++)
        {
            Add("others", (nint)Order.Alloc(), sizeof(Order), static block => Order.Free((Order*)block));
        }

        FreeAll();
        for (int step = 0; step < LongTests.Scale(400_000, 8_000_000); step++)
        {
            if (random.Next(live.Count + 1) > 60_000 || (live.Count > 0 && random.Next(5) < 2))
            {
                int at = random.Next(live.Count);
                live[at].Free(live[at].Block);
                live[at] = live[^1];
                live.RemoveAt(live.Count - 1);
                continue;
            }

            switch (random.Next(step % 90_000 < 30_000 ? 9 : 5))
            {
                case 0 or 5 or 6:
                    Add("Key", (nint)Key.Alloc(), sizeof(Key), static block => Key.Free((Key*)block));
                    break;
                case 1 or 7 or 8:
                    Add("Ticket", (nint)Ticket.Alloc(), sizeof(Ticket), static block => Ticket.Free((Ticket*)block));
                    break;
                case 2:
                    Add("Sealed", (nint)Sealed<long>.Alloc(), sizeof(Sealed<long>), static block => Sealed<long>.Free((Sealed<long>*)block));
                    break;
                case 3:
                    Add("others", (nint)Order.Alloc(), sizeof(Order), static block => Order.Free((Order*)block));
                    break;
                default:
                    int size = random.Next(200) == 0 ? 100_000 : 1 + random.Next(2_000);
                    Add("others", (nint)HeapMemory.Alloc((nuint)size), size, static block => HeapMemory.Free((void*)block));
                    break;
            }

            switch (random.Next(40_000))
            {
                case 0:
                    _ = Heap.Trim();
                    break;
                case 1:
                    Heap.FlushThread();
                    break;
                case 2:
                    // What a heap leaves others get; what is free goes when memory is short.
                    level?.Dispose();
                    level = new Heap();
                    for (int i = 0; i < 2_000; i++)
                    {
                        Note("others", (nint)Order.Alloc(level), sizeof(Order));
                    }

                    HeapProcess.Scavenger->MakeRoom(16 << 20);
                    break;
                case 3:
                    FreeAll();
                    Heap.FlushThread();
                    _ = Heap.Trim();
                    break;
            }
        }

        FreeAll();
        level?.Dispose();
        Assert.Equal(4, pages.Count);
        Assert.True(pages.Values.All(static each => each.Count > 5), string.Join(", ", pages.Select(static each => $"{each.Key} {each.Value.Count}")));
        Assert.Equal(pages.Values.Sum(static each => each.Count), pages.Values.SelectMany(static each => each).Distinct().Count());
        StatisticsChecks.AssertAllAddUp();

        void Add(string type, nint block, int size, Action<nint> free)
        {
            Note(type, block, size);
            live.Add((type, block, free));
        }

        void Note(string type, nint block, int size)
        {
            if (!pages.TryGetValue(type, out HashSet<nint>? known))
            {
                pages.Add(type, known = []);
            }

            for (nint page = block / Page; page <= (block + size - 1) / Page; page++)
            {
                _ = known.Add(page);
            }
        }

        void FreeAll()
        {
            live.ForEach(static each => each.Free(each.Block));
            live.Clear();
        }
    }

    [Fact]
    public void Memory_goes_back_and_addresses_stay()
    {
        Assert.SkipUnless(IsAlone, "For a process of its own.");
        const int Count = 400_000;
        NativePointer<Ticket>[] tickets = new NativePointer<Ticket>[Count];
        Ticket.AllocBatch(tickets);
        Array.ForEach(tickets, static each => each.Value.Number = 1);
        nint middle = (nint)tickets[Count / 2].ToPointer();
        Heap heap = HeapOf("Ticket (isolated)");
        HeapStatistics full = heap.GetStatistics();
        Ticket.FreeBatch(tickets);
        Assert.True(Heap.Trim() > 8_000_000);
        HeapStatistics empty = heap.GetStatistics();
        Assert.Equal(full.SpanBytes, empty.SpanBytes);
        Assert.InRange(empty.ReturnedBytes, empty.SpanBytes * 9 / 10, empty.SpanBytes);
        Assert.Equal(0, empty.LiveObjects);
        StatisticsChecks.AssertAllAddUp();
        if (OperatingSystem.IsLinux() && Environment.SystemPageSize == 4096)
        {
            Assert.Equal(0, ProcessMap.ResidentPages((void*)(middle & -Environment.SystemPageSize), (nuint)Environment.SystemPageSize));
        }

        Ticket.AllocBatch(tickets);
        Assert.Equal(full.SpanBytes, heap.GetStatistics().SpanBytes);
        Ticket.FreeBatch(tickets);
        Heap.FlushThread();
    }

    [Fact]
    public void Its_heap_is_among_all_can_be_read_and_takes_nothing_else()
    {
        Key* key = Key.Alloc();
        key->Low = 77;
        Heap heap = HeapOf("Key (isolated)");
        Assert.True(heap.GetStatistics().LiveObjects > 0 && heap.Owns(key));
        Assert.Equal(heap.GetStatistics().LiveObjects, heap.GetLeakReport().Objects);
        bool walked = false;
        foreach (HeapBlock block in heap.Walk())
        {
            walked |= block.Address == key;
        }

        Assert.True(walked);
        (string Name, Action Call)[] calls =
        [
            ("Alloc", () => heap.Alloc(24)),
            ("Alloc, large", () => heap.Alloc(100_000)),
            ("TryAlloc", () => heap.TryAlloc(24, out _)),
            ("AllocZeroed", () => heap.AllocZeroed(24)),
            ("AllocAligned", () => heap.AllocAligned(24, 64)),
            ("Realloc", () => heap.Realloc(key, 100)),
            ("Realloc of null", () => heap.Realloc(null, 24)),
            ("Free", () => heap.Free(key)),
            ("UsableSize", () => heap.UsableSize(key)),
            ("Reset", heap.Reset),
            ("Dispose", heap.Dispose),
            ("Prewarm", () => heap.Prewarm(100)),
            ("Prewarm of a type", () => heap.Prewarm<Order>(3)),
            ("EndWarmUp", heap.EndWarmUp),
            ("Order.Alloc", () => Order.Alloc(heap)),
            ("Order.Rent", () => Order.Rent(heap)),
            ("Order.Free", () => Order.Free(heap, (Order*)key)),
            ("Order.AllocBatch", () => Order.AllocBatch(heap, new NativePointer<Order>[3])),
            ("a table", () => new NativeTable<Order>(heap).Dispose()),
            ("a list", () => new NativeList<long>(heap).Dispose()),
        ];
        foreach ((string name, Action call) in calls)
        {
            string message = Assert.Throws<InvalidOperationException>(call).Message;
            Assert.True(message.Contains("'Key (isolated)'", StringComparison.Ordinal), $"{name}: {message}");
        }

        Assert.Throws<ArgumentException>(() => HeapMemory.Free(key));
        Assert.Equal(77, key->Low);
        Key.Free(key);
    }

    [Fact]
    public void Another_types_object_is_not_taken_for_one_of_the_type()
    {
        Heap.FlushThread();
        Order* order = Order.Alloc();
        Ticket* ticket = Ticket.Alloc();
        Key* key = Key.Alloc();
        Action[] wrong = [() => Key.Free((Key*)order), () => Key.Free((Key*)ticket), () => Order.Free((Order*)key), () => Key.Free((Key*)((byte*)key + 8)), () => Sealed<short>.Free((Sealed<short>*)key)];
        foreach (Action free in wrong)
        {
            Assert.Throws<HeapCorruptionException>(() =>
            {
                free();
                Heap.FlushThread();
            });
        }

        Order.Free(order);
        Ticket.Free(ticket);
        Key.Free(key);
        Heap.FlushThread();
        StatisticsChecks.AssertAllAddUp();
    }

    [Fact]
    public void A_type_that_no_slot_can_hold_is_refused()
    {
        string message = Assert.Throws<NotSupportedException>(() => Sealed<LargeBytes>.Alloc()).Message;
        Assert.Contains("40,004 bytes", message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => Sealed<LargeBytes>.Rent());
        Assert.Throws<NotSupportedException>(() => Sealed<LargeBytes>.AllocBatch(new NativePointer<Sealed<LargeBytes>>[2]));
    }

    [Fact]
    public void Refused_memory_is_an_error_that_leaves_all_as_it_was()
    {
        Assert.SkipUnless(IsAlone, "For a process of its own.");
        Order.Free(Order.Alloc());
        Heap.FlushThread();
        NativePointer<Sealed<int>>[] batch = new NativePointer<Sealed<int>>[50_000];
        foreach (SystemCall call in (ReadOnlySpan<SystemCall>)[SystemCall.Map, SystemCall.Used])
        {
            ProcessStatistics before = StatisticsChecks.AssertAllAddUp();
            FaultInjection.Armed = new Refusing(call, after: 2);
            try
            {
                Assert.Throws<OutOfMemoryException>(() => Sealed<int>.AllocBatch(batch));
            }
            finally
            {
                FaultInjection.Armed = null;
            }

            Assert.All(batch, static each => Assert.True(each.IsNull));
            Heap.FlushThread();
            Assert.Equal(before.LiveObjects, StatisticsChecks.AssertAllAddUp().LiveObjects);
        }

        Sealed<int>.AllocBatch(batch);
        Assert.Equal(batch.Length, HeapOf("Sealed`1 (isolated)", batch[0].ToPointer()).GetStatistics().LiveObjects);
        Sealed<int>.FreeBatch(batch);
        Heap.FlushThread();
    }

    [Fact]
    public void The_threads_table_has_the_bins_of_the_types_that_it_has_used()
    {
        Key.Free(Key.Alloc());
        Assert.True(OnThread(static () => 0 == Filled<Key>()));
        Assert.True(OnThread(static () =>
        {
            Key.Free(Key.Alloc());
            Sealed<byte>.Free(Sealed<byte>.Alloc());
            Sealed<short>.Free(Sealed<short>.Alloc());
            Sealed<float>.Free(Sealed<float>.Alloc());
            Sealed<double>.Free(Sealed<double>.Alloc());
            Sealed<char>.Free(Sealed<char>.Alloc());
            return Filled<Key>() > 0 && Filled<Sealed<byte>>() > 0 && Filled<Sealed<char>>() > 0;
        }));

        // A record that goes on to another thread has them still.
        Heap.FlushThread();

        static int Filled<T>()
            where T : unmanaged, INativeLayoutClaim
        {
            Order.Free(Order.Alloc());
            ThreadRecord* thread = ThreadRecord.Current;
            nint number = IsolatedType<T>.Number;
            return ThreadRecord.HasIsolatedPlace(thread, number) ? ThreadRecord.IsolatedBin(thread, number)->Count : 0;
        }
    }

    [Fact]
    public void Threads_hand_objects_to_each_other()
    {
        Assert.SkipUnless(IsAlone, "For a process of its own.");
        Queue<nint> handed = new();
        HashSet<nint> live = [];
        int twice = 0;
        Thread[] threads =
        [
            .. Enumerable.Range(0, 4).Select(number => new Thread(() =>
            {
                Random random = new(number);
                for (int i = 0; i < LongTests.Scale(10_000, 300_000); i++)
                {
                    nint mine = (nint)Key.Alloc();
                    nint other = 0;
                    lock (handed)
                    {
                        twice += live.Add(mine) ? 0 : 1;
                        handed.Enqueue(mine);
                        if (random.Next(50) != 0)
                        {
                            other = handed.Dequeue();
                            _ = live.Remove(other);
                        }
                    }

                    Key.Free((Key*)other);
                }

                Heap.FlushThread();
            })),
        ];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
        Assert.Equal(0, twice);
        Heap heap = HeapOf("Key (isolated)");
        long all = heap.GetStatistics().LiveObjects;
        foreach (nint each in handed)
        {
            Key.Free((Key*)each);
        }

        Heap.FlushThread();
        Assert.Equal(handed.Count, all - heap.GetStatistics().LiveObjects);
        StatisticsChecks.AssertAllAddUp();
    }

    [Fact]
    public void Threads_that_begin_with_a_type_share_its_heap()
    {
        using Barrier barrier = new(4);
        nint[] taken = new nint[4];
        Thread[] threads =
        [
            .. Enumerable.Range(0, 4).Select(number => new Thread(() =>
            {
                barrier.SignalAndWait();
                taken[number] = (nint)Sealed<decimal>.Alloc();
            })),
        ];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
        Assert.Equal(4, taken.Distinct().Count());
        Heap heap = HeapOf("Sealed`1 (isolated)", (void*)taken[0]);
        Assert.All(taken, each => Assert.True(heap.Owns((void*)each)));
        Array.ForEach(taken, static each => Sealed<decimal>.Free((Sealed<decimal>*)each));
        Heap.FlushThread();
    }

    private static Heap HeapOf(string name, void* block = null)
    {
        foreach (Heap heap in Heap.All)
        {
            if (heap.Name == name && (block == null || heap.Owns(block)))
            {
                return heap;
            }
        }

        throw new InvalidOperationException($"There is no heap '{name}'.");
    }

    private static bool OnThread(Func<bool> work)
    {
        bool result = false;
        Thread thread = new(() => result = work());
        thread.Start();
        thread.Join();
        return result;
    }

    private sealed class Refusing(SystemCall call, int after) : FaultInjection
    {
        private int _asked;

        protected override int Error => 0;

        protected override bool Decide(SystemCall asked) => asked == call && Interlocked.Increment(ref _asked) > after;

        protected override void OnObtained(void* address, nuint size)
        {
        }

        protected override void OnReturned(void* address)
        {
        }
    }
}
