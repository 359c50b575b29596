// sh8bench: as sh6bench, but what is freed was allocated by another thread.
//
// 2N threads, each with a ring (BlockRing) filled with blocks of sizes drawn from a histogram, 8 to 1,000 bytes and mostly
// below 100. What a full ring gives up is not freed by its thread but exchanged with the content of a random one of 16
// mailboxes, and whatever lay there is freed: nearly always another thread's. An allocator that takes a lock, or an atomic
// operation, for each block that comes from elsewhere shows it here.
//
// The original's source may not be passed on and its histogram is not published: this one, and the ring's length, are ours, after what
// is said of it. `counts` runs it with blocks of one size. Wall time. From the description of mimalloc-bench's sh8bench (MicroQuill's SmartHeap benchmark).

using System;
using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Patterns;

/// <summary>The sizes of the blocks.</summary>
internal interface ISizes
{
    /// <summary>A size by a random number.</summary>
    static abstract uint Draw(uint random);
}

internal readonly struct ManySizes : ISizes
{
    // The number of times that a size stands here is its weight.
    private static ReadOnlySpan<ushort> Sizes =>
    [
        8, 8, 8, 8, 8, 12, 12, 12, 16, 16, 16, 16, 16, 16, 16, 20, 20, 24, 24, 24, 24, 24, 24, 28, 32, 32, 32, 32, 32, 32, 32, 36,
        40, 40, 40, 40, 44, 48, 48, 48, 48, 52, 56, 56, 64, 64, 64, 64, 72, 80, 80, 96, 96, 112, 128, 128, 160, 192, 256, 256, 320, 512, 768, 1_000,
    ];

    public static uint Draw(uint random) => Sizes[(int)(random & 63)];
}

internal readonly struct SixtyFourBytes : ISizes
{
    public static uint Draw(uint random) => 64;
}

internal readonly unsafe struct Sh8Bench<TSizes> : IPattern
    where TSizes : struct, ISizes
{
    private const int WholeBlocks = 6_000_000;
    private const int Mailboxes = 16;
    private const int BlocksOfACall = 1_000;
    private const int RingLength = 5_000;

    public static Outcome Run<TAllocation>(Load load)
        where TAllocation : struct, IUntyped
    {
        int threads = 2 * Load.Threads;
        int calls = Math.Max(1, load.Of(WholeBlocks) / BlocksOfACall / threads);

        // A packet a thread and a packet a mailbox; exchanging one for another keeps it so.
        nint* mailboxes = Scratch.Get<nint>(-1, Mailboxes);
        for (int i = 0; i < Mailboxes; i++)
        {
            mailboxes[i] = (nint)Scratch.Get<nint>(threads + i, Packet.Words);
        }

        TimeSpan time = Crew.Run(threads, thread =>
        {
            Worker<TAllocation> worker = new(new(Scratch.Get<nint>(thread, RingLength), RingLength), PacketOf(thread, threads), mailboxes, new(thread));
            for (int call = 0; call < calls; call++)
            {
                worker.Allocate(BlocksOfACall);
            }

            worker.Finish();
        });

        // Every packet is found by its own number, wherever it has got to.
        for (int i = 0; i < Mailboxes + threads; i++)
        {
            Packet.Free<TAllocation>(Scratch.Get<nint>(threads + i, Packet.Words));
        }

        return new((long)calls * BlocksOfACall * threads, time);
    }

    private static nint* PacketOf(int thread, int threads) => Scratch.Get<nint>(threads + Mailboxes + thread, Packet.Words);

    // The count, then the blocks.
    private static class Packet
    {
        public const int Words = 1 + RingLength;

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Free<TAllocation>(nint* packet)
            where TAllocation : struct, IUntyped
        {
            nint count = packet[0];
            packet[0] = 0;
            for (nint i = 1; i <= count; i++)
            {
                TAllocation.Free((void*)packet[i]);
            }
        }
    }

    private struct Worker<TAllocation>(BlockRing ring, nint* packet, nint* mailboxes, Rng random)
        where TAllocation : struct, IUntyped
    {
        private BlockRing _ring = ring;
        private nint* _packet = packet;
        private Rng _random = random;

        [MethodImpl(MethodImplOptions.NoInlining)]
        public void Allocate(int count)
        {
            for (int i = 0; i < count; i++)
            {
                while (!_ring.HasPlace())
                {
                    _packet[0] = _ring.Empty(_packet + 1);
                    _packet = (nint*)Interlocked.Exchange(ref mailboxes[_random.Below(Mailboxes)], (nint)_packet);
                    Packet.Free<TAllocation>(_packet);
                }

                uint size = TSizes.Draw(_random.Next());
                byte* block = (byte*)TAllocation.Alloc(size);
                block[0] = 0;
                block[size - 1] = 0;
                _ring.Add(block);
            }
        }

        public void Finish()
        {
            _packet[0] = _ring.EmptyAll(_packet + 1);
            Packet.Free<TAllocation>(_packet);
        }
    }
}
