using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

using CsCheck;

using Xunit;

namespace NativeHeap.Tests.Buffers;

/// <summary><see cref="NativeBufferWriter"/> beside a list of what was written.</summary>
public sealed class BufferWriterModelTests : IDisposable
{
    private readonly NativeMemoryPool _pool = new(new NativeMemoryPoolOptions { IdleTime = Timeout.InfiniteTimeSpan });

    public void Dispose() => _pool.Dispose();

    [Fact]
    public void Whatever_is_written_is_in_the_sequence()
    {
        Gen<(int Hint, int Count, int Kind)> write = Gen.Select(Gen.Frequency((6, Gen.Int[0, 300]), (1, Gen.Int[0, 200_000])), Gen.Int[0, 400], Gen.Int[0, 20]);
        Gen.Select(write.Array[0, 80], Gen.Int[1, 500]).Sample(
            (writes, first) =>
            {
                using NativeBufferWriter writer = new(_pool, first);
                List<byte> expected = [];
                List<(ReadOnlySequence<byte> Sequence, byte[] Bytes)> earlier = [];
                foreach ((int hint, int count, int kind) in writes)
                {
                    if (kind == 0)
                    {
                        writer.Clear();
                        expected.Clear();
                        earlier.Clear();
                    }
                    else if (kind == 1)
                    {
                        using DetachedSequence detached = writer.Detach();
                        Assert.Equal(expected, detached.Sequence.ToArray());
                        expected.Clear();
                        earlier.Clear();
                    }
                    else
                    {
                        Span<byte> room = kind < 12 ? writer.GetSpan(hint) : writer.GetMemory(hint).Span;
                        Assert.True(room.Length >= int.Max(hint, 1));
                        byte[] bytes = [.. Enumerable.Range(0, int.Min(count, room.Length)).Select(i => (byte)(expected.Count + i))];
                        bytes.CopyTo(room);
                        writer.Advance(bytes.Length);
                        expected.AddRange(bytes);
                        earlier.Add((writer.WrittenSequence, [.. expected]));
                    }

                    Assert.Equal(expected.Count, writer.WrittenCount);
                    Assert.Equal(expected, writer.WrittenSequence.ToArray());
                }

                // What was asked for earlier has not changed.
                Assert.All(earlier, each => Assert.Equal(each.Bytes, each.Sequence.ToArray()));
            },
            iter: LongTests.Scale(60, 200),
            threads: 1);
        Assert.Equal(0, _pool.GetStatistics().RentedBuffers);
    }
}
