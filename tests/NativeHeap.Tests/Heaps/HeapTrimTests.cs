using System;
using System.Collections.Generic;
using System.Threading;

using NativeHeap.Platform;
using NativeHeap.Tests.Platform;
using NativeHeap.Tests.Threads;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary><see cref="Heap.Trim"/>: what it gives back, and that it takes nothing that is somebody's.</summary>
public sealed unsafe class HeapTrimTests
{
    private const int Count = 20_000;

    // Tests here have threads of their own; the runner's is to keep nothing meanwhile.
    public HeapTrimTests() => Heap.FlushThread();

    [Fact]
    public void Trim_gives_back_what_freed_objects_held_and_the_statistics_say_so() =>
        ThreadTests.Run(() =>
        {
            // What threads of other tests left may be found late.
            ThreadTests.Settle();

            // A peak that what follows stays under: a new one would have to be paid for with what is free.
            Heap.Shared.Free(Touch((byte*)Heap.Shared.Alloc(96 << 20), 96 << 20));
            _ = Heap.Trim();
            ProcessStatistics before = Heap.GetProcessStatistics();
            Free(Heap.Shared, Fill(Heap.Shared, 500, 7));
            Heap.Shared.Free(Touch((byte*)Heap.Shared.Alloc(40 << 20), 40 << 20));
            ProcessStatistics freed = Heap.GetProcessStatistics();
            nuint given = Heap.Trim();
            ProcessStatistics after = Heap.GetProcessStatistics();
            AssertAddsUp(after);

            // Beside the objects' memory that of the magazines that they were in.
            Assert.InRange(given, (nuint)(49 << 20), (nuint)(freed.MappedBytes - freed.ReturnedBytes + freed.MetadataBytes));
            Assert.Equal(before.LiveBytes, after.LiveBytes);
            Assert.Equal(before.ThreadCachedBytes, after.ThreadCachedBytes);
            Assert.InRange(after.FreeBytes, 0, before.FreeBytes + (16 * (long)VirtualMemory.PageSize));
        });

    [Fact]
    public void A_block_that_grows_at_the_peak_gives_its_memory_back_as_it_moves() =>
        ThreadTests.Run(() =>
        {
            ThreadTests.Settle();
            _ = Heap.Trim();
            using Heap heap = new();
            nuint size = (nuint)Heap.GetProcessStatistics().MappedBytes + (64 << 20);
            byte* block = (byte*)heap.Alloc(size);
            for (nuint i = 0; i < size; i += 4096)
            {
                block[i] = (byte)(i >> 12);
            }

            _ = Heap.Trim();
            ProcessStatistics before = Heap.GetProcessStatistics();
            byte* moved = (byte*)heap.Realloc(block, 2 * size);
            ProcessStatistics after = Heap.GetProcessStatistics();
            Assert.False(moved == block, "There was room behind it.");
            for (nuint i = 0; i < size; i += 4096)
            {
                Assert.Equal((byte)(i >> 12), moved[i]);
            }

            // All but what was copied last, and what the mark does not mind.
            Assert.InRange(after.ReturnedBytes - before.ReturnedBytes, (long)size - (2 << 20), (long)size);
            AssertAddsUp(after);
            Assert.Equal(2 * size, (nuint)heap.GetStatistics().LiveBytes);
            heap.Free(moved);
        });

