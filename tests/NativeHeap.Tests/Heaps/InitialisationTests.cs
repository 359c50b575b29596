// What is handed out as zeros, or as a copy, stays so beyond what its caller writes first. In optimised code both writes are in one method, and if they lie side by side and begin at one address, the JIT of .NET 10.0.12 keeps
// the second only, though the first is longer. So no write of ours may be the last before the caller's: here the caller's is a struct in the first bytes, which is the case that goes wrong.

using System.Runtime.CompilerServices;

using Xunit;

namespace NativeHeap.Tests.Heaps;

public unsafe partial class InitialisationTests
{
    private const int Rounds = 3;
    private static readonly (long, long, long) s_zeroed = (7, 0, 0);

    [Fact]
    public void An_element_added_to_a_table_is_zero_or_the_copy_beyond_what_is_written_first()
    {
        using NativeTable<Entry> table = new();
        for (int i = 0; i < Rounds; i++)
        {
            Assert.Equal(s_zeroed, Add(table));
            Assert.Equal((7L, 8L, 9L), Add(table, new Entry { More = 8, Last = 9 }));
            table.Values.Fill(s_dirt);
            table.Clear();
        }
    }

    [Fact]
    public void An_element_added_to_a_pool_is_zero_or_the_copy_beyond_what_is_written_first()
    {
        using NativePool<Entry> pool = new();
        for (int i = 0; i < Rounds; i++)
        {
            Assert.Equal(s_zeroed, Add(pool));
            Assert.Equal((7L, 8L, 9L), Add(pool, new Entry { More = 8, Last = 9 }));
            foreach (NativeEntry<Entry> entry in pool)
            {
                entry.Value = s_dirt;
            }

            pool.Clear();
        }
    }

    [Fact]
    public void An_object_of_a_stub_is_zero_or_the_copy_beyond_what_is_written_first()
    {
        using Heap heap = new();
        for (int i = 0; i < Rounds; i++)
        {
            Entry* shared = Entry.Alloc(in s_dirt);
            Entry.Free(shared);
            Assert.Equal(s_zeroed, AllocZeroed());

            Assert.Equal((7L, 8L, 9L), AllocCopy(new Entry { More = 8, Last = 9 }));
            Assert.Equal((7L, 8L, 9L), RentCopy(new Entry { More = 8, Last = 9 }));
            Assert.Equal(s_zeroed, Rent());
            Assert.Equal((7L, 8L, 9L), AllocCopy(heap, new Entry { More = 8, Last = 9 }));
            Assert.Equal((7L, 8L, 9L), RentCopy(heap, new Entry { More = 8, Last = 9 }));
            Assert.Equal(s_zeroed, Rent(heap));

            Entry* own = Entry.Alloc(heap, in s_dirt);
            Entry.Free(heap, own);
            Assert.Equal(s_zeroed, AllocZeroed(heap));
        }
    }

    [Fact]
    public void What_a_collection_holds_is_zero_or_the_copy_beyond_what_is_written_first()
    {
        for (int i = 0; i < Rounds; i++)
        {
            for (int j = 0; j < 8; j++)
            {
                Entry* dirt = Entry.Alloc(in s_dirt);
                Entry.Free(dirt);
            }

            Assert.Equal(s_zeroed, Box());
            Assert.Equal((7L, 8L, 9L), Box(new Entry { More = 8, Last = 9 }));
            Assert.Equal((7L, 8L, 9L), Append(new Entry { More = 8, Last = 9 }));
            Assert.Equal(s_zeroed, Map());
        }
    }

    [Fact]
    public void A_zeroed_object_of_a_bump_allocator_is_zero_beyond_what_is_written_first()
    {
        using BumpAllocator bump = new();
        for (int i = 0; i < Rounds; i++)
        {
            bump.AllocSpan<Entry>(4).Fill(s_dirt);
            bump.Reset();
            Assert.Equal(s_zeroed, AllocZeroed(bump));
            bump.Reset();
        }
    }

