using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>Which live objects lead to which, in heaps of known shapes.</summary>
public sealed unsafe class HeapGraphTests
{
    [Theory]
    [InlineData("a b", "a b", "", "")]
    [InlineData("a>b", "a", "b", "")]
    [InlineData("!a a>b", "", "", "a b")]
    [InlineData("a>b b>c c>d", "a", "b c d", "")]
    [InlineData("!b a>b b>c c>d", "a", "", "b c d")]
    [InlineData("a>b a>c b>d b>e c>f", "a", "b c d e f", "")]
    [InlineData("a>>b", "a", "b", "")]
    [InlineData("!!a a>>b", "", "", "a b")]
    [InlineData("a>a", "a", "", "")]
    [InlineData("!a a>a", "", "", "a")]
    [InlineData("a>c b>c", "a b", "c", "")]
    [InlineData("!a a>c b>c b>d", "b", "d", "a c")]
    [InlineData("!b a>b b>a", "", "", "a b")]
    [InlineData("d>a a>b b>c c>a", "d", "a b c", "")]
    public void What_is_lost_indirectly_lost_and_reachable_is_told_apart(string shape, string lost, string indirectly, string reachable)
    {
        foreach (CheckLevel level in (CheckLevel[])[CheckLevel.Off, CheckLevel.Basic])
        {
            using Shape built = new(shape, level);
            LeakReport report = built.Heap.GetLeakReport();
            Assert.Equal(
                (lost, indirectly, reachable),
                (built.Names(report, Reachability.Lost), built.Names(report, Reachability.IndirectlyLost), built.Names(report, Reachability.Reachable)));
        }
    }

    [Theory]
    [InlineData("a>b b>a", 1)]
    [InlineData("a>b b>c c>a", 1)]
    [InlineData("a>b b>c c>a d>e e>d", 2)]
    [InlineData("a>b b>a b>c c>d d>c", 1)]
    [InlineData("c>d d>c a>b b>a b>c", 1)]
    [InlineData("a>b b>a a>c c>d d>e e>c f>c", 2)]
    public void Of_objects_that_only_lead_to_each_other_one_is_lost(string shape, int lost)
    {
        foreach (CheckLevel level in (CheckLevel[])[CheckLevel.Off, CheckLevel.Basic])
        {
            using Shape built = new(shape, level);
            LeakReport report = built.Heap.GetLeakReport();
            Assert.Equal(lost, report.Groups.Count(group => group.Reachability == Reachability.Lost));
            Assert.DoesNotContain(report.Groups, group => group.Reachability == Reachability.Reachable);
        }
    }

    [Theory]
    [InlineData(CheckLevel.Off)]
    [InlineData(CheckLevel.Basic)]
    public void Tables_pools_and_collections_are_roots_and_what_they_have_removed_is_not(CheckLevel level)
    {
        using Heap heap = new(new HeapOptions { Check = level });
        NativeTable<Link> table = new(heap);
        NativePool<Link> pool = new(heap);
        NativeList<nint> list = new(heap);
        NativeDictionary<int, nint> dictionary = new(heap);
        NativeBox<Link> box = new(heap);
        table.Add(default, out NativeHandle<Link> kept).Next = Blocks(heap, 1);
        table.Add(default, out NativeHandle<Link> removed).Next = Blocks(heap, 1);
        pool.Add(default, out NativeHandle<Link> pooled).Next = Blocks(heap, 1);
        pool.Add(default, out NativeHandle<Link> unpooled).Next = Blocks(heap, 1);
        list.Add((nint)Blocks(heap, 1));
        dictionary.Add(1, (nint)Blocks(heap, 1));
        box.Value.Next = Blocks(heap, 1);
        Assert.Equal(0, Lost(heap));
        Assert.True(table.Remove(removed));
        Assert.True(pool.Remove(unpooled));
        Assert.Equal(2, Lost(heap));
        Assert.Equal("An element of a table", Assert.Single(Heap.FindReferences(table[kept].Next).References).Kind);
        HeapReference reference = Assert.Single(Heap.FindReferences(pool[pooled].Next).References);
        fixed (Link* element = &pool[pooled])
        {
            Assert.Equal(("An element of a pool", (nint)element, (nuint)0), (reference.Kind, reference.Holder, reference.Offset));
        }

        list.Dispose();
        dictionary.Dispose();
        box.Dispose();
        Assert.Equal(5, Lost(heap));
        table.Dispose();
        pool.Dispose();
        Assert.Equal(7, Lost(heap));
    }

