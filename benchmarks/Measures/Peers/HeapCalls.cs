// Ten million calls of a heap of one's own, and of untyped blocks.

using System;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Peers;

internal static unsafe class HeapCalls
{
    private const int Live = 1_000;

    private static readonly Heap s_heap = new();

    public static void AllocAndFree(int count)
    {
        Heap heap = s_heap;
        for (int i = 0; i < count; i++)
        {
            Block64.Free(heap, Block64.Alloc(heap));
        }
    }

    public static void Batch(int count)
    {
        Span<NativePointer<Block64>> live = stackalloc NativePointer<Block64>[Live];
        for (int done = 0; done < count; done += Live)
        {
            Block64.AllocBatch(s_heap, live);
            Block64.FreeBatch(s_heap, live);
        }
    }

    public static void Rent(int count)
    {
        Heap heap = s_heap;
        for (int i = 0; i < count; i++)
        {
            using NativeOwner<Block64> owner = Block64.Rent(heap);
            owner.Value.Words[0] = i;
        }
    }

    public static void Reset(int count)
    {
        for (int done = 0; done < count; done += Live)
        {
            for (int i = 0; i < Live; i++)
            {
                _ = Block64.Alloc(s_heap);
            }

            s_heap.Reset();
        }
    }

    public static void Walk(int count)
    {
        s_heap.Reset();
        for (int i = 0; i < Live; i++)
        {
            _ = Block64.Alloc(s_heap);
        }

        for (int done = 0; done < count; done += Live)
        {
            foreach (NativePointer<Block64> block in s_heap.Walk<Block64>())
            {
                block.Value.Words[0]++;
            }
        }
    }

    public static void AllocUntyped(int count)
    {
        for (int i = 0; i < count; i++)
        {
            HeapMemory.Free(HeapMemory.Alloc((nuint)(i & 1023)));
        }
    }

    public static void Realloc(int count)
    {
        for (int i = 0; i < count; i++)
        {
            HeapMemory.Free(HeapMemory.Realloc(HeapMemory.Alloc((nuint)(i & 1023)), (nuint)(i & 2047)));
        }
    }
}
