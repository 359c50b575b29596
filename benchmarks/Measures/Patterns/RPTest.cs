// rptest: a game's threads, with blocks of all sizes and whole batches of them passed on.
//
// Each of N threads has 1,000 places. In each of 500 loops it frees some of them, walking in steps of a prime; frees all
// the batches that others have sent it; allocates into some, in steps of another prime; and every second time fills an
// array with new blocks and pushes it onto another thread's lock-free stack, each other one's in turn, to be freed there, record and
// array included. A share is 30 to 99 of 100, of which four fifths are freed.
//
// A size is 8 bytes and a random part of 16,000, times a random share whose likelihood falls off linearly; blocks below 4,096 bytes are
// asked for with an alignment of 0, 8 or 16 in turn. The first eight bytes, the last one and one of every page are written; the first
// and the last say the size and are compared when the block is freed. mimalloc-bench's build also fills each block, which would cost
// several times what is to be measured; rpmalloc's own, and this one, do not. Wall time, of several runs of 500 loops: a
// neighbour that has to wait for a core receives more than it frees, and longer runs would measure how much.
// Parameters: N 0 1 2 500 1000 100 8 16000. From the description of mimalloc-bench's rptest (rpmalloc's benchmark).

using System;
using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Patterns;

internal readonly unsafe struct RPTest : IPattern
{
    private const int WholeLoops = 6 * LoopsOfARun;
    private const int LoopsOfARun = 500;
    private const int Places = 1_000;
    private const int Operations = 100;
    private const int MinSize = 8;
    private const int MaxSize = 16_000;
    private const int AlignedBelow = 4_096;
    private const int Page = 4_096;
    private const int FreeStep = 11;
    private const int AllocStep = 7;
    private const int PaddedStack = 16;

    public static Outcome Run<TAllocation>(Load load)
        where TAllocation : struct, IUntyped
    {
        int threads = Load.Threads;
        nint* stacks = Scratch.Get<nint>(-1, threads * PaddedStack);
        long* allocated = Scratch.Get<long>(-1, threads);
        TimeSpan time = TimeSpan.Zero;
        long operations = 0;
        for (int left = load.Of(WholeLoops); left > 0; left -= LoopsOfARun)
        {
            time += Run<TAllocation>(threads, Math.Min(left, LoopsOfARun), stacks, allocated);
            for (int thread = 0; thread < threads; thread++)
            {
                operations += allocated[thread];
            }
        }

        return new(operations, time);
    }

    private static TimeSpan Run<TAllocation>(int threads, int loops, nint* stacks, long* allocated)
        where TAllocation : struct, IUntyped
        => Crew.Run(
            threads,
            thread =>
            {
                Worker<TAllocation> worker = new(Scratch.Get<nint>(thread, Places), new(thread));
                int receiver = thread;
                for (int loop = 0; loop < loops; loop++)
                {
                    bool sends = loop % 2 == 0 && threads > 1;
                    receiver = sends ? NextOf(receiver, thread, threads) : receiver;
                    worker.Loop(stacks + (thread * PaddedStack), sends ? stacks + (receiver * PaddedStack) : null);
                }

                worker.FreePlaces();
                allocated[thread] = worker.Allocated;
            },
            after: thread => Worker<TAllocation>.FreeReceived(stacks + (thread * PaddedStack)));

    private static int NextOf(int receiver, int self, int threads)
    {
        int next = (receiver + 1) % threads;
        return next == self ? (next + 1) % threads : next;
    }

    // Record and array are blocks of the subject like any other.
    private struct Batch
    {
        public Batch* Next;
        public nint* Blocks;
        public nint Count;
    }

    private struct Worker<TAllocation>(nint* places, Rng random)
        where TAllocation : struct, IUntyped
    {
        private Rng _random = random;
        private uint _alignment;
        private uint _freeAt;
        private uint _allocAt;

        public long Allocated { get; private set; }

        [MethodImpl(MethodImplOptions.NoInlining)]
        public void Loop(nint* received, nint* next)
        {
            uint toFree = Share() * 4 / 5;
            for (uint i = 0; i < toFree; i++)
            {
                _freeAt = (_freeAt + FreeStep) % Places;
                Free(places[_freeAt]);
                places[_freeAt] = 0;
            }

            FreeReceived(received);

            uint toAllocate = Share();
            for (uint i = 0; i < toAllocate; i++)
            {
                _allocAt = (_allocAt + AllocStep) % Places;
                Free(places[_allocAt]);
                places[_allocAt] = Allocate();
            }

            if (next != null)
            {
                Send(next);
            }
        }

        public readonly void FreePlaces()
        {
            for (int i = 0; i < Places; i++)
            {
                Free(places[i]);
                places[i] = 0;
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void FreeReceived(nint* stack)
        {
            Batch* batch = (Batch*)Interlocked.Exchange(ref *stack, 0);
            while (batch != null)
            {
                for (nint i = 0; i < batch->Count; i++)
                {
                    Free(batch->Blocks[i]);
                }

                Batch* following = batch->Next;
                TAllocation.Free(batch->Blocks);
                TAllocation.Free(batch);
                batch = following;
            }
        }

        private uint Share() => 30 + _random.Below(Operations - 30);

        [MethodImpl(MethodImplOptions.NoInlining)]
        private void Send(nint* stack)
        {
            uint count = Share();
            Batch* batch = (Batch*)TAllocation.AllocAligned((nuint)sizeof(Batch), 16);
            batch->Blocks = (nint*)TAllocation.AllocAligned(count * (nuint)sizeof(nint), 16);
            batch->Count = (nint)count;
            for (uint i = 0; i < count; i++)
            {
                batch->Blocks[i] = Allocate();
            }

            nint top;
            do
            {
                top = Volatile.Read(ref *stack);
                batch->Next = (Batch*)top;
            }
            while (Interlocked.CompareExchange(ref *stack, (nint)batch, top) != top);
        }

        private nint Allocate()
        {
            // The distance of the sum of two uniform numbers from its middle falls off linearly.
            ulong sum = (ulong)_random.Next() + _random.Next();
            ulong distance = sum > uint.MaxValue ? sum - uint.MaxValue : uint.MaxValue - sum;
            nuint size = MinSize + (nuint)(distance * _random.Below(MaxSize - MinSize) >> 32);
            byte* block;
            if (size < AlignedBelow)
            {
                _alignment = _alignment == 16 ? 0 : _alignment + 8;
                block = (byte*)(_alignment == 0 ? TAllocation.Alloc(size) : TAllocation.AllocAligned(size, _alignment));
            }
            else
            {
                block = (byte*)TAllocation.Alloc(size);
            }

            for (nuint offset = Page; offset < size; offset += Page)
            {
                block[offset] = 1;
            }

            *(ulong*)block = size ^ Contents.Cookie;
            if (size > sizeof(ulong))
            {
                block[size - 1] = (byte)size;
            }

            Allocated++;
            return (nint)block;
        }

        private static void Free(nint address)
        {
            if (address == 0)
            {
                return;
            }

            byte* block = (byte*)address;
            ulong size = *(ulong*)block ^ Contents.Cookie;
            if (size is < MinSize or > MaxSize)
            {
                Contents.Fault(block, *(ulong*)block, MaxSize ^ Contents.Cookie);
            }

            if (size > sizeof(ulong) && block[size - 1] != (byte)size)
            {
                Contents.Fault(block + size - 1, block[size - 1], (byte)size);
            }

            TAllocation.Free(block);
        }
    }
}
