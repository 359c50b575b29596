// What a NativeArray or a NativeList is behind its struct, whatever the type of its items: a block of the heap, and how much of it is in use.
//
//     Items[0 .. Count)           the items;   an array's Count is its length
//     Items[Count .. Capacity)    room;        Capacity = what the block can be used to / ItemSize, so nothing of it goes to waste
//     Capacity = 0                no block
//
// The block changes its size in place where the heap can (AllocationRoutes.Resize.cs), else it moves: a large list that grows while nothing follows it copies nothing.
//
// An allocation may call handlers of soft limits, and those may change the collection or end it. So each step looks, after it has a block, whether the collection is as it was before; if
// not, the block goes back and the caller, who asks in a loop, looks again. A refusal leaves everything as it was.
//
// It overlays the first bytes of a CollectionHeader. One thread at a time changes it; while none does, any number may read.

using System;
using System.Runtime.CompilerServices;

using NativeHeap.Central;
using NativeHeap.Heaps;
using NativeHeap.Pages;

namespace NativeHeap.Collections;

/// <summary>The state of an array or a list.</summary>
internal unsafe struct ItemsState
{
    /// <summary>The header's.</summary>
    public ulong Token;

    /// <summary>The items; null if there is room for none.</summary>
    public byte* Items;

    /// <summary>The items in use.</summary>
    public int Count;

    /// <summary>The items that there is room for.</summary>
    public int Capacity;

    /// <summary>Moves on whenever items come, go or move.</summary>
    public int Version;

    /// <summary>The bytes of an item.</summary>
    public int ItemSize;

    /// <summary>The alignment of the first item, in bytes.</summary>
    public int Alignment;

    private CollectionHeader* Header => (CollectionHeader*)Unsafe.AsPointer(ref this);

    /// <summary>The most items that there can be.</summary>
    public readonly int MaxCount => MaxCountOf(ItemSize);

    /// <summary>The most items of a size that a collection can hold.</summary>
    public static int MaxCountOf(int itemSize) => (int)nuint.Min((nuint)Array.MaxLength, PageHeap.MaxObjectSize / (uint)itemSize);

    /// <summary>Makes a collection without items.</summary>
    /// <param name="heap">The heap.</param>
    /// <param name="itemSize">The bytes of an item.</param>
    /// <param name="alignment">The alignment of the first item, in bytes.</param>
    public static ItemsState* Create(Heap heap, int itemSize, int alignment)
    {
        var state = (ItemsState*)CollectionRoutes.Open(heap);
        state->ItemSize = itemSize;
        state->Alignment = alignment;
        return state;
    }

    /// <summary>Allocates the first block of a collection that nobody knows yet. Ends the collection if there is no memory.</summary>
    /// <param name="count">The items in use.</param>
    /// <param name="capacity">The items that there is to be room for: at most <see cref="MaxCount"/>.</param>
    /// <param name="zeroed">Whether they are to be zero.</param>
    public void Fill(int count, int capacity, bool zeroed)
    {
        if (capacity == 0)
        {
            return;
        }

        nuint bytes = BytesOf(capacity);
        void* block = CollectionRoutes.AllocFirst(Header, AllocationRoutes.AlignedSpanClass(bytes, (nuint)Alignment), bytes, (nuint)Alignment, zeroed);
        if (block != null)
        {
            SetBlock(block);
            Count = count;
        }
    }

    /// <summary>Makes room, as far as the collection is still there.</summary>
    /// <param name="capacity">For so many items: at most <see cref="MaxCount"/>.</param>
    /// <returns>Whether there is room, or the collection has ended; if not, the system has no memory, and the collection is as it was.</returns>
    public bool TryReserve(int capacity)
    {
        ulong token = Token;
        while (Token == token && Capacity < capacity)
        {
            if (!TryChangeBlock(capacity))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Makes room for more items than there is room for: twice as many as before if that can be, so that additions take constant time on the average.</summary>
    /// <param name="count">For so many items at least: at most <see cref="MaxCount"/>.</param>
    /// <returns>As <see cref="TryReserve"/>.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool TryGrow(int count)
    {
        ulong token = Token;
        int doubled = (int)long.Clamp(2L * Capacity, long.Max(count, SmallestBlock / (uint)ItemSize), MaxCount);
        return TryReserve(int.Max(doubled, count)) || Token != token || (doubled > count && TryReserve(count));
    }

    /// <summary>Gives back the memory of the room beyond a number of items, as far as that is worth while.</summary>
    /// <param name="capacity">How many items there is to be room for; not less than are in use.</param>
    public void Trim(int capacity)
    {
        if (capacity == 0)
        {
            void* block = Items;
            Items = null;
            Capacity = 0;
            CollectionRoutes.Free(CollectionRoutes.SetOf(Header), block);
        }
        else if (capacity < Capacity)
        {
            // Refused, it stays as it is.
            _ = TryChangeBlock(capacity);
        }
    }

    /// <summary>Ends the collection, and frees its block.</summary>
    public void Dispose()
    {
        CentralSet* set = CollectionRoutes.SetOf(Header);
        void* block = Items;
        CollectionRoutes.Close(Header);
        CollectionRoutes.Free(set, block);
    }

    /// <summary>The error of a refused request for items.</summary>
    public Exception OutOfMemory(int count) => CollectionRoutes.OutOfMemory(Header, BytesOf(count));

    // The smallest block that a growing collection begins with, in bytes.
    private const uint SmallestBlock = 64;

    private readonly nuint BytesOf(int count) => (nuint)(uint)count * (uint)ItemSize;

    private bool TryChangeBlock(int capacity)
    {
        ulong token = Token;
        byte* items = Items;
        nuint bytes = BytesOf(capacity);
        if (items != null && CollectionRoutes.TryResize(Header, items, bytes))
        {
            if (Token == token && Items == items)
            {
                SetBlock(items);
            }

            return true;
        }

        byte* block = (byte*)CollectionRoutes.Alloc(Header, bytes, (nuint)Alignment, zeroed: false);
        if (block == null)
        {
            return false;
        }

        byte* unused = block;
        if (Token == token && Items == items && Count <= capacity)
        {
            Buffer.MemoryCopy(items, block, bytes, BytesOf(Count));
            SetBlock(block);
            unused = items;
        }

        CollectionRoutes.Free(CollectionRoutes.SetOf(Header), unused);
        return true;
    }

    private void SetBlock(void* block)
    {
        Items = (byte*)block;
        Capacity = (int)nuint.Min(CollectionRoutes.UsableBytes(block) / (uint)ItemSize, (uint)MaxCount);
    }
}
