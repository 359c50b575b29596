using System;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>One long sequence of operations through all sizes.</summary>
public sealed class HeapSequenceTests
{
    [Fact]
    public void A_long_sequence_through_all_sizes_agrees_with_the_model()
    {
        using Heap heap = new();
        HeapModel model = new(heap);
        Random random = new(20_120_621);
        int steps = LongTests.Scale(20_000, 400_000);
        for (int i = 0; i < steps; i++)
        {
            int size = random.Next(random.Next(4) == 0 ? 33_000 : 1_500);
            HeapOperation kind = random.Next(100) < 52 ? (HeapOperation)random.Next(3) : random.Next(10) == 0 ? HeapOperation.Realloc : HeapOperation.Free;
            model.Apply(kind, size, 1 << random.Next(10), random.Next());
            if (i % 5_000 == 0)
            {
                model.Check();
            }
        }

        model.Check();
        model.FreeAll();
        model.Check();
    }
}
