using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

using NativeHeap.Buffers;
using NativeHeap.Tests.Entities;

using Xunit;

namespace NativeHeap.Tests.Buffers;

/// <summary>The members of <see cref="NativeMemoryPool"/> and its owners, on one thread but where said.</summary>
public sealed unsafe class MemoryPoolTests : IDisposable
{
    private const int MiB = 1 << 20;

    private readonly Heap _heap = new();
    private readonly NativeMemoryPool _pool;

    public MemoryPoolTests() => _pool = PoolOf(new NativeMemoryPoolOptions { Heap = _heap, IdleTime = Timeout.InfiniteTimeSpan });

    public void Dispose()
    {
        _pool.Dispose();
        _heap.Dispose();
    }

    [Fact]
    public void A_bucket_is_the_shortest_that_is_long_enough_for_every_length()
    {
        int bucket = 0;
        for (int length = 1; length <= BufferBuckets.MaxLength; length++)
        {
            bucket += length > BufferBuckets.LengthOf(bucket) ? 1 : 0;
            if (BufferBuckets.IndexOf(length) != bucket)
            {
                Assert.Fail($"{length}: {BufferBuckets.IndexOf(length)}, not {bucket}");
            }
        }

        Assert.Equal(BufferBuckets.Count - 1, bucket);
        Assert.Equal(BufferBuckets.MaxLength, BufferBuckets.LengthOf(bucket));
        Assert.Equal((0, BufferBuckets.Count), (BufferBuckets.Find(0), BufferBuckets.Find(BufferBuckets.MaxLength + 1)));
    }

    [Theory]
    [InlineData(-1, 4096)]
    [InlineData(0, 64)]
    [InlineData(1, 64)]
    [InlineData(64, 64)]
    [InlineData(65, 128)]
    [InlineData(257, 320)]
    [InlineData(4_096, 4_096)]
    [InlineData(4_097, 5_120)]
    [InlineData(MiB, MiB)]
    [InlineData(MiB + 1, MiB + 64)]
    [InlineData(5_000_000, 5_000_000)]
    public void A_buffer_is_as_long_as_the_shortest_size_that_is_long_enough(int least, int length)
    {
        foreach (BufferBacking backing in Enum.GetValues<BufferBacking>())
        {
            using NativeMemoryPool pool = PoolOf(new NativeMemoryPoolOptions { Heap = _heap, Backing = backing });
            using IMemoryOwner<byte> owner = pool.Rent(least);
            Assert.Equal(length, owner.Memory.Length);
            owner.Memory.Span.Fill(0x5a);
            Assert.True(owner.Memory.Span.IndexOfAnyExcept((byte)0x5a) < 0);
            Assert.Equal((1, length, length), (pool.GetStatistics().RentedBuffers, pool.GetStatistics().RentedBytes, pool.GetStatistics().TotalBytes));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1_000)]
    [InlineData(MiB + 1)]
    public void Memory_has_the_length_that_was_asked_for_exactly(int length)
    {
        using NativeMemoryOwner owner = _pool.RentExact(length);
        Assert.Equal((length, length, length), (owner.Length, owner.Memory.Length, owner.Span.Length));
        Assert.Equal(0u, (nuint)owner.DangerousGetPointer() % 64);
        Assert.Equal(length == 0, MemoryMarshal.TryGetArray(owner.Memory, out ArraySegment<byte> _));
        Assert.True(MemoryMarshal.TryGetMemoryManager<byte, NativeMemoryOwner>(owner.Memory, out NativeMemoryOwner? found) && found == owner);
        using MemoryHandle pin = owner.Memory.Pin();
        Assert.True(pin.Pointer == owner.DangerousGetPointer());
    }

    [Fact]
    public void A_pool_of_pinned_arrays_gives_arrays_that_the_collector_does_not_move()
    {
        using NativeMemoryPool pool = PoolOf(new NativeMemoryPoolOptions { Backing = BufferBacking.PinnedObjectHeap });
        NativeMemoryOwner owner = pool.RentExact(1_000);
        nint address = (nint)owner.DangerousGetPointer();
        Assert.True(MemoryMarshal.TryGetArray(owner.Memory[10..], out ArraySegment<byte> segment));
        Assert.Equal((10, 990), (segment.Offset, segment.Count));
        GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
        segment.AsSpan().Fill(7);
        Assert.Equal(7, ((byte*)address)[10]);
        Assert.Equal(address, (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref segment.Array![0]));
        owner.Dispose();
        Assert.Equal((nuint)1_024, pool.Trim());
        using NativeMemoryOwner next = pool.RentExact(0);
    }

