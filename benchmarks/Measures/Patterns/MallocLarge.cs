// malloc-large: blocks of megabytes, replaced in random order.
//
// 20 slots, blocks of 5 to 25 MiB. A step allocates a block, writes all of it, and frees the block of a random slot, whose place it takes.
// Nearly all the time is the writing, unless pages have to be got from the system each time: an allocator that gives memory
// back at once and asks for it again pays a page fault for every 4 KiB.
//
// The slots stay filled from one run to the next. One thread, on its clock. Parameters: 20 slots, 5 to 25 MiB, fewer than
// 2,000 steps. From the description of mimalloc-bench's malloc-large.

using System;
using System.Runtime.InteropServices;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Patterns;

internal readonly unsafe struct MallocLarge : IPattern
{
    private const int WholeSteps = 150;
    private const int Slots = 20;
    private const uint MinSize = 5 << 20;
    private const uint MaxSize = 25 << 20;

    private static Rng s_random = new(0);

    public static Outcome Run<TAllocation>(Load load)
        where TAllocation : struct, IUntyped
    {
        nint* slots = Scratch.Get<nint>(0, Slots);
        int steps = load.Of(WholeSteps);
        TimeSpan start = ThreadClock.Now;
        for (int i = 0; i < steps; i++)
        {
            nint* slot = slots + s_random.Below(Slots);
            nuint size = MinSize + s_random.Below(MaxSize - MinSize);
            void* block = TAllocation.Alloc(size);
            NativeMemory.Clear(block, size);
            if (*slot != 0)
            {
                TAllocation.Free((void*)*slot);
            }

            *slot = (nint)block;
        }

        return new(steps, ThreadClock.Now - start);
    }
}
