using System;
using System.Buffers;
using System.Collections.Generic;
using System.Threading;

using Xunit;

namespace NativeHeap.Tests.Buffers;

/// <summary>The members of <see cref="NativeBufferWriter"/>; BufferWriterModelTests has all of them together.</summary>
public sealed class BufferWriterTests : IDisposable
{
    private readonly NativeMemoryPool _pool = new(new NativeMemoryPoolOptions { IdleTime = Timeout.InfiniteTimeSpan });

    public void Dispose() => _pool.Dispose();

    [Fact]
    public void Buffers_grow_to_64_KiB_and_a_hint_beyond_gets_one_of_its_own()
    {
        using NativeBufferWriter writer = new(_pool);
        List<int> lengths = [];
        for (int i = 0; i < 7; i++)
        {
            int room = writer.GetSpan().Length;
            lengths.Add(room);
            writer.Advance(room);
        }

        Assert.Equal([4_096, 8_192, 16_384, 32_768, 65_536, 65_536, 65_536], lengths);
        Assert.Equal(262_144, writer.GetSpan(250_000).Length);
        Assert.Equal(8, _pool.GetStatistics().RentedBuffers);

        // One in which nothing has been written is replaced.
        Assert.Equal(327_680, writer.GetSpan(300_000).Length);
        Assert.Equal(8, _pool.GetStatistics().RentedBuffers);
    }

    [Fact]
    public void Clear_keeps_the_first_buffer()
    {
        using NativeBufferWriter writer = new(_pool);
        Write(writer, 100_000);
        writer.Clear();
        Assert.Equal((0, 1, 4_096), (writer.WrittenCount, _pool.GetStatistics().RentedBuffers, writer.GetSpan().Length));
        Assert.True(writer.WrittenSequence.IsEmpty);
    }

    [Fact]
    public void Mistakes_are_named()
    {
        NativeBufferWriter writer = new(_pool);
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(1));
        int room = writer.GetSpan(10).Length;
        Assert.Contains("4,096", Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(room + 1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.GetSpan(-1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => new NativeBufferWriter(_pool, 0));
        writer.Advance(5);
        writer.Dispose();
        writer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => writer.GetMemory());
        Assert.Throws<ObjectDisposedException>(() => writer.WrittenSequence);
        Assert.Throws<ObjectDisposedException>(() => writer.Detach());
        Assert.Equal((0, 0), (writer.WrittenCount, _pool.GetStatistics().RentedBuffers));
    }

    [Fact]
    public void A_detached_sequence_outlives_its_writer_and_goes_back_once()
    {
        NativeBufferWriter writer = new(_pool);
        Write(writer, 50_000);
        DetachedSequence detached = writer.Detach();
        Write(writer, 10);
        writer.Dispose();
        Assert.Equal(50_000, detached.Sequence.Length);
        Thread other = new(() => detached.Dispose());
        other.Start();
        other.Join();
        Assert.Equal(0, _pool.GetStatistics().RentedBuffers);
        Assert.Throws<ObjectDisposedException>(detached.Dispose);
        Assert.Throws<ObjectDisposedException>(() => detached.Sequence);
        default(DetachedSequence).Dispose();
        Assert.True(default(DetachedSequence).Sequence.IsEmpty);
    }

    [Fact]
    public void A_limit_of_the_pool_leaves_what_was_written()
    {
        using NativeMemoryPool pool = new(new NativeMemoryPoolOptions { MaximumBytes = 10_000 });
        using NativeBufferWriter writer = new(pool);
        writer.Write(new byte[4_096]);
        Assert.Throws<OutOfMemoryException>(() => writer.GetSpan(1).Length);
        Assert.Equal((4_096, 4_096), (writer.WrittenCount, writer.WrittenSequence.Length));
    }

    [Fact]
    public void Nothing_managed_is_allocated_after_the_first_round()
    {
        using NativeBufferWriter writer = new(_pool);
        long Round()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Write(writer, 200_000);
            using (DetachedSequence detached = writer.Detach())
            {
                Assert.True(detached.Sequence.Length == 200_000);
            }

            Write(writer, 5_000);
            writer.Clear();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        _ = Round();
        _ = Round();
        Assert.Equal(0, Round());
    }

    private static void Write(NativeBufferWriter writer, int count)
    {
        while (count > 0)
        {
            int room = int.Min(writer.GetSpan().Length, count);
            writer.Advance(room);
            count -= room;
        }
    }
}
