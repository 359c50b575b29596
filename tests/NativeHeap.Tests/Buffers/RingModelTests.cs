using System.Collections.Generic;
using System.Linq;

using CsCheck;

using Xunit;

namespace NativeHeap.Tests.Buffers;

/// <summary>Random sequences of operations against <see cref="Queue{T}"/>, shrunk to the shortest that disagrees.</summary>
public sealed class RingModelTests
{
    private enum Operation
    {
        TryEnqueue,
        Enqueue,
        TryDequeue,
        Dequeue,
    }

    public static TheoryData<string> Kinds => Rings.Kinds;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Random_operations_agree_with_a_queue(string kind) =>
        Gen.Select(Gen.Int[1, 20], Gen.OneOf(Gen.Const(0L), Gen.Const(long.MaxValue - 5), Gen.Const(-5L), Gen.Long), Gen.Select(Gen.Enum<Operation>(), Gen.Int[0, 25]).Array[1, 200]).Sample(
            (capacity, start, operations) =>
            {
                using Heap heap = new();
                using IRing<int> ring = Rings.Make<int>(kind, heap, capacity, start);
                Queue<int> model = new();
                int next = 1;
                foreach ((Operation operation, int number) in operations)
                {
                    next = Apply(operation, number, ring, model, next);
                    Assert.Equal((model.Count, model.Count == 0), (ring.Count, ring.IsEmpty));
                }
            },
            iter: LongTests.Scale(200, 3_000),
            threads: 1);

    private static int Apply(Operation operation, int number, IRing<int> ring, Queue<int> model, int next)
    {
        switch (operation)
        {
            case Operation.TryEnqueue:
                bool fits = model.Count < ring.Capacity;
                Assert.Equal(fits, ring.TryEnqueue(next));
                if (fits)
                {
                    model.Enqueue(next++);
                }

                return next;
            case Operation.Enqueue:
                int added = int.Min(number, ring.Capacity - model.Count);
                Assert.Equal(added, ring.Enqueue([.. Enumerable.Range(next, number)]));
                for (int i = 0; i < added; i++)
                {
                    model.Enqueue(next++);
                }

                return next;
            case Operation.TryDequeue:
                bool there = model.TryDequeue(out int expected);
                Assert.Equal(there, ring.TryDequeue(out int value));
                Assert.Equal(expected, value);
                return next;
            default:
                int[] values = new int[number];
                int taken = ring.Dequeue(values);
                Assert.Equal(int.Min(number, model.Count), taken);
                Assert.Equal(Enumerable.Range(0, taken).Select(_ => model.Dequeue()), values.Take(taken));
                return next;
        }
    }
}
