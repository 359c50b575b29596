using CsCheck;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>Random sequences of operations, shrunk to the shortest that disagrees with the model.</summary>
public sealed class HeapModelTests
{
    // Small sizes mostly, every size class in time, some large ones.
    private static readonly Gen<int> s_size = Gen.Frequency(
        (6, Gen.Int[0, 256]),
        (4, Gen.Int[0, 4_096]),
        (2, Gen.Int[0, 40_000]),
        (1, Gen.Int[0, 600_000]));

    private static readonly Gen<(HeapOperation Kind, int Size, int AlignmentShift, int Pick)> s_operation = Gen.Select(
        Gen.Frequency(
            (8, Gen.Const(HeapOperation.Alloc)),
            (2, Gen.Const(HeapOperation.AllocZeroed)),
            (2, Gen.Const(HeapOperation.AllocAligned)),
            (2, Gen.Const(HeapOperation.Realloc)),
            (8, Gen.Const(HeapOperation.Free)),
            (1, Gen.Const(HeapOperation.FreeMany)),
            (1, Gen.Const(HeapOperation.FlushThread)),
            (1, Gen.Const(HeapOperation.Reset))),
        s_size,
        Gen.Frequency((8, Gen.Int[0, 9]), (1, Gen.Int[10, 21])),
        Gen.Int[0, int.MaxValue - 1]);

    [Theory]
    [InlineData(CheckLevel.Off, 0)]
    [InlineData(CheckLevel.Basic, 0)]
    [InlineData(CheckLevel.Full, 0)]
    [InlineData(CheckLevel.Full, 10_000)]
    [InlineData(CheckLevel.Off, 1)]
    [InlineData(CheckLevel.Off, 10_000)]
    [InlineData(CheckLevel.Basic, 1)]
    public void Random_operations_agree_with_the_model(CheckLevel level, int guardedSampleBytes) =>
        s_operation.Array[1, 400].Sample(
            operations =>
            {
                using Heap heap = new(new HeapOptions { Check = level, GuardedSampleBytes = guardedSampleBytes });
                HeapModel model = new(heap);
                foreach ((HeapOperation kind, int size, int alignmentShift, int pick) in operations)
                {
                    model.Apply(kind, size, 1 << alignmentShift, pick);
                    if (level != CheckLevel.Off && pick % 20 == 0)
                    {
                        model.MisuseAll();
                    }
                }

                model.Check();
                model.FreeAll();
                model.Check();
            },
            iter: LongTests.Scale(100, 2_000),
            threads: 1);
}
