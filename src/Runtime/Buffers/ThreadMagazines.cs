// The buffers that one thread has at hand in one pool: a pair of magazines for each bucket, and one buffer before them, Top (MagazinePair.cs).
//
// Belongs to a thread, which uses it without an atomic operation, and to the thread that has its record afterwards. A trim takes what an idle thread has all the same, under an agreement of Dekker's kind,
// of which the rare side pays for both (Dice, Huang and Yang, "Asymmetric Dekker Synchronization", 2001). Either the thread's first store is seen by the trim, or the trim's by the thread:
//
//     magazines   the thread:   Use = Inside;  IsClaimed?  no: go on, yes: do without;  Use = Outside
//                 a trim:       IsClaimed = true;  a fence in every thread of the process;  wait while Use = Inside;  take all;  IsClaimed = false
//
//     Top         the thread takes:   IsTopSet = 0;  IsClaimed?  no: Top is its own, yes: whoever exchanges Top for null has it
//                 the thread puts:    Top = owner;  IsTopSet = 1;  IsClaimed?  no: done, yes: taken again, if a trim has not
//                 a trim:             IsClaimed = true;  the fence;  IsTopSet?  yes: whoever exchanges Top for null has it;  IsClaimed = false
//
// So a store of the operation itself announces it. Only the thread writes IsTopSet, since a trim's could undo a later one of the thread's: what a trim has taken leaves IsTopSet = 1 and Top = null, which is
// nothing to take and no place to put, until the next take has found that out.
//
// One trim at a time, under the pool's lock of claims. A trim leaves Idle where it has met Outside, and so sees the next time whether the thread has been at its magazines since.

using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap.Platform;

namespace NativeHeap.Buffers;

/// <summary>A thread's buffers in a pool.</summary>
internal struct ThreadMagazines
{
    private const int Idle = 0;
    private const int Inside = 1;
    private const int Outside = 2;

    private readonly NativeMemoryPool _pool;
    private int _use;
    private int _isClaimed;
    private MagazinePairs _pairs;

    /// <summary>Makes those of a thread that has no buffers yet.</summary>
    public ThreadMagazines(NativeMemoryPool pool)
    {
        _pool = pool;
        foreach (ref MagazinePair pair in (Span<MagazinePair>)_pairs)
        {
            pair = new MagazinePair();
        }

        // Never open: what is in no bucket goes back where it is from.
        _pairs[BufferBuckets.Count].IsTopSet = 1;
    }

    /// <summary>The pool.</summary>
    public readonly NativeMemoryPool Pool => _pool;

    /// <summary>Whether the thread is kept out.</summary>
    public readonly bool IsClaimed => Volatile.Read(in _isClaimed) != 0;

    /// <summary>Takes a buffer.</summary>
    /// <param name="bucket">Its bucket, below <see cref="BufferBuckets.Count"/>.</param>
    /// <returns>The owner, or null if there is none, or a trim is at work.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public NativeMemoryOwner? Take(int bucket)
    {
        ref MagazinePair pair = ref PairOf(bucket);
        if (pair.IsTopSet == 0)
        {
            return TakeLoaded(ref pair);
        }

        Volatile.Write(ref pair.IsTopSet, 0);
        return IsClaimed ? pair.ContestTop() : pair.Top;
    }

    /// <summary>Puts a buffer back.</summary>
    /// <param name="owner">The buffer.</param>
    /// <param name="bucket">Its bucket; for <see cref="BufferBuckets.Count"/> there is never room.</param>
    /// <returns>Whether there was room for it; not if a trim is at work.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryPut(NativeMemoryOwner owner, int bucket)
    {
        ref MagazinePair pair = ref PairOf(bucket);
        if (pair.IsTopSet != 0)
        {
            return TryPutLoaded(ref pair, owner);
        }

        pair.SetTop(owner);
        return !IsClaimed || !TakeBack(ref pair);
    }

    /// <summary>When the thread comes to a bucket for the first time, its depot gets the magazines for that, as soon as there is memory for them.</summary>
    public void Begin(int bucket, BufferDepot depot)
    {
        ref MagazinePair pair = ref PairOf(bucket);
        if (!pair.HasBegun)
        {
            pair.HasBegun = depot.TryAddThread();
        }
    }

    /// <summary>Takes a full magazine in, if the thread has no buffer in the bucket's.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="magazine">The magazine.</param>
    /// <returns>Who is over: an empty magazine whose place it has taken, or null if there was none; the full one itself if it has not been taken in.</returns>
    public Magazine? Load(int bucket, Magazine magazine)
    {
        Magazine? over = Enter() ? PairOf(bucket).Load(magazine) : magazine;
        Exit();
        return over;
    }

    /// <summary>Takes an empty magazine in, if there is a place for one, or in exchange for a full one.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="empty">The magazine.</param>
    /// <param name="full">A full magazine, which is over now; or null.</param>
    /// <returns>Whether it has been taken in.</returns>
    public bool MakeRoom(int bucket, Magazine empty, out Magazine? full)
    {
        full = null;
        bool isTaken = Enter() && PairOf(bucket).MakeRoom(empty, out full);
        Exit();
        return isTaken;
    }

    /// <summary>How many buffers it has in a bucket, as seen by whoever asks.</summary>
    public int CountOf(int bucket) => PairOf(bucket).Total;

    /// <summary>Whether the thread has been at none of its magazines since the last call; asked by one thread at a time.</summary>
    public bool HasBeenIdle() => Atomic.CompareExchange(ref _use, Idle, Outside) == Idle;

    /// <summary>Keeps the thread out from the next fence in all threads on.</summary>
    public void Claim() => Volatile.Write(ref _isClaimed, 1);

    /// <summary>After <see cref="Claim"/> and the fence: waits until the thread is out.</summary>
    public void AwaitExit()
    {
        while (Volatile.Read(ref _use) == Inside)
        {
            _ = Thread.Yield();
        }
    }

    /// <summary>While it is claimed: moves all buffers of a bucket to its depot.</summary>
    public void Empty(int bucket, BufferDepot depot)
    {
        ref MagazinePair pair = ref PairOf(bucket);
        pair.Empty(depot);
        if (Volatile.Read(ref pair.IsTopSet) != 0 && pair.ContestTop() is { } top)
        {
            depot.Put(top);
        }
    }

    /// <summary>Lets the thread in again.</summary>
    public void Release() => Volatile.Write(ref _isClaimed, 0);

    // Buckets are in range: what the JIT would test holds by itself.
    [UnscopedRef]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref MagazinePair PairOf(int bucket) => ref Unsafe.Add(ref Unsafe.As<MagazinePairs, MagazinePair>(ref _pairs), (nuint)(uint)bucket);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Enter()
    {
        Volatile.Write(ref _use, Inside);
        return !IsClaimed;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Exit() => Volatile.Write(ref _use, Outside);

    // Whether the thread has what it has just put there; if not, a trim has it, which will put it into the depot.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TakeBack(ref MagazinePair pair)
    {
        Volatile.Write(ref pair.IsTopSet, 0);
        return pair.ContestTop() != null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private NativeMemoryOwner? TakeLoaded(ref MagazinePair pair)
    {
        NativeMemoryOwner? owner = Enter() ? pair.Take() : null;
        Exit();
        return owner;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryPutLoaded(ref MagazinePair pair, NativeMemoryOwner owner)
    {
        bool isPut = Enter() && pair.TryPut(owner);
        Exit();
        return isPut;
    }

    [InlineArray(BufferBuckets.Count + 1)]
    private struct MagazinePairs
    {
        public MagazinePair First;
    }
}