    [Fact]
    public void Freed_memory_is_out_of_the_resident_size_after_Trim()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && !Emulation.IsQemu, "The resident size of the process is asked of Linux.");
        ThreadTests.Run(() =>
        {
            _ = Heap.Trim();

            // What earlier tests left to the garbage collector would go in the middle of this one.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            long before = ProcessMap.Resident();
            List<nint> blocks = Fill(Heap.Shared, 2_000, 1);
            long peak = ProcessMap.Resident();
            Free(Heap.Shared, blocks);
            _ = Heap.Trim();
            long after = ProcessMap.Resident();
            Assert.InRange(peak - before, 36 << 20, long.MaxValue);
            Assert.InRange(after - before, long.MinValue, (peak - before) / 10);
        });
    }

    [Fact]
    public void What_lies_between_live_objects_goes_back_too() =>
        ThreadTests.Run(() =>
        {
            // 1 in 100 objects stays: each keeps the system pages that it lies in, one or two, and nothing else.
            const int Objects = 200_000;
            using Heap heap = new();
            List<nint> blocks = Fill(heap, 200, 9, Objects);
            HashSet<nuint> pages = [];
            List<nint> freed = [];
            for (int i = 0; i < blocks.Count; i++)
            {
                if (i % 100 == 0)
                {
                    _ = pages.Add((nuint)blocks[i] / VirtualMemory.PageSize);
                    _ = pages.Add(((nuint)blocks[i] + 207) / VirtualMemory.PageSize);
                }
                else
                {
                    freed.Add(blocks[i]);
                }
            }

            Free(heap, freed);
            _ = Heap.Trim();
            HeapStatistics statistics = heap.GetStatistics();
            Assert.Equal(Objects / 100, statistics.LiveObjects);
            Assert.Equal(statistics.SpanBytes, statistics.LiveBytes + statistics.ThreadCachedBytes + statistics.CentralCachedBytes + statistics.ReturnedBytes);

            // Spans without a live object have gone whole; at the ends of the others there may be parts of system pages.
            long kept = statistics.SpanBytes - statistics.ReturnedBytes;
            Assert.InRange(kept, Objects / 100 * 208, (pages.Count * (long)VirtualMemory.PageSize * (VirtualMemory.PageSize > 8192 ? 3 : 1)) + (1 << 20));
            AssertAddsUp(Heap.GetProcessStatistics());
            for (int i = 0; i < blocks.Count; i += 100)
            {
                AssertHolds(blocks[i], 200, 9);
            }
        });

    [Fact]
    public void Objects_keep_their_contents_over_Trim_in_every_heap() =>
        ThreadTests.Run(() =>
        {
            using Heap first = new();
            using Heap second = new();
            Heap[] heaps = [Heap.Shared, first, second];
            List<(Heap Heap, nint Block, int Size, byte Mark)> live = [];
            Random random = new(3);
            for (int round = 0; round < 6; round++)
            {
                for (int i = 0; i < 1_500; i++)
                {
                    Heap heap = heaps[random.Next(heaps.Length)];
                    int size = 1 << random.Next(3, 19);
                    byte mark = (byte)random.Next(256);
                    byte* block = (byte*)heap.Alloc((nuint)size);
                    new Span<byte>(block, size).Fill(mark);
                    live.Add((heap, (nint)block, size, mark));
                }

                (Heap Heap, nint Block, int Size, byte Mark)[] shuffled = [.. live];
                random.Shuffle(shuffled);
                live = [.. shuffled[..(shuffled.Length / 4)]];
                foreach ((Heap heap, nint block, int size, byte mark) in shuffled[live.Count..])
                {
                    AssertHolds(block, size, mark);
                    heap.Free((void*)block);
                }

                _ = Heap.Trim();
                foreach ((_, nint block, int size, byte mark) in live)
                {
                    AssertHolds(block, size, mark);
                }

                AssertAddsUp(Heap.GetProcessStatistics());
            }

            foreach ((Heap heap, nint block, _, _) in live)
            {
                heap.Free((void*)block);
            }
        });

    [Fact]
    public void A_zeroed_block_is_zero_whatever_went_back() =>
        ThreadTests.Run(() =>
        {
            for (int round = 0; round < 5; round++)
            {
                byte*[] blocks = new byte*[20];
                for (int i = 0; i < blocks.Length; i++)
                {
                    int size = (40 + (i * 7)) << 10;
                    blocks[i] = (byte*)Heap.Shared.AllocZeroed((nuint)size);
                    Assert.Equal(-1, new ReadOnlySpan<byte>(blocks[i], size).IndexOfAnyExcept((byte)0));
                    new Span<byte>(blocks[i], size).Fill(0xee);
                }

                for (int i = 0; i < blocks.Length; i++)
                {
                    Heap.Shared.Free(blocks[i]);
                    if (i % 7 == round % 7)
                    {
                        _ = Heap.Trim();
                    }
                }
            }
        });

    [Fact]
    public void Trim_while_others_allocate_and_free_and_dispose_takes_nothing_of_theirs()
    {
        int errors = 0;
        int running = 3;
        Thread[] threads = new Thread[3];
        for (int number = 0; number < threads.Length; number++)
        {
            int seed = number;
            threads[number] = new Thread(() =>
            {
                for (int round = 0; round < LongTests.Scale(15, 300); round++)
                {
                    using Heap heap = new();
                    List<nint> blocks = Fill(round % 2 == 0 ? heap : Heap.Shared, 100 + (seed * 900), (byte)(seed + 1), Count / 10);
                    foreach (nint block in blocks)
                    {
                        _ = new ReadOnlySpan<byte>((void*)block, 100).ContainsAnyExcept((byte)(seed + 1)) ? Interlocked.Increment(ref errors) : 0;
                    }

                    if (round % 4 != 0)
                    {
                        Free(round % 2 == 0 ? heap : Heap.Shared, blocks);
                    }
                }

                _ = Interlocked.Decrement(ref running);
            });
            threads[number].Start();
        }

        while (Volatile.Read(ref running) != 0)
        {
            _ = Heap.Trim();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Assert.Equal(0, errors);
    }

    [Fact]
    public void Trim_reports_an_object_freed_twice() =>
        ThreadTests.Run(() =>
        {
            using Heap heap = new();
            void* block = heap.Alloc(64);
            heap.Free(block);
            heap.Free(block);
            HeapCorruptionException error = Assert.Throws<HeapCorruptionException>(() => { _ = Heap.Trim(); });
            Assert.Equal((nint)block, error.Address);
            _ = Heap.Trim();
        });

    private static List<nint> Fill(Heap heap, int size, byte mark, int count = Count)
    {
        List<nint> blocks = [];
        for (int i = 0; i < count; i++)
        {
            void* block = heap.Alloc((nuint)size);
            new Span<byte>(block, size).Fill(mark);
            blocks.Add((nint)block);
        }

        return blocks;
    }

    private static void Free(Heap heap, List<nint> blocks)
    {
        foreach (nint block in blocks)
        {
            heap.Free((void*)block);
        }
    }

    private static byte* Touch(byte* block, int size)
    {
        for (int offset = 0; offset < size; offset += 4096)
        {
            block[offset] = 1;
        }

        return block;
    }

    private static void AssertHolds(nint block, int size, byte mark) =>
        Assert.Equal(-1, new ReadOnlySpan<byte>((void*)block, size).IndexOfAnyExcept(mark));

    private static void AssertAddsUp(ProcessStatistics statistics)
    {
        Assert.False(statistics.IsApproximate);
        Assert.Equal(statistics.ReservedBytes, statistics.UnmappedBytes + statistics.MappedBytes);
        Assert.Equal(
            statistics.MappedBytes,
            statistics.LiveBytes + statistics.ThreadCachedBytes + statistics.CentralCachedBytes + statistics.FreeBytes + statistics.ReturnedBytes);
    }
}
