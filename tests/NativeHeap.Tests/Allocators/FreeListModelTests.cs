using System;
using System.Collections.Generic;
using System.Linq;

using CsCheck;

using Xunit;

namespace NativeHeap.Tests.Allocators;

/// <summary>Random allocations and frees by each policy, against a sorted list of what is allocated and the policy's definition, looked up the slow way.</summary>
public sealed class FreeListModelTests
{
    private const ulong Length = 16_384;

    private static readonly Gen<(int Kind, ulong Size, int AlignmentShift, int Pick)> s_operation = Gen.Select(
        Gen.Frequency((12, Gen.Const(0)), (9, Gen.Const(1))),
        Gen.Frequency((8, Gen.ULong[1, 100]), (4, Gen.ULong[1, 1_000]), (1, Gen.ULong[1, 8_000])),
        Gen.Frequency((6, Gen.Const(0)), (2, Gen.Int[1, 6]), (1, Gen.Int[7, 15])),
        Gen.Int[0, int.MaxValue - 1]);

    public static TheoryData<FitPolicy, int> Cases => new()
    {
        { FitPolicy.FirstFit, 1 },
        { FitPolicy.NextFit, 1 },
        { FitPolicy.BestFit, 1 },
        { FitPolicy.SegregatedFit, 1 },
        { FitPolicy.FirstFit, 64 },
        { FitPolicy.NextFit, 16 },
        { FitPolicy.BestFit, 32 },
        { FitPolicy.SegregatedFit, 16 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Random_operations_agree_with_the_model(FitPolicy policy, int granularity) =>
        s_operation.Array[1, 400].Sample(
            operations =>
            {
                using FreeListAllocator list = new((nuint)Length, new FreeListOptions { Policy = policy, Granularity = (nuint)granularity });
                Model model = new(list, (ulong)granularity);
                foreach ((int kind, ulong size, int alignmentShift, int pick) in operations)
                {
                    if (kind == 0)
                    {
                        model.Alloc(size, 1UL << alignmentShift);
                    }
                    else
                    {
                        model.Free(pick);
                    }

                    model.Check();
                }

                model.FreeAll();
                model.Check();
                Assert.Equal((long)Length, list.GetStatistics().LargestFreeBytes);
            },
            iter: LongTests.Scale(20, 150),
            threads: 1);

    private sealed class Model(FreeListAllocator list, ulong granularity)
    {
        private readonly SortedList<ulong, ulong> _used = [];
        private ulong _last;

        public void Alloc(ulong size, ulong alignment)
        {
            alignment = ulong.Max(alignment, granularity);
            ulong rounded = (size + granularity - 1) / granularity * granularity;
            (ulong Offset, ulong Size)[] fitting = [.. FreeRanges().Where(range => AlignUp(range.Offset, alignment) + rounded <= range.Offset + range.Size)];
            bool done = list.TryAlloc((nuint)size, out nuint found, (nuint)alignment);
            Assert.Equal(fitting.Length != 0, done);
            if (!done)
            {
                return;
            }

            (ulong Offset, ulong Size) chosen = fitting.Single(range => range.Offset <= found && found < range.Offset + range.Size);
            Assert.Equal(AlignUp(chosen.Offset, alignment), found);
            switch (list.Policy)
            {
                case FitPolicy.FirstFit:
                    Assert.Equal(fitting[0], chosen);
                    break;
                case FitPolicy.NextFit:
                    Assert.Equal(fitting.FirstOrDefault(range => range.Offset + range.Size > _last, fitting[0]), chosen);
                    break;
                case FitPolicy.BestFit:
                    Assert.Equal(fitting.MinBy(range => range.Size), chosen);
                    break;
                default:
                    // Classes are a 32nd of an octave wide: of ranges that are longer than need be by more than that, none is shorter than the chosen one by more than that.
                    ulong enough = rounded + alignment - granularity;
                    Assert.All(fitting.Where(range => range.Size >= Wider(enough)), range => Assert.True(chosen.Size <= Wider(range.Size)));
                    break;
            }

            _used.Add(found, rounded);
            _last = found + rounded;
        }

        public void Free(int pick)
        {
            if (_used.Count != 0)
            {
                ulong offset = _used.Keys[(int)((uint)pick % (uint)_used.Count)];
                list.Free((nuint)offset);
                _ = _used.Remove(offset);
                Assert.Throws<ArgumentException>(() => list.Free((nuint)offset));
            }
        }

        public void FreeAll()
        {
            while (_used.Count != 0)
            {
                Free(_used.Count * 31);
            }
        }

        public void Check()
        {
            List<FreeListRange> expected = [.. _used.Select(range => new FreeListRange((nuint)range.Key, (nuint)range.Value, false))];
            (ulong Offset, ulong Size)[] free = [.. FreeRanges()];
            expected.AddRange(free.Select(range => new FreeListRange((nuint)range.Offset, (nuint)range.Size, true)));
            expected.Sort((a, b) => a.Offset.CompareTo(b.Offset));

            List<FreeListRange> actual = [];
            foreach (FreeListRange range in list)
            {
                actual.Add(range);
            }

            Assert.Equal(expected, actual);
            long used = _used.Values.Sum(size => (long)size);
            Assert.Equal(
                new FreeListStatistics
                {
                    TotalBytes = (long)Length,
                    UsedBytes = used,
                    FreeBytes = (long)Length - used,
                    Allocations = _used.Count,
                    FreeRanges = free.Length,
                    LargestFreeBytes = free.Length == 0 ? 0 : (long)free.Max(range => range.Size),
                },
                list.GetStatistics());
        }

        private IEnumerable<(ulong Offset, ulong Size)> FreeRanges()
        {
            ulong end = 0;
            foreach ((ulong offset, ulong size) in _used)
            {
                if (offset > end)
                {
                    yield return (end, offset - end);
                }

                end = offset + size;
            }

            if (end < Length)
            {
                yield return (end, Length - end);
            }
        }

        private ulong Wider(ulong size) => size + (size / 32) + granularity;

        private static ulong AlignUp(ulong offset, ulong alignment) => (offset + alignment - 1) / alignment * alignment;
    }
}
