// alloc-test: each thread on its own, over a large and unevenly used set of slots.
//
// 2^18 / threads slots a thread, every second one filled at first. A step picks one: if it is full, reads all its words and
// frees it, else allocates a block and fills it. Four in five picks go to the first fifth of the slots, four in five of
// those to the first fifth of that, six times over; sizes have a class by the trailing zeros of a random number, half as
// likely with each power of two, up to 1,024 bytes. So the allocator's own path counts as much as where its blocks lie.
//
// On one thread (the thread's clock) and on N, at most 16 (wall time). Filling and emptying the slots is not timed. The
// steps' slots come from a table of 1,024 ranges drawn by that law, so that a pick costs two random numbers. Operations are
// steps: half of them allocate, half free. From the description of mimalloc-bench's alloc-test.

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
    private const int Ranges = 1_024;
    private const int SmallestClass = 8;
    private const int ClassDoublings = 6;

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
            _ranges = Scratch.Get<Range>(thread, Ranges);
            _random = new(thread);
            for (int i = 0; i < Ranges; i++)
            {
                _ranges[i] = Draw();
            }
        }

        public void Fill()
        {
            Rng random = _random;
            for (int i = 0; i < _count; i += 2)
            {
                _slots[i] = Allocate(ref random);
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
            ulong sum = 0;
            for (int i = 0; i < steps; i++)
            {
                Range range = _ranges[random.Next() % Ranges];
                Slot* slot = _slots + range.First + random.Below(range.Count);
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

        private Range Draw()
        {
            uint first = 0;
            uint count = (uint)_count;
            for (int i = 0; i < 6; i++)
            {
                uint fifth = Math.Max(1, count / 5);
                if (_random.Below(5) < 4)
                {
                    count = fifth;
                }
                else if (count > fifth)
                {
                    first += fifth;
                    count -= fifth;
                }
            }

            return new() { First = first, Count = count };
        }

        private static Slot Allocate(ref Rng random)
        {
            uint bits = random.Next();
            uint least = (uint)SmallestClass << Math.Min(ClassDoublings, BitOperations.TrailingZeroCount(bits));
            uint words = (least + ((bits >> 8) & (least - 1)) + sizeof(ulong)) / sizeof(ulong);
            ulong* block = (ulong*)TAllocation.Alloc(words * sizeof(ulong));
            for (uint i = 0; i < words; i++)
            {
                block[i] = i;
            }

            return new() { Block = block, Words = words };
        }

        private static ulong Free(Slot slot)
        {
            ulong sum = 0;
            for (ulong i = 0; i < slot.Words; i++)
            {
                sum += slot.Block[i];
            }

            TAllocation.Free(slot.Block);
            return sum;
        }
    }

    private struct Slot
    {
        public ulong* Block;
        public ulong Words;
    }

    private struct Range
    {
        public uint First;
        public uint Count;
    }
}