    [Fact]
    public void What_is_returned_is_rented_again_with_its_object()
    {
        NativeMemoryOwner first = _pool.RentExact(100);
        nint address = (nint)first.DangerousGetPointer();
        first.Dispose();
        NativeMemoryOwner second = _pool.RentExact(120);
        Assert.Same(first, second);
        Assert.Equal(address, (nint)second.DangerousGetPointer());
        second.Dispose();
        Assert.Equal(1, _pool.GetStatistics().Made);
    }

    [Fact]
    public void Use_and_return_after_the_return_are_errors_until_the_buffer_is_rented_again()
    {
        NativeMemoryOwner owner = _pool.RentExact(100);
        Memory<byte> memory = owner.Memory;
        owner.Dispose();
        AssertReturned(owner, memory);

        NativeMemoryOwner again = _pool.RentExact(100);
        Assert.Equal(100, memory.Span.Length);
        again.Dispose();
        AssertReturned(owner, memory);
        Assert.Equal((0, 1), (_pool.GetStatistics().RentedBuffers, _pool.GetStatistics().PooledBuffers));
    }

    [Fact]
    public void At_basic_checks_they_are_errors_for_ever()
    {
        using NativeMemoryPool pool = PoolOf(new NativeMemoryPoolOptions { Heap = _heap, Check = CheckLevel.Basic });
        NativeMemoryOwner owner = pool.RentExact(100);
        Memory<byte> memory = owner.Memory;
        owner.Dispose();
        for (int i = 0; i < 10; i++)
        {
            using NativeMemoryOwner other = pool.RentExact(100);
            Assert.NotSame(owner, other);
            AssertReturned(owner, memory);
        }

        Assert.Equal((0, 0, 11, 11), (pool.GetStatistics().RentedBuffers, pool.GetStatistics().TotalBytes, pool.GetStatistics().Made, pool.GetStatistics().Unmade));
        Assert.Equal(0, _heap.GetStatistics().LiveObjects);
    }

    [Fact]
    public void At_basic_checks_one_of_the_threads_that_return_a_buffer_does()
    {
        using NativeMemoryPool pool = PoolOf(new NativeMemoryPoolOptions { Heap = _heap, Check = CheckLevel.Basic });
        int refused = 0;
        int rounds = LongTests.Scale(50, 300);
        using Barrier barrier = new(2);
        NativeMemoryOwner? shared = null;
        void Return()
        {
            for (int round = 0; round < rounds; round++)
            {
                barrier.SignalAndWait(TestContext.Current.CancellationToken);
                try
                {
                    shared!.Dispose();
                }
                catch (ObjectDisposedException)
                {
                    _ = Interlocked.Increment(ref refused);
                }

                barrier.SignalAndWait(TestContext.Current.CancellationToken);
            }
        }

        Thread other = new(Return);
        shared = pool.RentExact(100);
        other.Start();
        for (int round = 0; round < rounds; round++)
        {
            shared = pool.RentExact(100);
            barrier.SignalAndWait(TestContext.Current.CancellationToken);
            try
            {
                shared.Dispose();
            }
            catch (ObjectDisposedException)
            {
                _ = Interlocked.Increment(ref refused);
            }

            barrier.SignalAndWait(TestContext.Current.CancellationToken);
        }

        other.Join();
        Assert.Equal(rounds, refused);
        Assert.Equal(1, pool.GetStatistics().RentedBuffers);
    }

    [Fact]
    public void Lengths_that_there_are_not_are_named()
    {
        Assert.Contains("-2", Assert.Throws<ArgumentOutOfRangeException>(() => _pool.Rent(-2)).Message, StringComparison.Ordinal);
        Assert.Contains("-1", Assert.Throws<ArgumentOutOfRangeException>(() => _pool.RentExact(-1)).Message, StringComparison.Ordinal);
        Assert.Equal("minBufferSize", Assert.Throws<ArgumentOutOfRangeException>(() => _pool.TryRent(int.MaxValue, out _)).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = _pool.RentAsync(-5, TestContext.Current.CancellationToken).AsTask(); });
        using NativeMemoryOwner owner = _pool.RentExact(10);
        Assert.Throws<ArgumentOutOfRangeException>(() => owner.Pin(11));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NativeMemoryPoolOptions { MaximumBytes = 63 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new NativeMemoryPoolOptions { IdleTime = TimeSpan.Zero });
        Assert.Throws<ArgumentOutOfRangeException>(() => new NativeMemoryPoolOptions { Backing = (BufferBacking)9 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new NativeMemoryPoolOptions { Check = (CheckLevel)9 });
    }

