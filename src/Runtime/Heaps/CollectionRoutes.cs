// What a collection asks of its heap: a header, and blocks for its items. The heap is the header's, so that a collection's struct needs no more than its word.
//
// Any call that allocates may call handlers of soft limits, which may do anything to the collection, end it included: who calls asks afterwards whether it is as it was.
//
// No lock is held here. A refusal is the caller's to turn into OutOfMemoryException.

using System;

using NativeHeap.Central;
using NativeHeap.Pages;

namespace NativeHeap.Heaps;

/// <summary>Headers and blocks for collections.</summary>
internal static unsafe class CollectionRoutes
{
    /// <summary>Makes a collection of a heap that has no items yet.</summary>
    /// <returns>Its header, whose state is zero but for the token.</returns>
    public static CollectionHeader* Open(Heap heap)
    {
        ArgumentNullException.ThrowIfNull(heap);
        CentralSet* set = ContainerRoutes.SetOf(heap);
        CollectionHeader* header = set == null ? null : CollectionList.Open(&set->Collections);
        return header != null ? header : throw HeapErrors.OutOfMemory((nuint)sizeof(CollectionHeader), heap);
    }

    /// <summary>Makes another collection of the same heap.</summary>
    /// <inheritdoc cref="Open(Heap)" path="/returns"/>
    public static CollectionHeader* OpenBeside(CollectionHeader* header)
    {
        CollectionHeader* other = CollectionList.Open(header->List);
        return other != null ? other : throw OutOfMemory(header, (nuint)sizeof(CollectionHeader));
    }

    /// <summary>Ends a collection, whose items are the caller's to free.</summary>
    public static void Close(CollectionHeader* header) => header->List->Close(header);

    /// <summary>The heap of a collection.</summary>
    public static CentralSet* SetOf(CollectionHeader* header) => header->List->Set;

    /// <summary>Allocates a block for items.</summary>
    /// <param name="header">The collection.</param>
    /// <param name="size">In bytes.</param>
    /// <param name="alignment">In bytes: a power of two, at most <see cref="Heap.MaxAlignment"/>.</param>
    /// <param name="zeroed">Whether its bytes are to be zero.</param>
    /// <returns>The block, or null.</returns>
    public static void* Alloc(CollectionHeader* header, nuint size, nuint alignment, bool zeroed) =>
        size > PageHeap.MaxObjectSize ? null : AllocationRoutes.Alloc(SetOf(header), AllocationRoutes.AlignedSpanClass(size, alignment), nuint.Max(size, 1), alignment, zeroed);

    /// <summary>Allocates the first block of a collection that nobody knows yet, and ends it if that fails.</summary>
    /// <param name="header">The collection.</param>
    /// <param name="spanClass">The span class; of size class 0 for pages.</param>
    /// <param name="size">In bytes.</param>
    /// <param name="alignment">In bytes: a power of two that the class has, or any for pages.</param>
    /// <param name="zeroed">Whether its bytes are to be zero.</param>
    /// <returns>The block; null if a handler of a soft limit has ended all of the heap's objects, the collection with them.</returns>
    public static void* AllocFirst(CollectionHeader* header, int spanClass, nuint size, nuint alignment, bool zeroed)
    {
        ulong token = header->Token;
        void* block = null;
        try
        {
            block = AllocationRoutes.Alloc(SetOf(header), spanClass, size, alignment, zeroed);
            if (header->Token != token)
            {
                return null;
            }

            return block != null ? block : throw OutOfMemory(header, size);
        }
        finally
        {
            if (block == null && header->Token == token)
            {
                Close(header);
            }
        }
    }

    /// <summary>Changes the size of a block of items where it is.</summary>
    /// <param name="header">The collection.</param>
    /// <param name="block">The block.</param>
    /// <param name="size">The new size, in bytes.</param>
    /// <returns>Whether it has it now; if not, it is as it was.</returns>
    public static bool TryResize(CollectionHeader* header, void* block, nuint size)
    {
        CentralSet* set = SetOf(header);
        bool done = AllocationRoutes.TryResize(set, HeapProcess.Pages->Map.SpanOf(block), size);
        if (done && set->Recorder != null)
        {
            RecordedRoutes.Realloc(set, block, block, size);
        }

        return done;
    }

    /// <summary>What a block can be used to, in bytes.</summary>
    public static nuint UsableBytes(void* block) => AllocationRoutes.UsableBytes(HeapProcess.Pages->Map.SpanOf(block), block);

    /// <summary>Frees a block; null is ignored.</summary>
    /// <exception cref="HeapCorruptionException">An object was found to have been freed wrongly before.</exception>
    public static void Free(CentralSet* set, void* block)
    {
        void* bad = block == null ? null : AllocationRoutes.FreeUntyped(set, block, HeapProcess.Pages->Map.SpanOf(block));
        if (bad != null)
        {
            throw HeapErrors.WrongFree(bad);
        }
    }

    /// <summary>The error of a refused request.</summary>
    /// <param name="header">The collection.</param>
    /// <param name="size">What was asked for, in bytes.</param>
    public static Exception OutOfMemory(CollectionHeader* header, nuint size) => HeapErrors.OutOfMemory(size, Heap.Of(SetOf(header)));
}
