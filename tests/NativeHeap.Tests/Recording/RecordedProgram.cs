// A program that makes calls of every kind on a heap, as it is told, and notes them. One a thread; blocks may be freed by another's.

using System;
using System.Collections.Generic;
using System.Numerics;

using NativeHeap.Tests.Heaps;

namespace NativeHeap.Tests.Recording;

internal enum RecordedOperation
{
    Alloc,
    TryAlloc,
    AllocZeroed,
    AllocAligned,
    AllocTyped,
    Realloc,
    Free,
    FreeMany,
    NothingToRecord,
}

/// <summary>A block, and its number for the program.</summary>
internal readonly record struct NumberedBlock(nint Address, long Number);

internal sealed unsafe class RecordedProgram(Heap heap, ExpectedThread thread)
{
    /// <summary>What the program has not freed.</summary>
    public List<NumberedBlock> Blocks { get; } = [];

    public void Do(RecordedOperation operation, int size, int alignment, int pick)
    {
        switch (operation)
        {
            case RecordedOperation.Alloc:
                Add(heap.Alloc((nuint)size), thread.Alloc(size));
                break;
            case RecordedOperation.TryAlloc:
                _ = heap.TryAlloc((nuint)size, out void* block);
                Add(block, thread.Alloc(size));
                break;
            case RecordedOperation.AllocZeroed:
                Add(heap.AllocZeroed((nuint)size), thread.Alloc(size, RecordedEvent.AllocZeroed));
                break;
            case RecordedOperation.AllocAligned when alignment <= 16:
                // What any block of that size is aligned to anyway: an allocation like others.
                Add(heap.AllocAligned((nuint)size, (nuint)alignment), thread.Alloc(alignment == 16 ? Math.Max(size, 16) : size));
                break;
            case RecordedOperation.AllocAligned:
                Add(heap.AllocAligned((nuint)size, (nuint)alignment), thread.Alloc(Math.Max(size, 1), RecordedEvent.AllocAligned, BitOperations.Log2((uint)alignment)));
                break;
            case RecordedOperation.AllocTyped:
                AllocTyped(pick % 4);
                break;
            case RecordedOperation.Realloc when Blocks.Count == 0:
                Add(heap.Realloc(null, (nuint)size), thread.Alloc(size));
                break;
            case RecordedOperation.Realloc:
                NumberedBlock resized = Take(pick);
                Blocks.Add(resized with { Address = (nint)heap.Realloc((void*)resized.Address, (nuint)size) });
                thread.Realloc(resized.Number, size);
                break;
            case RecordedOperation.Free when Blocks.Count != 0:
                Free(Take(pick));
                break;
            case RecordedOperation.FreeMany:
                for (int i = 0; i < 50 && Blocks.Count != 0; i++)
                {
                    Free(Take(pick + i));
                }

                break;
            case RecordedOperation.NothingToRecord:
                heap.Free(null);
                Heap.FlushThread();
                _ = heap.TryAlloc(nuint.MaxValue, out _);
                _ = heap.GetStatistics();
                break;
            default:
                break;
        }
    }

    /// <summary>Frees a block, of this program or another.</summary>
    public void Free(NumberedBlock block)
    {
        thread.Free(block.Number);
        heap.Free((void*)block.Address);
    }

    /// <summary>Takes a block away from the program.</summary>
    public NumberedBlock Take(int pick)
    {
        int index = (int)((uint)pick % (uint)Blocks.Count);
        NumberedBlock block = Blocks[index];
        Blocks[index] = Blocks[^1];
        Blocks.RemoveAt(Blocks.Count - 1);
        return block;
    }

    private void AllocTyped(int which)
    {
        switch (which)
        {
            case 0:
                Add(heap.Alloc<Order>(), thread.Alloc(sizeof(Order)));
                break;
            case 1:
                Add(heap.Alloc<Aligned>(), thread.Alloc(sizeof(Aligned), RecordedEvent.AllocAligned, 6));
                break;
            case 2:
                Add(heap.Alloc<Pair<short>>(), thread.Alloc(sizeof(Pair<short>)));
                break;
            default:
                Add(heap.Alloc<LargeMessage>(), thread.Alloc(sizeof(LargeMessage)));
                break;
        }
    }

    private void Add(void* block, long number) => Blocks.Add(new((nint)block, number));
}