    [Fact]
    public void The_limit_is_exact_and_takes_what_is_idle_before_it_refuses()
    {
        using NativeMemoryPool pool = PoolOf(new NativeMemoryPoolOptions { Heap = _heap, MaximumBytes = 1_024, Name = "small" });
        NativeMemoryOwner[] four = [.. Enumerable.Range(0, 4).Select(_ => pool.RentExact(256))];
        Assert.False(pool.TryRent(1, out NativeMemoryOwner? none));
        Assert.Null(none);
        string message = Assert.Throws<OutOfMemoryException>(() => pool.Rent(1)).Message;
        Assert.Contains("'small'", message, StringComparison.Ordinal);
        Assert.Contains("1,024", message, StringComparison.Ordinal);
        four[0].Dispose();
        four[1].Dispose();

        // Two of another size, in the place of what has been returned and lies with this thread.
        using NativeMemoryOwner other = pool.RentExact(512);
        Assert.False(pool.TryRent(1, out _));
        Assert.Equal((3, 0, 1_024), (pool.GetStatistics().RentedBuffers, pool.GetStatistics().PooledBuffers, pool.GetStatistics().TotalBytes));
        four[2].Dispose();
        four[3].Dispose();
    }

    [Fact]
    public void A_limit_of_the_heap_refuses_as_one_of_the_pool()
    {
        using Heap heap = new(new HeapOptions { MaximumBytes = 256 * 1024, Name = "tight" });
        using NativeMemoryPool pool = PoolOf(new NativeMemoryPoolOptions { Heap = heap });
        List<NativeMemoryOwner> rented = [];
        while (pool.TryRent(16 * 1024, out NativeMemoryOwner? owner))
        {
            rented.Add(owner!);
        }

        Assert.InRange(rented.Count, 8, 16);
        Assert.Contains("'tight'", Assert.Throws<OutOfMemoryException>(() => pool.Rent(16 * 1024)).Message, StringComparison.Ordinal);
        rented.ForEach(owner => owner.Dispose());

        // The pool's own idle buffers make room for what the heap has no other for.
        using IMemoryOwner<byte> large = pool.Rent(100 * 1024);
        Assert.Equal(rented.Count * 16 * 1024 >= 156 * 1024, pool.GetStatistics().Unmade > 0);
    }

    [Fact]
    public void Trim_gives_back_what_any_thread_has_at_hand()
    {
        List<NativeMemoryOwner> mine = Rent(100, 1_000);
        Thread other = new(() => Rent(100, 5_000).ForEach(owner => owner.Dispose()));
        other.Start();
        other.Join();
        mine.ForEach(owner => owner.Dispose());
        Assert.Equal((200, 100L * (1_024 + 5_120)), (_pool.GetStatistics().PooledBuffers, _pool.GetStatistics().PooledBytes));
        Assert.Equal((nuint)(100 * (1_024 + 5_120)), _pool.Trim());
        Assert.Equal((0, 0, 0), (_pool.GetStatistics().PooledBuffers, _pool.GetStatistics().TotalBytes, _heap.GetStatistics().LiveObjects));
        Assert.Equal((nuint)0, _pool.Trim());
    }

    [Fact]
    public void What_has_been_idle_goes_back_and_what_is_in_use_stays()
    {
        List<NativeMemoryOwner> many = Rent(200, 1_000);
        many.ForEach(owner => owner.Dispose());
        for (int pass = 0; pass < 4; pass++)
        {
            Rent(10, 1_000).ForEach(owner => owner.Dispose());
            _pool.TrimIdle();
        }

        long kept = _pool.GetStatistics().PooledBuffers;
        Assert.InRange(kept, 10, 1 + (2 * BufferBuckets.MagazineSize(BufferBuckets.Find(1_000))));
        for (int pass = 0; pass < 3; pass++)
        {
            _pool.TrimIdle();
        }

        Assert.Equal(0, _pool.GetStatistics().PooledBuffers);
    }