    [Fact]
    public void A_pool_and_a_table_are_read_beyond_a_piece_and_elements_of_any_size()
    {
        using Heap heap = new();
        NativePool<Link> pool = new(heap);
        NativeTable<Pair<Pair<Pair<LargeBytes>>>> table = new(heap);
        List<NativeHandle<Link>> handles = [];
        for (int i = 0; i < 20_000; i++)
        {
            pool.Add(default, out NativeHandle<Link> handle).Other = Blocks(heap, 1);
            handles.Add(handle);
        }

        for (int i = 0; i < 10; i++)
        {
            ref Pair<Pair<Pair<LargeBytes>>> element = ref table.Add(default, out _);
            MemoryMarshal.Cast<Pair<Pair<Pair<LargeBytes>>>, nint>(new Span<Pair<Pair<Pair<LargeBytes>>>>(ref element))[i * 4_444] = (nint)Blocks(heap, 1);
        }

        Assert.Equal(0, Lost(heap));
        for (int i = 0; i < handles.Count; i += 3)
        {
            Assert.True(pool.Remove(handles[i]));
        }

        Assert.Equal(6_667, Lost(heap));
    }

    [Theory]
    [InlineData(CheckLevel.Off)]
    [InlineData(CheckLevel.Basic)]
    public void What_cannot_hold_pointers_is_not_read(CheckLevel level)
    {
        using Heap heap = new(new HeapOptions { Check = level });
        Order* order = Order.Alloc(heap);
        LargeMessage* message = LargeMessage.Alloc(heap);
        Link* link = Blocks(heap, 1);
        order->Id = (nint)link;
        *(void**)&message->Bytes = link;
        Assert.Empty(Heap.FindReferences(link).References);
        Assert.Equal(3, Lost(heap));
    }

    [Theory]
    [InlineData(CheckLevel.Off)]
    [InlineData(CheckLevel.Basic)]
    public void A_freed_object_points_nowhere_whether_it_is_in_a_magazine_or_a_depot_or_a_span(CheckLevel level)
    {
        using Heap heap = new(new HeapOptions { Check = level });
        Link* target = Blocks(heap, 1);
        Link*[] holders = new Link*[5_000];
        for (int i = 0; i < holders.Length; i++)
        {
            holders[i] = Blocks(heap, 1);
            holders[i]->Other = target;
        }

        for (int i = 3; i < holders.Length; i++)
        {
            Link.Free(heap, holders[i]);
        }

        Assert.Equal<nint>([(nint)holders[0], (nint)holders[1], (nint)holders[2]], [.. Heap.FindReferences(target).References.Select(reference => reference.Holder).Order()]);
        Link.Free(heap, holders[1]);
        Assert.Equal(2, Heap.FindReferences(target).References.Count);
        Heap.FlushThread();
        Assert.Equal(2, Heap.FindReferences(target).References.Count);
        Assert.Equal((2, 3), (Lost(heap), heap.GetLeakReport().Objects));
    }

    [Theory]
    [InlineData(CheckLevel.Off, "A block of up to 24 bytes that may hold pointers")]
    [InlineData(CheckLevel.Basic, "Link")]
    public void Pointers_to_an_object_that_was_freed_are_found(CheckLevel level, string kind)
    {
        using Heap heap = new(new HeapOptions { Check = level, Name = "book" });
        Link* freed = Blocks(heap, 1);
        Link* holder = Blocks(heap, 1);
        holder->Other = (Link*)&freed->Value;
        freed->Next = freed;
        Link.Free(heap, freed);
        ReferenceReport report = Heap.FindReferences((byte*)freed + 5);
        Assert.Equal(((nint)freed, (nuint)24), (report.Address, report.Bytes));
        HeapReference reference = Assert.Single(report.References);
        Assert.Equal(
            new HeapReference { Holder = (nint)holder, Offset = 8, Target = (nint)(&freed->Value), Kind = kind, HeapName = "book" },
            reference);
        Assert.Equal(
            $"1 pointer into the 24 bytes at 0x{(nint)freed:x}:{Environment.NewLine}  {kind} at 0x{(nint)holder:x} of the heap 'book', 8 bytes in, to byte 16",
            report.ToString());
        Link.Free(heap, holder);
        Assert.Equal($"No live object points into the 24 bytes at 0x{(nint)freed:x}.", Heap.FindReferences(freed).ToString());
    }

