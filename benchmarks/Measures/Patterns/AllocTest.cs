// alloc-test: each thread on its own, over a large and unevenly used set of slots.
//
// 2^18 / threads slots a thread, a random half of them filled at first. A step picks one: if it is full, reads all of its block and frees
// it, else allocates a block and fills it. Four in five picks go to a fifth of the slots, four in five of those to a fifth of that,
// six times over: seven ranges, each as likely and as large as that law makes them. Sizes have a class by the trailing
// zeros of a random number, half as likely with each power of two: 5 to 8 bytes, 9 to 16, ... 513 to 1,024. So the allocator's own path
// counts as much as where its blocks lie.
//
// On one thread (the thread's clock) and on N, at most 16 (wall time). Filling and emptying the slots is not timed. Operations are
// steps, fewer than 100 million: half of them allocate, half free. From the description of mimalloc-bench's alloc-test.

using System;
using System.Numerics;
using System.Runtime.CompilerServices;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Patterns;

internal readonly struct AllocTestAlone : IPattern
{
    public static Outcome Run<TAllocation>(Load load)
        where TAllocation : struct, IUntyped
    {
        AllocTest.Slots<TAllocation> slots = new(0, 1, load);
        slots.Fill();
        int steps = load.Of(AllocTest.WholeSteps);
        TimeSpan start = ThreadClock.Now;
        slots.Step(steps);
        TimeSpan time = ThreadClock.Now - start;
        slots.Release();
        return new(steps, time);
    }
}

internal readonly struct AllocTestTogether : IPattern
{
    public static Outcome Run<TAllocation>(Load load)
        where TAllocation : struct, IUntyped
    {
        int threads = Math.Min(Load.Threads, 16);
        AllocTest.Slots<TAllocation>[] slots = new AllocTest.Slots<TAllocation>[threads];
        for (int thread = 0; thread < threads; thread++)
        {
            slots[thread] = new(thread, threads, load);
        }

        int steps = load.Of(AllocTest.WholeSteps);
        TimeSpan time = Crew.Run(threads, thread => slots[thread].Step(steps), thread => slots[thread].Fill(), thread => slots[thread].Release());
        return new((long)steps * threads, time);
    }
}

internal static unsafe class AllocTest
{
    public const int WholeSteps = 8_000_000;

    private const int AllSlots = 1 << 18;
    private const int Splits = 6;
    private const double Likely = 0.8;
    private const int ClassBits = 7;
    private const int SmallestShift = 2;

    internal sealed class Slots<TAllocation>
        where TAllocation : struct, IUntyped
    {
        private const int StepsOfACall = 10_000;

        private readonly int _count;
        private readonly Slot* _slots;
        private readonly Range* _ranges;
        private Rng _random;
        private ulong _sum;

        public Slots(int thread, int threads, Load load)
        {
            _count = (int)(AllSlots / threads * Math.Min(1, load.Share * 4));
            _slots = Scratch.Get<Slot>(thread, _count);
            _ranges = Scratch.Get<Range>(thread, Splits + 1);
            _random = new(thread);
            DrawRanges();
        }

        public void Fill()
        {
            Rng random = _random;
            for (int i = 0; i < _count; i++)
            {
                if (random.Below(2) == 0)
                {
                    _slots[i] = Allocate(ref random);
                }
            }

            _random = random;
        }

        public void Release()
        {
            for (int i = 0; i < _count; i++)
            {
                if (_slots[i].Block != null)
                {
                    _sum += Free(_slots[i]);
                    _slots[i].Block = null;
                }
            }
        }

        public void Step(int steps)
        {
            for (; steps > 0; steps -= StepsOfACall)
            {
                StepSome(Math.Min(steps, StepsOfACall));
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private void StepSome(int steps)
        {
            Rng random = _random;
            Range* ranges = _ranges;
            ulong sum = 0;
            for (int i = 0; i < steps; i++)
            {
                Range* range = ranges;
                for (uint likelihood = random.Next(); likelihood > range->UpTo; range++)
                {
                }

                Slot* slot = _slots + range->First + random.Below(range->Count);
                if (slot->Block != null)
                {
                    sum += Free(*slot);
                    slot->Block = null;
                }
                else
                {
                    *slot = Allocate(ref random);
                }
            }

            _random = random;
            _sum += sum;
        }

        // Range k is where k of the six splits went to the larger, less likely part: from the smallest and likeliest to the largest.
        private void DrawRanges()
        {
            uint first = 0;
            double upTo = 0;
            double ways = 1;
            for (int k = 0; k <= Splits; k++)
            {
                bool isLast = k == Splits;
                upTo += ways * Math.Pow(Likely, Splits - k) * Math.Pow(1 - Likely, k);
                double share = ways * Math.Pow(1 - Likely, Splits - k) * Math.Pow(Likely, k);
                uint count = isLast ? (uint)_count - first : (uint)Math.Max(1, _count * share);
                _ranges[k] = new() { UpTo = isLast ? uint.MaxValue : (uint)(upTo * uint.MaxValue), First = first, Count = count };
                first += count;
                ways = ways * (Splits - k) / (k + 1);
            }
        }

        private static Slot Allocate(ref Rng random)
        {
            int shift = SmallestShift + BitOperations.TrailingZeroCount((random.Next() & ((1u << ClassBits) - 1)) + 1);
            uint size = (1u << shift) + 1 + (random.Next() & ((1u << shift) - 1));
            byte* block = (byte*)TAllocation.Alloc(size);
            Unsafe.InitBlockUnaligned(block, (byte)size, size);
            return new() { Block = block, Size = size };
        }

        private static ulong Free(Slot slot)
        {
            ulong sum = 0;
            ulong* words = (ulong*)slot.Block;
            for (; words + 1 <= (ulong*)(slot.Block + slot.Size); words++)
            {
                sum += *words;
            }

            for (byte* tail = (byte*)words; tail < slot.Block + slot.Size; tail++)
            {
                sum += *tail;
            }

            TAllocation.Free(slot.Block);
            return sum;
        }
    }

    private struct Slot
    {
        public byte* Block;
        public ulong Size;
    }

    /// <summary>Slots that are picked alike, and the greatest random number that picks them.</summary>
    private struct Range
    {
        public uint UpTo;
        public uint First;
        public uint Count;
    }
}
