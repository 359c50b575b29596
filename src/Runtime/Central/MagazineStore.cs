// The empty magazines of a central cache: where they are made, and how their memory goes back to the system.
//
//     block = room for 1, 2, 4, ... magazines in a row, up to 64 KiB worth; its first Carved are magazines, the rest was never one, or is none since the block was purged
//     an empty magazine is in the list here and counts in its block's Empty;  one in use is with a bin or in the depot
//     a block is idle  <=>  Empty = Carved = Capacity, and it holds a system page at least;   open  <=>  Carved < Capacity
//     Count = number of empty magazines;  Low = the least that Count has been since it was last asked for
//
// The magazine that came last is the next to go. A burst of frees fills magazines with eight bytes an object; when the depot is drained they all come here, and a pass of the scavenger purges the blocks
// all of whose magazines are empty, as many as were not needed since the pass before. A purged block is as good as new. Its memory stays a magazine's, whoever still looks at one without a lock.
//
// Under the central cache's lock, but for a block that is being purged, which is in neither list.

using System.Runtime.CompilerServices;

using NativeHeap.Platform;

namespace NativeHeap.Central;

/// <summary>Makes magazines of one capacity, and keeps the empty ones.</summary>
internal unsafe struct MagazineStore
{
    private const nuint BlockBytes = 64 << 10;

    private Magazine* _top;
    private MagazineBlock* _open;
    private MagazineBlock* _idle;
    private long _low;
    private int _lastCapacity;

    /// <summary>The number of empty magazines.</summary>
    public long Count { get; private set; }

    /// <summary>Whether there is a block that could be purged.</summary>
    public readonly bool HasIdle => _idle != null;

    /// <summary>Takes an empty magazine.</summary>
    /// <param name="metadata">Where memory comes from, if need be.</param>
    /// <param name="slots">The capacity of a magazine: the same in every call.</param>
    /// <returns>The magazine, or null when the system has no memory.</returns>
    public Magazine* Take(MetadataAllocator* metadata, int slots)
    {
        Magazine* magazine = _top;
        if (magazine == null)
        {
            return Carve(metadata, slots);
        }

        MagazineBlock* block = magazine->Block;
        if (block->IsIdle)
        {
            PopIdle();
        }

        Remove(magazine);
        block->Empty--;
        _low = long.Min(_low, Count);
        return magazine;
    }

    /// <summary>Puts an empty magazine in.</summary>
    public void Put(Magazine* empty)
    {
        empty->Previous = null;
        empty->Next = _top;
        if (_top != null)
        {
            _top->Previous = empty;
        }

        _top = empty;
        Count++;
        MagazineBlock* block = empty->Block;
        block->Empty++;
        if (block->IsIdle)
        {
            block->Next = _idle;
            _idle = block;
        }
    }

    /// <summary>The fewest magazines that it has had since this was last asked.</summary>
    public long TakeLow()
    {
        long low = _low;
        _low = Count;
        return low;
    }

    /// <summary>Takes a block out, all of whose magazines are empty, to be purged and then given to <see cref="AddPurged"/>.</summary>
    /// <param name="atMost">The most magazines that it may have.</param>
    /// <returns>The block, or null if there is none.</returns>
    public MagazineBlock* TakeIdle(long atMost)
    {
        MagazineBlock* block = _idle;
        if (block == null || block->Capacity > atMost)
        {
            return null;
        }

        PopIdle();
        for (int i = 0; i < block->Carved; i++)
        {
            Remove(block->At(i));
        }

        _low = long.Min(_low, Count);
        block->Carved = block->Empty = 0;
        return block;
    }

    /// <summary>Takes a block back whose contents are lost.</summary>
    public void AddPurged(MagazineBlock* block)
    {
        block->Next = _open;
        _open = block;
    }

    private Magazine* Carve(MetadataAllocator* metadata, int slots)
    {
        MagazineBlock* block = _open;
        if (block == null)
        {
            block = CreateBlock(metadata, slots);
            if (block == null)
            {
                return null;
            }

            AddPurged(block);
        }

        Magazine* magazine = block->At(block->Carved);
        *magazine = new Magazine { Block = block, Capacity = slots };
        block->Carved++;
        if (block->Carved == block->Capacity)
        {
            _open = block->Next;
            block->Next = null;
        }

        return magazine;
    }

    // As large as all before together, so that a cache that needs two magazines does not take memory for thirty.
    private MagazineBlock* CreateBlock(MetadataAllocator* metadata, int slots)
    {
        nuint stride = Magazine.SizeOf(slots);
        nuint most = nuint.Max(BlockBytes, 4 * VirtualMemory.PageSize) / stride;
        int capacity = (int)nuint.Min(nuint.Max(1, 2 * (nuint)_lastCapacity), nuint.Max(1, most));
        var block = (MagazineBlock*)metadata->Alloc(MagazineBlock.HeaderSize + ((nuint)capacity * stride));
        if (block != null)
        {
            block->Stride = stride;
            block->Capacity = _lastCapacity = capacity;
        }

        return block;
    }

    private void Remove(Magazine* magazine)
    {
        if (magazine->Previous != null)
        {
            magazine->Previous->Next = magazine->Next;
        }
        else
        {
            _top = magazine->Next;
        }

        if (magazine->Next != null)
        {
            magazine->Next->Previous = magazine->Previous;
        }

        magazine->Next = magazine->Previous = null;
        Count--;
    }

    // The block that became idle last. That is the topmost magazine's, if that one's is idle: a block becomes idle by the last of its magazines that comes.
    private void PopIdle()
    {
        MagazineBlock* block = _idle;
        _idle = block->Next;
        block->Next = null;
    }
}

/// <summary>A row of magazines: what is said of it, in a cache line of its own, and behind that the magazines.</summary>
internal unsafe struct MagazineBlock
{
    /// <summary>The bytes before the first magazine.</summary>
    public const nuint HeaderSize = 64;

    /// <summary>The next block of the list this one is in.</summary>
    public MagazineBlock* Next;

    /// <summary>The bytes from one magazine to the next.</summary>
    public nuint Stride;

    /// <summary>The magazines that there is room for.</summary>
    public int Capacity;

    /// <summary>The magazines that there are.</summary>
    public int Carved;

    /// <summary>Those of them that are empty and in the store.</summary>
    public int Empty;

    /// <summary>Whether its memory can go back.</summary>
    public readonly bool IsIdle => Empty == Capacity && (nuint)Capacity * Stride >= 2 * VirtualMemory.PageSize;

    /// <summary>A magazine of the block.</summary>
    public Magazine* At(int index) => (Magazine*)(Memory + ((nuint)index * Stride));

    /// <summary>Gives the block's memory back to the system, which keeps it usable.</summary>
    public nuint Purge() => VirtualMemory.Purge(Memory, (nuint)Capacity * Stride);

    private byte* Memory => (byte*)Unsafe.AsPointer(ref this) + HeaderSize;
}