    [Fact]
    public void A_pointer_in_a_large_object_is_found_wherever_it_is_and_one_into_it()
    {
        using Heap heap = new();
        const int Length = 1 << 20;
        void** large = (void**)heap.AllocZeroed(Length * (nuint)sizeof(void*));
        Link* target = Blocks(heap, 1);
        foreach (int at in (int[])[0, 17_407, 17_408, 500_000, Length - 1])
        {
            large[at] = target;
            Assert.Equal(((nint)large, (nuint)at * 8), Heap.FindReferences(target).References.Select(reference => (reference.Holder, reference.Offset)).Single());
            large[at] = null;
        }

        target->Next = (Link*)(large + (Length / 2));
        Assert.Equal((nint)target, Assert.Single(Heap.FindReferences(large).References).Holder);
        Assert.Equal(Reachability.IndirectlyLost, heap.GetLeakReport().Groups.Single(group => group.Bytes > 1_000).Reachability);
        heap.Free(large);
        Assert.Equal((nint)target, Assert.Single(Heap.FindReferences(large + (Length / 2)).References).Holder);
    }

    [Fact]
    public void Objects_of_one_heap_are_reachable_by_those_of_another()
    {
        using Heap one = new();
        using Heap other = new(new HeapOptions { Name = "other" });
        Link* target = Blocks(one, 1);
        Link* holder = Blocks(other, 1);
        holder->Next = target;
        Assert.Equal("other", Assert.Single(Heap.FindReferences(target).References).HeapName);
        Assert.Equal(Reachability.IndirectlyLost, Assert.Single(one.GetLeakReport().Groups).Reachability);
        using Root root = new(1);
        root[0] = holder;
        Assert.Equal(Reachability.Reachable, Assert.Single(one.GetLeakReport().Groups).Reachability);
        other.Free(holder);
        Assert.Equal(Reachability.Lost, Assert.Single(one.GetLeakReport().Groups).Reachability);
    }

