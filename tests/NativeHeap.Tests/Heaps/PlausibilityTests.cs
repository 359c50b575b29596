using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;

using NativeHeap.Central;
using NativeHeap.Heaps;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>A heap that is not checked: every wrong pointer, given to every call that takes one, is told by the call or when it reaches its span, and damages nothing.</summary>
public sealed unsafe class PlausibilityTests
{
    private const int Kept = 600;

    // What a pointer is that is not to be freed as an Order of the heap.
    private static readonly (string Name, Func<World, nint> Make)[] s_wrong =
    [
        ("freed before", static world => Ended(world, (nint)Order.Alloc(world.Heap))),
        ("freed before, and in its span", static world => Flushed(Ended(world, (nint)Order.Alloc(world.Heap)))),
        ("freed before, and in the depot", InDepot),
        ("freed before, with its span gone", static world => Trimmed(Ended(world, (nint)Order.Alloc(world.Heap)))),
        ("never allocated", static world => world.Objects.Max() + (sizeof(Order) * 20)),
        ("inside an object", static world => world.Objects[7] + 8),
        ("inside an object, at an odd byte", static world => world.Objects[7] + 23),
        ("inside a large object", static world => world.Large + 16),
        ("on a later page of a large object", static world => world.Large + 24_576),
        ("a large object", static world => world.Large),
        ("of another class", static world => world.Wide),
        ("of another heap", static world => world.Others),
        ("of the shared heap", static world => world.Shared),
        ("of a heap that has ended", static world => OfEndedHeap()),
        ("of another allocator", static world => world.Foreign + 64),
        ("on the stack", static world => world.OnStack),
        ("no address", static world => unchecked((nint)0xdead_beef_dead_bee0)),
        ("a small number", static world => 24),
    ];

    private static readonly (string Name, Action<Heap, nint> Call)[] s_calls =
    [
        ("Order.Free with a place at hand", static (heap, pointer) =>
        {
            Order* place = Order.Alloc(heap);
            Order.Free(heap, (Order*)pointer);
            Order.Free(heap, place);
        }),
        ("Order.Free without", static (heap, pointer) =>
        {
            Heap.FlushThread();
            Order.Free(heap, (Order*)pointer);
        }),
        ("Order.FreeBatch", static (heap, pointer) => Order.FreeBatch(heap, [default, (Order*)pointer, default])),
        ("Heap.Free", static (heap, pointer) => heap.Free((void*)pointer)),
        ("Heap.Realloc to more", static (heap, pointer) => heap.Realloc((void*)pointer, 500)),
        ("Heap.UsableSize", static (heap, pointer) => heap.UsableSize((void*)pointer)),
    ];

    [Fact]
    public void Every_wrong_pointer_is_told_by_the_call_or_at_its_span_and_damages_nothing()
    {
        foreach ((string pointerName, Func<World, nint> make) in s_wrong)
        {
            foreach ((string callName, Action<Heap, nint> call) in s_calls)
            {
                using World world = new();
                nint pointer = make(world);

                // Blocks of those are the heap's, and those calls take them.
                bool isRight = callName.StartsWith("Heap.", StringComparison.Ordinal) && (pointerName is "a large object" or "of another class");

                // What only asks for a size sees no more than the span does.
                bool mayPass = callName == "Heap.UsableSize" && (pointerName is "freed before" or "freed before, and in the depot" or "never allocated");
                bool told = Tells(() => call(world.Heap, pointer)) | Tells(Heap.FlushThread) | Tells(() => Heap.Trim()) | Tells(() => Order.FreeBatch(world.Heap, Fresh(world.Heap)));
                Assert.True(told || isRight || mayPass, $"{callName} of a pointer {pointerName} was not told.");
                world.AssertIntact($"{callName} of a pointer {pointerName}", isRight ? pointer : 0);
            }
        }

        StatisticsChecks.AssertAllAddUp();
    }

    [Fact]
    public void What_a_drain_of_the_depot_finds_is_told_by_who_comes_next()
    {
        using Heap heap = new(new HeapOptions { Check = CheckLevel.Off });
        Order* order = Order.Alloc(heap);
        CentralCache* central = heap.Set->Find(TypeLayout.SpanClassOf<Order>());
        for (int i = 0; i < 2; i++)
        {
            Magazine* magazine = central->TakeEmpty();
            Magazine.Slots(magazine)[0] = order;
            magazine->Count = 1;
            central->GiveEmpty(central->GiveToDepot(magazine));
        }

        heap.Set->EmptyDepots();
        Order* next = Order.Alloc(heap);
        Assert.Equal((nint)order, Assert.Throws<HeapCorruptionException>(Heap.FlushThread).Address);
        Order.Free(heap, next);
        Heap.FlushThread();
    }

