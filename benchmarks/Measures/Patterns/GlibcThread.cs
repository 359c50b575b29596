// glibc-thread: every thread on its own, blocks of all sizes.
//
// 1,024 slots a thread. A step picks a random one, frees its block and allocates another, all of which is filled. Sizes are
// 4 to 32,768 bytes with a probability that falls with the square: most are tiny and yet half of all bytes are in large
// ones. 8,000 sizes are drawn beforehand. Here the range of the size classes counts, and that the rare large block does not
// leave the cache.
//
// N threads, wall time, a fixed number of steps. From the description of mimalloc-bench's glibc-thread (glibc's
// bench-malloc-thread).

using System;
using System.Runtime.CompilerServices;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Patterns;

internal readonly unsafe struct GlibcThread : IPattern
{
    private const int WholeSteps = 6_000_000;
    private const int StepsOfACall = 5_000;
    private const int Slots = 1_024;
    private const int MinSize = 4;
    private const int MaxSize = 32_768;
    private const int SizeCount = 8_000;

    public static Outcome Run<TAllocation>(Load load)
        where TAllocation : struct, IUntyped
    {
        int threads = Load.Threads;
        int calls = load.Of(WholeSteps / StepsOfACall);
        int* sizes = DrawSizes();
        TimeSpan time = Crew.Run(
            threads,
            thread =>
            {
                nint* slots = Scratch.Get<nint>(thread, Slots);
                Rng random = new(thread);
                for (int call = 0; call < calls; call++)
                {
                    random = Step<TAllocation>(slots, sizes, random);
                }
            },
            after: thread =>
            {
                nint* slots = Scratch.Get<nint>(thread, Slots);
                for (int i = 0; i < Slots; i++)
                {
                    TAllocation.Free((void*)slots[i]);
                    slots[i] = 0;
                }
            });
        return new((long)calls * StepsOfACall * threads, time);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Rng Step<TAllocation>(nint* slots, int* sizes, Rng random)
        where TAllocation : struct, IUntyped
    {
        for (int i = 0; i < StepsOfACall; i++)
        {
            nint* slot = slots + random.Below(Slots);
            if (*slot != 0)
            {
                TAllocation.Free((void*)*slot);
            }

            int size = sizes[random.Below(SizeCount)];
            byte* block = (byte*)TAllocation.Alloc((nuint)size);
            Unsafe.InitBlockUnaligned(block, (byte)i, (uint)size);
            *slot = (nint)block;
        }

        return random;
    }

    // A density of 1/x^2 has a distribution whose inverse is as simple: 1/x falls linearly from 1/MinSize to 1/MaxSize.
    private static int* DrawSizes()
    {
        int* sizes = Scratch.Get<int>(0, SizeCount);
        Rng random = new(0);
        for (int i = 0; i < SizeCount; i++)
        {
            double share = random.Next() / (double)uint.MaxValue;
            sizes[i] = (int)(1 / ((1.0 / MinSize) - (share * ((1.0 / MinSize) - (1.0 / MaxSize)))));
        }

        return sizes;
    }
}