    [Fact]
    public void Roots_are_read_wherever_they_begin_and_until_they_are_removed()
    {
        using Heap heap = new();
        Link* target = Blocks(heap, 1);
        byte* memory = (byte*)NativeMemory.AlignedAlloc(300_000, 8);
        new Span<byte>(memory, 300_000).Clear();
        Heap.AddRoot(memory + 3, 299_990);
        Heap.AddRoot(memory + 3, 16);
        *(void**)memory = target;
        Assert.Equal(1, Lost(heap));
        *(void**)(memory + 299_984) = target;
        Assert.Equal(0, Lost(heap));
        HeapReference reference = Assert.Single(Heap.FindReferences(target).References);
        Assert.Equal(("A root", (nint)memory + 3, (nuint)299_981), (reference.Kind, reference.Holder, reference.Offset));
        Assert.True(Heap.RemoveRoot(memory + 3));
        Assert.Equal(0, Lost(heap));
        Assert.True(Heap.RemoveRoot(memory + 3));
        Assert.Equal(1, Lost(heap));
        Assert.False(Heap.RemoveRoot(memory + 3));
        NativeMemory.AlignedFree(memory);
        Assert.Throws<ArgumentNullException>(() => Heap.AddRoot(null, 8));
        Assert.Throws<ArgumentOutOfRangeException>(() => Heap.AddRoot(memory, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Heap.AddRoot(memory, nuint.MaxValue));
    }

    [Fact]
    public void Addresses_that_are_no_blocks_have_references_too_and_any_value_may_be_asked_for()
    {
        using Heap heap = new();
        Link* holder = Blocks(heap, 1);
        holder->Next = (Link*)0x1234_5678;
        Assert.Equal((nint)holder, Assert.Single(Heap.FindReferences((void*)0x1234_5678).References).Holder);
        Assert.Empty(Heap.FindReferences((void*)0x1234_5679).References);
        Assert.Empty(Heap.FindReferences((void*)nuint.MaxValue).References);
    }

    [Fact]
    public void A_deep_list_takes_no_stack()
    {
        using Heap heap = new();
        Link* first = Blocks(heap, 1);
        Link* last = first;
        int length = LongTests.Scale(100_000, 1_000_000);
        for (int i = 1; i < length; i++)
        {
            last->Next = Blocks(heap, 1);
            last = last->Next;
        }

        LeakReport report = heap.GetLeakReport();
        Assert.Equal<(Reachability, long)>(
            [(Reachability.Lost, 1), (Reachability.IndirectlyLost, length - 1)],
            [.. report.Groups.Select(group => (group.Reachability, group.Objects))]);
    }

    [Fact]
    public void Reports_beside_threads_at_work_see_all_that_stays()
    {
        using Heap heap = new();
        using Root root = new(1);
        Link* first = Blocks(heap, 1);
        root[0] = first;
        int staying = 2_000;
        Link* last = first;
        for (int i = 1; i < staying; i++)
        {
            last->Next = Blocks(heap, 1);
            last = last->Next;
        }

        bool isOver = false;
        Thread[] threads = new Thread[2];
        for (int t = 0; t < threads.Length; t++)
        {
            int seed = t;
            threads[t] = new Thread(() => Work(heap, new Random(seed), ref isOver));
            threads[t].Start();
        }

        try
        {
            for (int round = 0; round < LongTests.Scale(20, 150); round++)
            {
                LeakedObjects reachable = heap.GetLeakReport().Groups.First(group => group.Reachability == Reachability.Reachable && group.Kind.Contains("24 bytes", StringComparison.Ordinal));
                Assert.True(reachable.Objects >= staying, $"{reachable.Objects} of {staying}");
                _ = Heap.FindReferences(first);
            }
        }
        finally
        {
            Volatile.Write(ref isOver, true);
            foreach (Thread thread in threads)
            {
                thread.Join();
            }
        }

        Assert.Equal(staying, Assert.Single(heap.GetLeakReport().Groups).Objects);

        // Blocks, large objects, tables, pools and heaps that come and go.
        static void Work(Heap heap, Random random, ref bool isOver)
        {
            List<nint> own = [];
            while (!Volatile.Read(ref isOver))
            {
                own.Add((nint)heap.AllocZeroed((nuint)random.Next(16, random.Next(20) == 0 ? 400_000 : 600)));
                if (own.Count > 200)
                {
                    int index = random.Next(own.Count);
                    heap.Free((void*)own[index]);
                    own[index] = own[^1];
                    own.RemoveAt(own.Count - 1);
                }

                if (random.Next(50) == 0)
                {
                    NativeTable<Link> table = new(heap);
                    NativePool<Link> pool = new(heap);
                    for (int i = 0; i < 10_000; i++)
                    {
                        _ = table.Add(default, out _);
                        _ = pool.Add(default, out _);
                    }

                    table.Clear();
                    table.TrimExcess();
                    pool.Dispose();
                    table.Dispose();
                    using Heap level = new();
                    _ = level.AllocZeroed(100_000);
                    _ = Blocks(level, 2_000);
                }
            }

            own.ForEach(block => heap.Free((void*)block));
        }
    }

    // Some objects, the last of them returned.
    private static Link* Blocks(Heap heap, int count)
    {
        Link* last = null;
        for (; count > 0; count--)
        {
            last = Link.AllocZeroed(heap);
        }

        return last;
    }

    private static long Lost(Heap heap) => heap.GetLeakReport().Groups.Where(group => group.Reachability == Reachability.Lost).Sum(group => group.Objects);

    // Memory of the test's own, which is a root.
    private sealed class Root : IDisposable
    {
        private readonly void** _words;

        public Root(int length)
        {
            _words = (void**)NativeMemory.AllocZeroed((nuint)length, (nuint)sizeof(void*));
            Heap.AddRoot(_words, (nuint)length * (nuint)sizeof(void*));
        }

        public void* this[int index]
        {
            set => _words[index] = value;
        }

        public void Dispose()
        {
            Assert.True(Heap.RemoveRoot(_words));
            NativeMemory.Free(_words);
        }
    }

    // Objects are letters, each of a size class of its own, so that a report tells them apart. "a>b" is a pointer in a to the first byte of b, "a>>b" to another of its bytes; "!a" and "!!a" are such in a root.
    private sealed class Shape : IDisposable
    {
        private readonly SortedDictionary<char, nint> _objects = [];
        private readonly Root _root = new(16);

        public Shape(string shape, CheckLevel level)
        {
            Heap = new Heap(new HeapOptions { Check = level });
            foreach (char letter in shape.Where(char.IsAsciiLetter).Distinct().Order())
            {
                _objects.Add(letter, (nint)Heap.AllocZeroed(SizeOf(letter)));
            }

            int roots = 0;
            int pointers = 0;
            foreach (string edge in shape.Split(' ').Where(edge => edge.Length > 1))
            {
                void* target = (byte*)_objects[edge[^1]] + (edge.Contains("!!", StringComparison.Ordinal) || edge.Contains(">>", StringComparison.Ordinal) ? 9 : 0);
                if (edge[0] == '!')
                {
                    _root[roots++] = target;
                }
                else
                {
                    ((void**)_objects[edge[0]])[pointers++ % 8] = target;
                }
            }
        }

        public Heap Heap { get; }

        public string Names(LeakReport report, Reachability reachability) => string.Join(
            ' ',
            report.Groups.Where(group => group.Reachability == reachability).Select(group => _objects.Keys.Single(letter => group.Kind == $"Blocks of up to {SizeOf(letter)} bytes that may hold pointers")).Order());

        public void Dispose()
        {
            _root.Dispose();
            Heap.Dispose();
        }

        private static nuint SizeOf(char letter) => 64 + (16 * (nuint)(letter - 'a'));
    }
}
