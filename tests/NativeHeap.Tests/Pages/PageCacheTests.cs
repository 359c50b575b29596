using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Threading;

using NativeHeap.Pages;
using NativeHeap.Platform;

using Xunit;

namespace NativeHeap.Tests.Pages;

/// <summary>A page cache by itself: cutting runs, and who gets a page that two want.</summary>
public sealed unsafe class PageCacheTests : IDisposable
{
    private const nuint First = 32 * 12_345;
    private const uint All = uint.MaxValue;

    private readonly Shared* _shared = (Shared*)NativeMemory.AllocZeroed((nuint)sizeof(Shared));

    // The pages it has, from the highest down as a number is written; what is cut, each with its place or -1; the pages left.
    public static TheoryData<uint, int[], int[], uint> Cuts => new()
    {
        { 0, [1], [-1], 0 },
        { 1, [1, 1], [0, -1], 0 },
        { 0x8000_0000, [1, 1], [31, -1], 0 },
        { 0x8000_0000, [2], [-1], 0x8000_0000 },
        { All, [8, 8, 8, 8, 1], [0, 8, 16, 24, -1], 0 },
        { All, [4, 5, 6, 7, 8, 2, 1], [0, 4, 9, 15, 22, 30, -1], 0 },
        { All, [1, 1, 1], [0, 1, 2], 0xffff_fff8 },
        { 0b1111_0111_0011_0001, [4, 3, 2, 1], [12, 8, 4, 0], 0 },
        { 0b1111_0111_0011_0001, [1, 2, 3, 4, 1], [0, 4, 8, 12, -1], 0 },
        { 0b1111_0111_0011_0001, [5, 4, 4], [-1, 12, -1], 0b0111_0011_0001 },
        { 0b0110_0111, [2, 2, 1], [0, 5, 2], 0 },
        { 0xff00_0000, [8], [24], 0 },
        { 0x7f00_0000, [8], [-1], 0x7f00_0000 },
    };

    // The pages that read as zero; the length of the run that is cut at the start; whether it may hold old content.
    public static TheoryData<uint, int, bool> Contents => new()
    {
        { All, 8, false },
        { 0, 1, true },
        { 0xff, 8, false },
        { 0x7f, 8, true },
        { 0xfe, 8, true },
        { 0xef, 8, true },
        { 1, 1, false },
        { 2, 1, true },
    };

    private PageCache* Cache => &_shared->Cache;

    public void Dispose() => NativeMemory.Free(_shared);

    [Theory]
    [MemberData(nameof(Cuts))]
    public void The_lowest_run_is_cut(uint free, int[] lengths, int[] places, uint left)
    {
        Cache->Fill(First, free, All, filledFor: 1);
        foreach ((int length, int place) in lengths.Zip(places))
        {
            Assert.Equal(place < 0 ? PageAllocator.None : First + (nuint)place, Cache->Cut(length, out _));
        }

        Assert.Equal(left, Cache->Free);
        Assert.Equal(left, Cache->Empty());
        Assert.Equal(0u, Cache->Empty());
        Assert.Equal(PageAllocator.None, Cache->Cut(1, out _));
    }

    [Theory]
    [MemberData(nameof(Contents))]
    public void A_run_needs_zeroing_if_one_of_its_pages_does(uint zeroed, int length, bool needsZeroing)
    {
        Cache->Fill(First, All, zeroed, filledFor: 1);
        Assert.Equal(First, Cache->Cut(length, out bool told));
        Assert.Equal(needsZeroing, told);
    }

    [Fact]
    public void A_page_is_cut_or_taken_back_and_never_both()
    {
        // The owner cuts and refills; another empties the cache under the lock as often as he can. All pages of all fillings must turn up, once.
        nint shared = (nint)_shared;
        long taken = 0;
        bool stop = false;
        Thread other = new(() =>
        {
            var at = (Shared*)shared;
            while (!Volatile.Read(ref stop))
            {
                at->Lock.Enter();
                uint pages = at->Cache.Empty();
                taken += Count(at, pages, at->Cache.First);
                at->Lock.Exit();
                Thread.SpinWait(30);
            }
        });
        other.Start();

        int fillings = LongTests.Scale(20_000, 300_000);
        long cut = 0;
        for (int i = 0; i < fillings; i++)
        {
            _shared->Lock.Enter();
            taken += Count(_shared, Cache->Empty(), Cache->First);
            Cache->Fill(First + (32 * (nuint)(i % Shared.Blocks)), All, 0, filledFor: 1);
            _shared->Lock.Exit();
            for (int length = 1 + (i % 3); length > 0;)
            {
                nuint first = Cache->Cut(length, out _);
                if (first == PageAllocator.None)
                {
                    length--;
                    continue;
                }

                for (int page = 0; page < length; page++)
                {
                    _ = Interlocked.Increment(ref _shared->Seen[first - First + (nuint)page]);
                    cut++;
                }
            }
        }

        Volatile.Write(ref stop, true);
        other.Join();
        taken += Count(_shared, Cache->Empty(), Cache->First);
        Assert.Equal(32L * fillings, cut + taken);
        for (int block = 0; block < Shared.Blocks; block++)
        {
            int expected = (fillings + Shared.Blocks - 1 - block) / Shared.Blocks;
            List<int> seen = [.. new ReadOnlySpan<int>(_shared->Seen + (32 * block), 32).ToArray()];
            Assert.All(seen, count => Assert.Equal(expected, count));
        }
    }

    private static int Count(Shared* shared, uint pages, nuint first)
    {
        for (uint rest = pages; rest != 0; rest &= rest - 1)
        {
            _ = Interlocked.Increment(ref shared->Seen[first - First + (nuint)BitOperations.TrailingZeroCount(rest)]);
        }

        return BitOperations.PopCount(pages);
    }

    private struct Shared
    {
        public const int Blocks = 8;

        public HeapLock Lock;
        public PageCache Cache;
        public fixed int Seen[32 * Blocks];
    }
}