    private static readonly Entry s_dirt = new() { Head = new Head { First = -1, Second = -1, Third = -1 }, More = -1, Last = -1 };

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static (long First, long More, long Last) Add(NativeTable<Entry> table)
    {
        Head head = MakeHead();
        ref Entry entry = ref table.Add(out _);
        entry.Head = head;
        return Read(ref entry);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static (long First, long More, long Last) Add(NativeTable<Entry> table, Entry value)
    {
        Head head = MakeHead();
        ref Entry entry = ref table.Add(in value, out _);
        entry.Head = head;
        return Read(ref entry);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static (long First, long More, long Last) Add(NativePool<Entry> pool)
    {
        Head head = MakeHead();
        ref Entry entry = ref pool.Add(out _);
        entry.Head = head;
        return Read(ref entry);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static (long First, long More, long Last) Add(NativePool<Entry> pool, Entry value)
    {
        Head head = MakeHead();
        ref Entry entry = ref pool.Add(in value, out _);
        entry.Head = head;
        return Read(ref entry);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static (long First, long More, long Last) AllocZeroed()
    {
        Head head = MakeHead();
        Entry* entry = Entry.AllocZeroed();
        entry->Head = head;
        (long, long, long) read = Read(ref *entry);
        Entry.Free(entry);
        return read;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static (long First, long More, long Last) AllocZeroed(Heap heap)
    {
        Head head = MakeHead();
        Entry* entry = Entry.AllocZeroed(heap);
        entry->Head = head;
        (long, long, long) read = Read(ref *entry);
        Entry.Free(heap, entry);
        return read;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static (long First, long More, long Last) AllocZeroed(BumpAllocator bump)
    {
        Head head = MakeHead();
        Entry* entry = bump.AllocZeroed<Entry>();
        entry->Head = head;
        return Read(ref *entry);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static (long First, long More, long Last) AllocCopy(Entry value)
    {
        Head head = MakeHead();
        Entry* entry = Entry.Alloc(in value);
        entry->Head = head;
        (long, long, long) read = Read(ref *entry);
        Entry.Free(entry);
        return read;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static (long First, long More, long Last) AllocCopy(Heap heap, Entry value)
    {
        Head head = MakeHead();
        Entry* entry = Entry.Alloc(heap, in value);
        entry->Head = head;
        (long, long, long) read = Read(ref *entry);
        Entry.Free(heap, entry);
        return read;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static (long First, long More, long Last) RentCopy(Entry value)
    {
        Head head = MakeHead();
        using NativeOwner<Entry> entry = Entry.Rent(in value);
        entry.Value.Head = head;
        return Read(ref entry.Value);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static (long First, long More, long Last) RentCopy(Heap heap, Entry value)
    {
        Head head = MakeHead();
        using NativeOwner<Entry> entry = Entry.Rent(heap, in value);
        entry.Value.Head = head;
        return Read(ref entry.Value);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static (long First, long More, long Last) Rent()
    {
        Head head = MakeHead();
        using NativeOwner<Entry> entry = Entry.Rent();
        entry.Value.Head = head;
        return Read(ref entry.Value);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static (long First, long More, long Last) Rent(Heap heap)
    {
        Head head = MakeHead();
        using NativeOwner<Entry> entry = Entry.Rent(heap);
        entry.Value.Head = head;
        return Read(ref entry.Value);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static (long First, long More, long Last) Box()
    {
        Head head = MakeHead();
        using NativeBox<Entry> box = new();
        ref Entry entry = ref box.Value;
        entry.Head = head;
        return Read(ref entry);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static (long First, long More, long Last) Box(Entry value)
    {
        Head head = MakeHead();
        using NativeBox<Entry> box = new(in value);
        ref Entry entry = ref box.Value;
        entry.Head = head;
        return Read(ref entry);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static (long First, long More, long Last) Append(Entry value)
    {
        Head head = MakeHead();
        using NativeList<Entry> list = new(4);
        list.Add(in value);
        ref Entry entry = ref list[0];
        entry.Head = head;
        return Read(ref entry);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static (long First, long More, long Last) Map()
    {
        Head head = MakeHead();
        using NativeDictionary<int, Entry> map = new();
        ref Entry entry = ref map.GetValueRefOrAddDefault(1, out _);
        entry.Head = head;
        return Read(ref entry);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Head MakeHead() => new() { First = 7, Second = 7, Third = 7 };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (long First, long More, long Last) Read(ref Entry entry) => (entry.Head.First, entry.More, entry.Last);

    internal struct Head
    {
        public long First;
        public long Second;
        public long Third;
    }

    [NativeAllocated]
    internal partial struct Entry
    {
        public Head Head;
        public long More;
        public long Last;
    }
}
