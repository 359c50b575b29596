using System;
using System.Collections.Generic;
using System.Threading;

using Xunit;

namespace NativeHeap.Tests.Allocators;

/// <summary>Memory by frames: a pair of allocators, and one pair for each thread.</summary>
public sealed unsafe class FrameAllocatorTests
{
    [Fact]
    public void Memory_of_a_frame_is_valid_to_the_end_of_the_next()
    {
        using FrameAllocator frames = new();
        long* last = null;
        for (int frame = 0; frame < 50; frame++)
        {
            Assert.Equal(frame, (int)frames.Frame);
            long* now = (long*)frames.Current.Alloc(8 * 1_000);
            for (int i = 0; i < 1_000; i++)
            {
                now[i] = frame;
            }

            for (int i = 0; i < 1_000 && last != null; i++)
            {
                Assert.Equal(frame - 1, last[i]);
            }

            last = now;
            frames.NextFrame();
        }
    }

    [Fact]
    public void Frames_alike_take_nothing_from_the_heap_after_the_second()
    {
        using Heap heap = new();
        using FrameAllocator frames = new(new BumpAllocatorOptions { Heap = heap });
        HeapStatistics afterSecond = default;
        for (int frame = 0; frame < 100; frame++)
        {
            for (int i = 0; i < 1_000; i++)
            {
                _ = frames.Current.AllocSpan<int>(100);
            }

            HeapStatistics now = heap.GetStatistics();
            afterSecond = frame == 1 ? now : afterSecond;
            Assert.True(frame <= 1 || afterSecond == now, "Memory was taken again.");
            frames.NextFrame();
        }
    }

    [Fact]
    public void A_frame_does_not_end_over_a_scope_of_the_one_before()
    {
        using FrameAllocator frames = new();
        BumpAllocator first = frames.Current;
        using (BumpScope scope = first.EnterScope())
        {
            frames.NextFrame();
            Assert.Throws<InvalidOperationException>(frames.NextFrame);
            Assert.True(frames.Previous == first);
            Assert.Equal(1, (int)frames.Frame);
            scope.Alloc<int>() = 1;
        }

        frames.NextFrame();
    }

    [Fact]
    public void A_disposed_pair_says_so_and_has_given_everything_back()
    {
        using Heap heap = new();
        FrameAllocator frames = new(new BumpAllocatorOptions { Heap = heap });
        _ = frames.Current.Alloc(10);
        frames.NextFrame();
        _ = frames.Current.Alloc(10);
        frames.Dispose();
        frames.Dispose();
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
        Assert.Throws<ObjectDisposedException>(frames.NextFrame);
        Assert.Throws<ObjectDisposedException>(() => frames.Current.Alloc(10));
    }

    [Fact]
    public void Each_thread_has_frames_of_its_own_and_finds_them_again()
    {
        const int Threads = 12;
        using ThreadFrames frames = new();
        using Barrier barrier = new(Threads);
        HashSet<FrameAllocator> seen = [];
        int failures = 0;
        Run(Threads, number =>
        {
            FrameAllocator mine = frames.Local;
            lock (seen)
            {
                _ = seen.Add(mine);
            }

            for (int frame = 0; frame < 20; frame++)
            {
                Span<int> span = frames.Local.Current.AllocSpan<int>(5_000);
                span.Fill(number);
                barrier.SignalAndWait(CancellationToken.None);
                _ = Interlocked.Add(ref failures, span.IndexOfAnyExcept(number) >= 0 || frames.Local != mine ? 1 : 0);
                barrier.SignalAndWait(CancellationToken.None);
                if (number == 0)
                {
                    frames.NextFrame();
                }

                barrier.SignalAndWait(CancellationToken.None);
                _ = Interlocked.Add(ref failures, mine.Frame == frame + 1 ? 0 : 1);
            }
        });
        Assert.Equal(0, failures);
        Assert.Equal(Threads, seen.Count);
    }

    [Fact]
    public void A_thread_that_ends_leaves_its_memory_valid_and_its_frames_to_a_later_one()
    {
        using ThreadFrames frames = new();
        HashSet<FrameAllocator> seen = [];
        List<nint> blocks = [];
        int threads = Emulation.IsAny ? 40 : 200;
        for (int i = 0; i < threads; i++)
        {
            int value = i;
            Run(1, number =>
            {
                long* block = (long*)frames.Local.Current.Alloc(64);
                *block = value;
                _ = seen.Add(frames.Local);
                blocks.Add((nint)block);
            });
        }

        // The system's flag may come a little after Join has returned; then the next thread has a new record, on a busy machine more often than not.
        Assert.InRange(seen.Count, 1, threads - 1);
        for (int i = 0; i < blocks.Count; i++)
        {
            Assert.Equal(i, *(long*)blocks[i]);
        }
    }

    [Fact]
    public void Disposing_of_all_threads_frames_gives_everything_back()
    {
        using Heap heap = new();
        using ThreadFrames frames = new(new BumpAllocatorOptions { Heap = heap });
        Run(5, _ => frames.Local.Current.Alloc(1_000));
        _ = frames.Local.Current.Alloc(1_000);
        Assert.True(heap.GetStatistics().LiveObjects > 0);
        frames.Dispose();
        frames.Dispose();
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
        Assert.Throws<ObjectDisposedException>(() => frames.Local);
        Assert.Throws<ObjectDisposedException>(frames.NextFrame);
    }

    [Fact]
    public void All_threads_frames_go_on_together_or_none()
    {
        using ThreadFrames frames = new();
        Run(1, _ => frames.Local.Current.Alloc(8));
        FrameAllocator mine = frames.Local;
        using (mine.Previous.EnterScope())
        {
            Assert.Throws<InvalidOperationException>(frames.NextFrame);
            Assert.Equal(0, (int)mine.Frame);
        }

        frames.NextFrame();
        Assert.Equal(1, (int)mine.Frame);
    }

    private static void Run(int threads, Action<int> action)
    {
        Thread[] running = new Thread[threads];
        for (int i = 0; i < threads; i++)
        {
            int number = i;
            running[i] = new Thread(() => action(number));
            running[i].Start();
        }

        foreach (Thread thread in running)
        {
            thread.Join();
        }
    }
}
