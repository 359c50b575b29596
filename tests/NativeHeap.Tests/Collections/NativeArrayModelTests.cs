using System;

using CsCheck;

using Xunit;

namespace NativeHeap.Tests.Collections;

/// <summary>Random changes of length against <see cref="Array.Resize"/>, shrunk to the shortest that disagrees.</summary>
public sealed class NativeArrayModelTests
{
    [Fact]
    public void Random_changes_of_length_agree_with_the_bcl() =>
        Gen.Select(Gen.OneOf(Gen.Int[0, 20], Gen.Int[0, 3_000], Gen.Int[0, 100_000]), Gen.Int[1, 100]).Array[1, 20].Sample(
            changes =>
            {
                using Heap heap = new();
                using NativeArray<int> array = new(heap, changes[0].Item1);
                int[] model = new int[changes[0].Item1];
                foreach ((int length, int fill) in changes)
                {
                    array.Resize(length);
                    Array.Resize(ref model, length);
                    Assert.True(array.AsSpan().SequenceEqual(model));
                    for (int i = 0; i < length; i += fill)
                    {
                        array[i] = model[i] = i ^ fill;
                    }
                }

                Assert.Equal(model.Length == 0 ? 0 : 1, heap.GetStatistics().LiveObjects);
            },
            iter: LongTests.Scale(30, 300),
            threads: 1);
}
