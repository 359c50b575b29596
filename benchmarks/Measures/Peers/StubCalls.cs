// Ten million calls of the stubs of a struct, objects of the shared heap.

using System;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Peers;

internal static unsafe class StubCalls
{
    private const int Live = 1_000;

    public static void AllocAndFree(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Block64.Free(Block64.Alloc());
        }
    }

    public static void AllocValueAndFree(int count)
    {
        Block64 value = default;
        for (int i = 0; i < count; i++)
        {
            value.Words[0] = i;
            Block64.Free(Block64.Alloc(in value));
        }
    }

    public static void AllocZeroedAndFree(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Block64.Free(Block64.AllocZeroed());
        }
    }

    public static void Window(int count)
    {
        NativePointer<Block64>* live = stackalloc NativePointer<Block64>[Live];
        for (int done = 0; done < count; done += Live)
        {
            for (int i = 0; i < Live; i++)
            {
                live[i] = Block64.Alloc();
            }

            for (int i = 0; i < Live; i++)
            {
                Block64.Free(live[i]);
            }
        }
    }

    public static void Batch(int count)
    {
        Span<NativePointer<Block64>> live = stackalloc NativePointer<Block64>[Live];
        for (int done = 0; done < count; done += Live)
        {
            Block64.AllocBatch(live);
            Block64.FreeBatch(live);
        }
    }

    public static void Rent(int count)
    {
        for (int i = 0; i < count; i++)
        {
            using NativeOwner<Block64> owner = Block64.Rent();
            owner.Value.Words[0] = i;
        }
    }

    public static void Detach(int count)
    {
        for (int i = 0; i < count; i++)
        {
            NativeOwner<Block64> first = Block64.Rent();
            NativeOwner<Block64> second = first.Move();
            Block64.Free(second.Detach());
        }
    }
}