    [Fact]
    public void A_stale_pointer_whose_span_has_become_anothers_touches_nothing_of_it()
    {
        // One thread frees what the other has freed, while spans come and go between two heaps and two classes.
        using Heap heap = new(new HeapOptions { Check = CheckLevel.Off });
        using Heap other = new(new HeapOptions { Check = CheckLevel.Off });
        CentralCache* central = CentralSet.GetOrCreate(heap.Set, TypeLayout.SpanClassOf<Order>());
        bool ends = false;
        nint[] stale = new nint[64];
        Lock allowed = new();
        Thread thread = new(() =>
        {
            void** batch = stackalloc void*[64];
            while (!Volatile.Read(ref ends))
            {
                lock (allowed)
                {
                    for (int i = 0; i < 64; i++)
                    {
                        batch[i] = (void*)Volatile.Read(ref stale[i]);
                    }

                    _ = central->Flush(batch, 64);
                }
            }
        });
        thread.Start();
        for (int round = 0; round < LongTests.Scale(200, 20_000); round++)
        {
            nint[] orders = [.. Enumerable.Range(0, 3_000).Select(_ => (nint)Order.Alloc(heap))];
            Array.ForEach(orders, order => Order.Free(heap, (Order*)order));
            heap.Set->EmptyDepots();
            Heap.FlushThread();
            for (int i = 0; i < 64; i++)
            {
                Volatile.Write(ref stale[i], orders[i * 40]);
            }

            central->ReleaseIdle();

            nint[] blocks = [.. Enumerable.Range(0, 500).Select(_ => (nint)other.Alloc(200))];
            Array.ForEach(blocks, block => NativeMemory.Fill((void*)block, 200, 0x5a));
            Assert.Equal(500, blocks.Distinct().Count());
            Assert.True(Array.TrueForAll(blocks, static block => !new ReadOnlySpan<byte>((void*)block, 200).ContainsAnyExcept((byte)0x5a)));
            Array.ForEach(blocks, block => other.Free((void*)block));

            // What is allocated next may be where those point.
            lock (allowed)
            {
                Array.Clear(stale);
            }
        }

        Volatile.Write(ref ends, true);
        thread.Join();
        Heap.FlushThread();
        Assert.Equal(0, other.GetStatistics().LiveObjects);
        StatisticsChecks.AssertAllAddUp();
    }

    private static NativePointer<Order>[] Fresh(Heap heap)
    {
        NativePointer<Order>[] fresh = new NativePointer<Order>[2_000];
        Order.AllocBatch(heap, fresh);
        return fresh;
    }

    private static bool Tells(Action call)
    {
        try
        {
            call();
            return false;
        }
        catch (Exception error) when (error is HeapCorruptionException or ArgumentException)
        {
            return true;
        }
    }

    private static nint Ended(World world, nint order)
    {
        Order.Free(world.Heap, (Order*)order);
        return order;
    }

    private static nint Flushed(nint order)
    {
        Heap.FlushThread();
        return order;
    }

    private static nint Trimmed(nint order)
    {
        _ = Heap.Trim();
        return order;
    }

    private static nint InDepot(World world)
    {
        nint[] many = [.. Enumerable.Range(0, 3_000).Select(_ => (nint)Order.Alloc(world.Heap))];
        Array.ForEach(many, order => Order.Free(world.Heap, (Order*)order));
        return many[100];
    }

    private static nint OfEndedHeap()
    {
        using Heap heap = new(new HeapOptions { Check = CheckLevel.Off });
        return (nint)Order.Alloc(heap);
    }

    private sealed class World : IDisposable
    {
        private readonly Heap _other = new(new HeapOptions { Check = CheckLevel.Off });
        private readonly void* _onStack;

        public World()
        {
            long local = 0;
            _onStack = &local;
            for (int i = 0; i < Kept; i++)
            {
                Order* order = Order.Alloc(Heap);
                order->Id = i;
                Objects.Add((nint)order);
            }

            Large = (nint)Heap.Alloc(100_000);
            Wide = (nint)Heap.Alloc(200);
            Others = (nint)Order.Alloc(_other);
            Shared = (nint)Order.Alloc();
        }

        public Heap Heap { get; } = new(new HeapOptions { Check = CheckLevel.Off });

        public List<nint> Objects { get; } = [];

        public nint Large { get; }

        public nint Wide { get; }

        public nint Others { get; }

        public nint Shared { get; }

        public nint Foreign { get; } = (nint)NativeMemory.AllocZeroed(256);

        public nint OnStack => (nint)_onStack & ~7;

        // All that is alive is as it was and the heap's own, and nothing that is handed out now is part of it.
        public void AssertIntact(string after, nint freed)
        {
            for (int i = 0; i < Kept; i++)
            {
                Assert.True(((Order*)Objects[i])->Id == i, after);
            }

            HashSet<nint> fresh = [];
            NativePointer<Order>[] batch = Fresh(Heap);
            foreach (NativePointer<Order> order in batch)
            {
                Assert.True(fresh.Add((nint)order.ToPointer()) && Heap.Owns(order.ToPointer()), after);
            }

            Assert.True(!fresh.Overlaps(Objects), after);
            Order.FreeBatch(Heap, batch);
            Heap.FlushThread();
            Assert.True(freed == Large || Heap.UsableSize((void*)Large) >= 100_000, after);
            Assert.True(freed == Wide || Heap.UsableSize((void*)Wide) >= 200, after);
            Assert.True(_other.Owns((void*)Others) && new ReadOnlySpan<byte>((void*)Foreign, 256).IndexOfAnyExcept((byte)0) < 0, after);
        }

        public void Dispose()
        {
            Order.Free((Order*)Shared);
            Heap.Dispose();
            _other.Dispose();
            NativeMemory.Free((void*)Foreign);
            Heap.FlushThread();
        }
    }
}
