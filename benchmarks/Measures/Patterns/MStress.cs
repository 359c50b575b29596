// mstress: objects that wander between threads, in a program that makes its threads anew for every phase.
//
// 25 rounds of N threads. Thread t allocates 100 * 50 * (t mod 8 + 1) short-lived blocks and half as many that it retains
// to its end. At each step it does one or the other by the flip of a coin; then frees, two times in three, a random one of
// its short-lived blocks, and exchanges, one time in four, a random one with a random one of the 1,000 places that all
// threads share. So a block is freed by any thread, rounds later. Between rounds half of the places are emptied.
//
// Sizes are 1 to 16 words (64 if retained), one in a hundred a hundred times that, and so on up to 10,000 times: blocks of
// megabytes among the small. Every word is written, (count - i) xor a cookie, and compared when the block is freed. Wall
// time, the threads' start and end included.
// Parameters: N 50 25. From the description of mimalloc-bench's mstress.

using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Patterns;

internal readonly unsafe struct MStress : IPattern
{
    private const int Scale = 50;
    private const int WholeRounds = 25;
    private const int Places = 1_000;

    public static Outcome Run<TAllocation>(Load load)
        where TAllocation : struct, IUntyped
    {
        nint* transfer = Scratch.Get<nint>(-1, Places);
        int rounds = load.Of(WholeRounds);
        long operations = 0;
        for (int thread = 0; thread < Load.Threads; thread++)
        {
            // Made before the time begins.
            _ = Scratch.Get<nint>(thread, 2 * AllocationsOf(thread, load));
            operations += (long)rounds * (AllocationsOf(thread, load) + (AllocationsOf(thread, load) / 2));
        }

        Rng random = new(rounds);
        long start = Stopwatch.GetTimestamp();
        for (int round = 0; round < rounds; round++)
        {
            int seed = round * 1_000;
            Crew.Run(Load.Threads, thread => Work<TAllocation>(AllocationsOf(thread, load), Scratch.Get<nint>(thread, 1), transfer, new(seed + thread)));
            for (int place = 0; place < Places; place++)
            {
                if (round == rounds - 1 || random.Below(2) == 0)
                {
                    Free<TAllocation>(transfer[place]);
                    transfer[place] = 0;
                }
            }
        }

        return new(operations, Stopwatch.GetElapsedTime(start));
    }

    private static int AllocationsOf(int thread, Load load) => Math.Max(10, (int)(100 * Scale * ((thread % 8) + 1) * Math.Min(1, load.Share * 10)));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Work<TAllocation>(int allocations, nint* data, nint* transfer, Rng random)
        where TAllocation : struct, IUntyped
    {
        int toRetain = allocations / 2;
        nint* retained = data + allocations;
        int dataCount = 0;
        int retainedCount = 0;
        while (allocations > 0 || toRetain > 0)
        {
            if (toRetain == 0 || (allocations > 0 && random.Below(2) == 0))
            {
                allocations--;
                data[dataCount++] = Allocate<TAllocation>(1 << (int)random.Below(5), ref random);
            }
            else
            {
                toRetain--;
                retained[retainedCount++] = Allocate<TAllocation>(1 << (int)random.Below(7), ref random);
            }

            if (dataCount > 0 && random.Below(100) < 66)
            {
                nint* chosen = data + random.Below((uint)dataCount);
                Free<TAllocation>(*chosen);
                *chosen = data[--dataCount];
            }

            if (dataCount > 0 && random.Below(4) == 0)
            {
                nint* chosen = data + random.Below((uint)dataCount);
                *chosen = Interlocked.Exchange(ref transfer[random.Below(Places)], *chosen);
            }
        }

        FreeAll<TAllocation>(retained, retainedCount);
        FreeAll<TAllocation>(data, dataCount);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nint Allocate<TAllocation>(int words, ref Rng random)
        where TAllocation : struct, IUntyped
    {
        uint chance = random.Below(10_000);
        words *= chance switch { 0 => 10_000, < 10 => 1_000, < 100 => 100, _ => 1 };
        ulong* block = (ulong*)TAllocation.Alloc((nuint)words * sizeof(ulong));
        for (int i = 0; i < words; i++)
        {
            block[i] = (ulong)(words - i) ^ Contents.Cookie;
        }

        return (nint)block;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Free<TAllocation>(nint address)
        where TAllocation : struct, IUntyped
    {
        if (address == 0)
        {
            return;
        }

        ulong* block = (ulong*)address;
        ulong words = block[0] ^ Contents.Cookie;
        if (words is 0 or > 64 * 10_000)
        {
            Contents.Fault(block, block[0], Contents.Cookie);
        }

        for (ulong i = 0; i < words; i++)
        {
            if ((block[i] ^ Contents.Cookie) != words - i)
            {
                Contents.Fault(block + i, block[i], (words - i) ^ Contents.Cookie);
            }
        }

        TAllocation.Free(block);
    }

    private static void FreeAll<TAllocation>(nint* blocks, int count)
        where TAllocation : struct, IUntyped
    {
        for (int i = 0; i < count; i++)
        {
            Free<TAllocation>(blocks[i]);
        }
    }
}