    [Fact]
    public void The_timer_gives_back_what_is_idle()
    {
        using NativeMemoryPool pool = PoolOf(new NativeMemoryPoolOptions { Heap = _heap, IdleTime = TimeSpan.FromMilliseconds(10) });
        for (int round = 0; round < 3; round++)
        {
            pool.RentExact(1_000).Dispose();
            Assert.True(SpinWait.SpinUntil(() => pool.GetStatistics().TotalBytes == 0, TimeSpan.FromMinutes(1)));
        }
    }

    [Fact]
    public void A_pool_and_its_heap_may_end_while_the_timer_is_at_work()
    {
        for (int round = 0; round < LongTests.Scale(20, 200); round++)
        {
            using Heap heap = new();
            using NativeMemoryPool pool = PoolOf(new NativeMemoryPoolOptions { Heap = heap, IdleTime = TimeSpan.FromMilliseconds(10) });
            NativeMemoryOwner[] owners = [.. Enumerable.Range(0, 2_000).Select(_ => pool.RentExact(100))];
            foreach (NativeMemoryOwner owner in owners)
            {
                owner.Dispose();
            }

            // From now on a tick may come at any moment; the heap, and the pool with it, ends at one of them.
            long end = Environment.TickCount64 + 20 + (round % 15);
            while (Environment.TickCount64 < end && pool.GetStatistics().TotalBuffers != 0)
            {
                Thread.SpinWait(10);
            }
        }
    }

    [Fact]
    public void Memory_is_cleared_when_it_is_returned_if_that_is_asked_for()
    {
        using NativeMemoryPool pool = PoolOf(new NativeMemoryPoolOptions { Heap = _heap, ClearOnReturn = true });
        NativeMemoryOwner owner = pool.RentExact(1_000);
        byte* memory = owner.DangerousGetPointer();
        owner.Span.Fill(1);
        memory[1_023] = 1;
        owner.Dispose();
        Assert.True(new Span<byte>(memory, 1_024).IndexOfAnyExcept((byte)0) < 0);
    }

