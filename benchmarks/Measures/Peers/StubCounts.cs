// M7: ten million calls of each hot stub, and what they allocate on the GC's heap. The count is over all threads and
// exact, so a single byte anywhere in the runtime's slow paths shows.

using System;
using System.Collections.Generic;
using System.Globalization;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Peers;

internal static unsafe class StubCounts
{
    public const int Operations = 10_000_000;

    private const int Live = 1_000;

    private static readonly Dictionary<string, Action<int>> s_operations = new()
    {
        ["stubs/alloc"] = AllocAndFree,
        ["stubs/alloc-value"] = AllocValueAndFree,
        ["stubs/alloc-zeroed"] = AllocZeroedAndFree,
        ["stubs/window"] = Window,
        ["stubs/batch"] = Batch,
        ["stubs/rent"] = Rent,
        ["stubs/detach"] = Detach,
    };

    public static IReadOnlyCollection<string> Names => s_operations.Keys;

    /// <summary>Answers with bytes and collections, separated by a space.</summary>
    public static string Measure(string name)
    {
        Action<int> operation = s_operations[name];
        operation(Operations / 100);
        _ = GC.GetTotalAllocatedBytes(precise: true);

        int collectionsBefore = GC.CollectionCount(0);
        long bytesBefore = GC.GetTotalAllocatedBytes(precise: true);
        operation(Operations);
        long bytes = GC.GetTotalAllocatedBytes(precise: true) - bytesBefore;
        int collections = GC.CollectionCount(0) - collectionsBefore;
        return string.Create(CultureInfo.InvariantCulture, $"{bytes} {collections}");
    }

    private static void AllocAndFree(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Block64.Free(Block64.Alloc());
        }
    }

    private static void AllocValueAndFree(int count)
    {
        Block64 value = default;
        for (int i = 0; i < count; i++)
        {
            value.Words[0] = i;
            Block64.Free(Block64.Alloc(in value));
        }
    }

    private static void AllocZeroedAndFree(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Block64.Free(Block64.AllocZeroed());
        }
    }

    private static void Window(int count)
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

    private static void Batch(int count)
    {
        Span<NativePointer<Block64>> live = stackalloc NativePointer<Block64>[Live];
        for (int done = 0; done < count; done += Live)
        {
            Block64.AllocBatch(live);
            Block64.FreeBatch(live);
        }
    }

    private static void Rent(int count)
    {
        for (int i = 0; i < count; i++)
        {
            using NativeOwner<Block64> owner = Block64.Rent();
            owner.Value.Words[0] = i;
        }
    }

    private static void Detach(int count)
    {
        for (int i = 0; i < count; i++)
        {
            NativeOwner<Block64> first = Block64.Rent();
            NativeOwner<Block64> second = first.Move();
            Block64.Free(second.Detach());
        }
    }
}
