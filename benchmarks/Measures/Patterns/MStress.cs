// mstress: objects that wander between threads, in a program that makes its threads anew for every phase.
//
// 25 rounds of N threads, the first of which is the main one. Thread t allocates 100 * 50 * (t mod 8 + 1) short-lived blocks and half as
// many that it retains to its end. At each step it does one or the other by the flip of a coin; then, two times in three, frees
// what is in a random one of the places that it has used, which may be empty by now, and, one time in four, exchanges a random one with a
// random one of the 1,000 places that all threads share. So a block is freed by any thread, rounds later. Between rounds half of the
// shared places are emptied. The lists of places are blocks of the subject, too.
//
// Sizes are 1 to 16 words (64 if retained), one in fifty a hundred times that, one in four hundred a thousand, one in two
// thousand five hundred ten thousand times: blocks of megabytes among the small. Every word is written, (count - i) xor a cookie, and
// compared when the block is freed. Wall time, the threads' start and end included.
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
    private const int SharedPlaces = 1_000;
    private const int PlacesAtATime = 100_000;
    private const int MostWords = 64 * 10_000;

    public static Outcome Run<TAllocation>(Load load)
        where TAllocation : struct, IUntyped
    {
        nint* shared = Scratch.Get<nint>(-1, SharedPlaces);
        int rounds = load.Of(WholeRounds);
        long operations = 0;
        for (int thread = 0; thread < Load.Threads; thread++)
        {
            operations += (long)rounds * (AllocationsOf(thread, load) + (AllocationsOf(thread, load) / 2));
        }

        Rng random = new(rounds);
        long start = Stopwatch.GetTimestamp();
        for (int round = 0; round < rounds; round++)
        {
            RunRound<TAllocation>(load, shared, round * 1_000);
            for (int place = 0; place < SharedPlaces; place++)
            {
                if (round == rounds - 1 || Chance(50, ref random))
                {
                    Free<TAllocation>(shared[place]);
                    shared[place] = 0;
                }
            }
        }

        return new(operations, Stopwatch.GetElapsedTime(start));
    }

    private static int AllocationsOf(int thread, Load load) => Math.Max(10, (int)(100 * Scale * ((thread % 8) + 1) * Math.Min(1, load.Share * 10)));

    private static void RunRound<TAllocation>(Load load, nint* shared, int seed)
        where TAllocation : struct, IUntyped
    {
        Thread[] others = new Thread[Load.Threads - 1];
        for (int i = 0; i < others.Length; i++)
        {
            int thread = i + 1;
            others[i] = new(() => Work<TAllocation>(AllocationsOf(thread, load), shared, new(seed + thread)));
            others[i].Start();
        }

        Work<TAllocation>(AllocationsOf(0, load), shared, new(seed));
        foreach (Thread other in others)
        {
            other.Join();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Work<TAllocation>(int allocations, nint* shared, Rng random)
        where TAllocation : struct, IUntyped
    {
        int toRetain = allocations / 2;
        nint* retained = (nint*)TAllocation.Alloc((nuint)(toRetain * sizeof(nint)));
        nint* places = null;
        int room = 0;
        int used = 0;
        int retainedCount = 0;
        while (allocations > 0 || toRetain > 0)
        {
            if (toRetain == 0 || (Chance(50, ref random) && allocations > 0))
            {
                allocations--;
                if (used == room)
                {
                    room += PlacesAtATime;
                    places = (nint*)TAllocation.Realloc(places, (nuint)(room * sizeof(nint)));
                }

                places[used++] = Allocate<TAllocation>(1 << (int)random.Below(5), ref random);
            }
            else
            {
                toRetain--;
                retained[retainedCount++] = Allocate<TAllocation>(1 << (int)random.Below(7), ref random);
            }

            if (Chance(66, ref random) && used > 0)
            {
                nint* place = places + random.Below((uint)used);
                Free<TAllocation>(*place);
                *place = 0;
            }

            if (Chance(25, ref random) && used > 0)
            {
                nint* place = places + random.Below((uint)used);
                *place = Interlocked.Exchange(ref shared[random.Below(SharedPlaces)], *place);
            }
        }

        FreeAll<TAllocation>(retained, retainedCount);
        FreeAll<TAllocation>(places, used);
        TAllocation.Free(retained);
        TAllocation.Free(places);
    }

    // The bound is included, as it is there: what is called one in a hundred is one in fifty.
    private static bool Chance(uint percent, ref Rng random) => random.Below(100) <= percent;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nint Allocate<TAllocation>(int words, ref Rng random)
        where TAllocation : struct, IUntyped
    {
        if (Chance(1, ref random))
        {
            words *= Chance(1, ref random) ? 10_000 : Chance(10, ref random) ? 1_000 : 100;
        }

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
        if (words is 0 or > MostWords)
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
