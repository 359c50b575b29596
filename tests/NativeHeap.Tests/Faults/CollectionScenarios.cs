// Scenarios of collections: what is refused leaves them as they were.

using System.Collections.Generic;

using NativeHeap.Tests.Collections;
using NativeHeap.Tests.Heaps;

using Xunit;

namespace NativeHeap.Tests.Faults;

/// <summary>Scenarios for <see cref="FaultScenarios"/>.</summary>
internal static class CollectionScenarios
{
    public static void All(FaultRun run)
    {
        HeapModel? model = run.MakeHeap();
        foreach (Heap? heap in (Heap?[])[Heap.Shared, model?.Heap])
        {
            if (heap != null)
            {
                Boxes(run, heap);
                Lists(run, heap);
                Arrays(run, heap);
                Dictionaries(run, heap);
            }
        }

        run.DisposeOfHeap();
    }

    // More than the headers of one block.
    private static void Boxes(FaultRun run, Heap heap)
    {
        List<NativeBox<Order>> boxes = [];
        for (int i = 0; i < 20; i++)
        {
            _ = run.Attempt(() => boxes.Add(new NativeBox<Order>(heap, new Order { Id = boxes.Count })));
        }

        for (int i = 0; i < boxes.Count; i++)
        {
            _ = run.Attempt(() => boxes[i] = boxes[i].Move());
            Assert.Equal(i, boxes[i].Value.Id);
            boxes[i].Dispose();
        }
    }

    private static void Lists(FaultRun run, Heap heap)
    {
        NativeList<long> list = default;
        if (!run.Attempt(() => list = new NativeList<long>(heap, 10)))
        {
            return;
        }

        // Slots of several classes, then pages, in place and moved.
        for (int length = 1; length < 10_000; length *= 3)
        {
            long[] more = new long[length];
            for (int i = 0; i < length; i++)
            {
                more[i] = list.Count + i;
            }

            _ = run.Attempt(() => list.AddRange(more));
            _ = run.Attempt(() => list.Add(list.Count));
            list.TrimExcess();
            for (int i = 0; i < list.Count; i++)
            {
                Assert.Equal(i, list[i]);
            }
        }

        list.Dispose();
    }

    private static void Dictionaries(FaultRun run, Heap heap)
    {
        NativeDictionary<int, long> numbers = default;
        if (!run.Attempt(() => numbers = new NativeDictionary<int, long>(heap, 10)))
        {
            return;
        }

        int next = 0;
        List<int> there = [];
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 1_500; i++)
            {
                int key = next++;
                if (run.Attempt(() => numbers.Add(key, ~key)))
                {
                    there.Add(key);
                }
            }

            there.RemoveAll(key => key % 3 != 0 && numbers.Remove(key));
            numbers.TrimExcess();
            Assert.Equal(there.Count, numbers.Count);
            Assert.True(there.TrueForAll(key => numbers[key] == ~key));
            DictionaryChecks.AssertInvariants(numbers);
        }

        numbers.Dispose();
    }

    private static void Arrays(FaultRun run, Heap heap)
    {
        NativeArray<int> array = default;
        if (!run.Attempt(() => array = new NativeArray<int>(heap, 100)))
        {
            return;
        }

        array.AsSpan().Fill(7);
        foreach (int length in (int[])[2_000, 30_000, 10_000, 50_000, 10])
        {
            int before = array.Length;
            bool isDone = run.Attempt(() => array.Resize(length));
            Assert.Equal(isDone ? length : before, array.Length);
            Assert.Equal([7, 7], array[..2].ToArray());
        }

        array.Dispose();
    }
}