    [Fact]
    public void A_pool_that_is_disposed_of_keeps_nothing_and_takes_back_what_is_rented()
    {
        NativeMemoryOwner rented = _pool.RentExact(1_000);
        Rent(50, 200).ForEach(owner => owner.Dispose());
        _pool.Dispose();
        _pool.Dispose();
        Assert.Equal((1, 0), (_pool.GetStatistics().RentedBuffers, _pool.GetStatistics().PooledBuffers));
        Assert.Throws<ObjectDisposedException>(() => _pool.Rent());
        Assert.Throws<ObjectDisposedException>(() => { _ = _pool.RentAsync(1, TestContext.Current.CancellationToken).AsTask(); });
        rented.Span.Fill(1);
        rented.Dispose();
        Assert.Equal((0, 0, 0), (_pool.GetStatistics().TotalBuffers, _pool.GetStatistics().TotalBytes, _heap.GetStatistics().LiveObjects));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_pool_ends_with_its_heap(bool isReset)
    {
        using Heap heap = new();
        using NativeMemoryPool pool = PoolOf(new NativeMemoryPoolOptions { Heap = heap });
        NativeMemoryOwner rented = pool.RentExact(1_000);
        pool.RentExact(200).Dispose();
        if (isReset)
        {
            heap.Reset();
        }
        else
        {
            heap.Dispose();
        }

        Assert.Throws<ObjectDisposedException>(() => pool.Rent());
        rented.Dispose();
        Assert.Equal((0, 0), (pool.GetStatistics().TotalBuffers, pool.GetStatistics().TotalBytes));
        if (isReset)
        {
            Assert.Equal(0, heap.GetStatistics().LiveObjects);
            void* block = heap.Alloc(1_000);
            Assert.True(block != null);
        }

        TableChecks.AssertEquations();
    }

    [Fact]
    public void The_shared_pool_cannot_be_ended()
    {
        NativeMemoryPool.Shared.Dispose();
        using (IMemoryOwner<byte> owner = NativeMemoryPool.Shared.Rent(1))
        {
            Assert.NotNull(owner);
        }

        Assert.Null(NativeMemoryPool.Shared.GetStatistics().MaximumBytes);

        // Its timer has nothing to do then, when other tests have the process's structures for themselves (Faults/FreshProcess.cs).
        _ = NativeMemoryPool.Shared.Trim();
        Assert.Equal(0, NativeMemoryPool.Shared.GetStatistics().TotalBytes);
    }

    [Fact]
    public void Two_pools_used_in_turn_by_a_thread_keep_their_own()
    {
        using NativeMemoryPool second = PoolOf(new NativeMemoryPoolOptions { Heap = _heap });
        for (int i = 0; i < 100; i++)
        {
            using NativeMemoryOwner one = _pool.RentExact(100);
            using NativeMemoryOwner two = second.RentExact(100);
        }

        Assert.Equal((1, 1), (_pool.GetStatistics().Made, second.GetStatistics().Made));
        Assert.Equal((1, 1), (_pool.GetStatistics().PooledBuffers, second.GetStatistics().PooledBuffers));
    }

    [Fact]
    public void A_thread_that_comes_after_another_finds_its_buffers_and_is_at_home()
    {
        bool isHome = false;
        long made;
        int attempt = 0;
        do
        {
            made = _pool.GetStatistics().Made;
            Thread thread = new(() =>
            {
                Rent(10, 500).ForEach(owner => owner.Dispose());
                isHome = LocalBuffers.Home.Pool == _pool;
            });
            thread.Start();
            thread.Join();
            Assert.True(isHome);

            // The flag of the thread's end may come late, and the next one then finds nothing.
            Thread.Sleep(1);
        }
        while (_pool.GetStatistics().Made != made && ++attempt < 1_000);

        Assert.Equal(made, _pool.GetStatistics().Made);
    }

    [Fact]
    public void Nothing_managed_is_allocated_after_the_first_round()
    {
        NativeMemoryOwner[] owners = new NativeMemoryOwner[300];
        void Round()
        {
            for (int length = 1; length < 200_000; length = (length * 3) + 1)
            {
                for (int i = 0; i < owners.Length; i++)
                {
                    owners[i] = _pool.RentExact(length);
                }

                foreach (NativeMemoryOwner owner in owners)
                {
                    owner.Memory.Span[0] = 1;
                    owner.Dispose();
                }
            }

            _pool.RentExact(3 * MiB).Dispose();
        }

        Round();
        Round();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Round();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        // A pool that has shrunk grows again with the objects that it had.
        _ = _pool.Trim();
        before = GC.GetAllocatedBytesForCurrentThread();
        Round();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    // As when the collector had no memory for magazines when they were due.
    [Fact]
    public void Buffers_that_no_magazine_is_there_for_are_kept_all_the_same()
    {
        List<NativeMemoryOwner> owners = Rent(200, 100);
        BufferDepot depot = DepotsOf(_pool)[BufferBuckets.Find(100)];
        while (depot.TakeEmpty() != null)
        {
            // Gone.
        }

        owners.ForEach(owner => owner.Dispose());
        Assert.Equal(200, _pool.GetStatistics().PooledBuffers);
        Rent(200, 100).ForEach(owner => owner.Dispose());
        Assert.Equal((200, 200), (_pool.GetStatistics().PooledBuffers, _pool.GetStatistics().Made));
        _ = _pool.Trim();
        Assert.Equal(0, _pool.GetStatistics().TotalBytes);
    }

    [Fact]
    public void A_pair_of_magazines_is_a_line_of_the_cache() => Assert.Equal(64, Unsafe.SizeOf<MagazinePair>());

    private static NativeMemoryPool PoolOf(NativeMemoryPoolOptions options) => new(options);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_depots")]
    private static extern ref BufferDepot[] DepotsOf(NativeMemoryPool pool);

    private static void AssertReturned(NativeMemoryOwner owner, Memory<byte> memory)
    {
        Assert.Contains("returned", Assert.Throws<ObjectDisposedException>(owner.Dispose).Message, StringComparison.Ordinal);
        Assert.Throws<ObjectDisposedException>(() => owner.Memory);
        Assert.Throws<ObjectDisposedException>(() => owner.Length);
        Assert.Throws<ObjectDisposedException>(() => memory.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => memory.Pin());
        Assert.Throws<ObjectDisposedException>(() => (nint)owner.DangerousGetPointer());
    }

    private List<NativeMemoryOwner> Rent(int count, int length) => [.. Enumerable.Range(0, count).Select(_ => _pool.RentExact(length))];
}
