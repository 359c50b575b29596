// glibc-simple: one size, a few at a time.
//
// n blocks of 16 bytes are allocated and filled; the first half is freed in the order of allocation, the second half
// against it; 2,000,000 / n times, for n = 25, 100, 400 and 1,600. Three phases: on the main thread, on another, on the
// main thread again, since some allocators are faster until there is a second thread. The sum of the three, each on its
// thread's clock. From the description of mimalloc-bench's glibc-simple (glibc's bench-malloc-simple).

using System;
using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Patterns;

internal readonly unsafe struct GlibcSimple : IPattern
{
    private const int Size = 16;
    private const int WholeBlocks = 1_500_000;

    private static ReadOnlySpan<short> Counts => [25, 100, 400, 1_600];

    public static Outcome Run<TAllocation>(Load load)
        where TAllocation : struct, IUntyped
    {
        int blocks = load.Of(WholeBlocks);
        ulong** live = (ulong**)Scratch.Get<nint>(0, Counts[^1]);
        Outcome first = Phase<TAllocation>(live, blocks);
        Outcome second = default;
        Thread other = new(() => second = Phase<TAllocation>(live, blocks));
        other.Start();
        other.Join();
        Outcome third = Phase<TAllocation>(live, blocks);
        return new(first.Operations + second.Operations + third.Operations, first.Time + second.Time + third.Time);
    }

    private static Outcome Phase<TAllocation>(ulong** live, int blocks)
        where TAllocation : struct, IUntyped
    {
        long operations = 0;
        TimeSpan start = ThreadClock.Now;
        foreach (int count in Counts)
        {
            for (int left = blocks; left > 0; left -= count)
            {
                Batch<TAllocation>(live, count);
                operations += count;
            }
        }

        return new(operations, ThreadClock.Now - start);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Batch<TAllocation>(ulong** live, int count)
        where TAllocation : struct, IUntyped
    {
        for (int i = 0; i < count; i++)
        {
            ulong* block = (ulong*)TAllocation.Alloc(Size);
            block[0] = (ulong)i;
            block[1] = (ulong)i;
            live[i] = block;
        }

        int half = count / 2;
        for (int i = 0; i < half; i++)
        {
            TAllocation.Free(live[i]);
        }

        for (int i = count - 1; i >= half; i--)
        {
            TAllocation.Free(live[i]);
        }
    }
}
