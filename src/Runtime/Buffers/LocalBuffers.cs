// The buffers that one thread has at hand in one pool: for each bucket two magazines (Bonwick and Adams, "Magazines and Vmem", 2001, section 3.1).
//
//     Loaded   where buffers are taken and put                    0 <= Count <= size of a magazine
//     Spare    full (SpareCount = size) or empty (0): takes its place when it has run out or filled up, so that a thread that goes to and fro at the border leaves the depot alone
//
//     Top      one more, before the others: to rent and return in turn then writes constants only, and no call waits for the store of the one before
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
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

using NativeHeap.Platform;

namespace NativeHeap.Buffers;

/// <summary>A thread's buffers.</summary>
internal sealed class LocalBuffers
{
    private const int Idle = 0;
    private const int Inside = 1;
    private const int Outside = 2;

    [ThreadStatic]
    private static LocalBuffers? t_home;

    private readonly NativeMemoryPool _pool;
    private ThreadUse _use;
    private MagazinePairs _pairs;

    private LocalBuffers(NativeMemoryPool pool)
    {
        _pool = pool;
        foreach (ref MagazinePair pair in PairsAsSpan)
        {
            pair.Owners = [];
        }

        // Never open: what is in no bucket goes back where it is from.
        PairOf(BufferBuckets.Count).IsTopSet = 1;
    }

    private Span<MagazinePair> PairsAsSpan => _pairs;

    /// <summary>Whether it is claimed.</summary>
    public bool IsClaimed => Volatile.Read(ref _use.IsClaimed) != 0;

    /// <summary>Makes one that is claimed, without magazines.</summary>
    public static LocalBuffers MakeClaimed(NativeMemoryPool pool)
    {
        LocalBuffers local = new(pool);
        local.Claim();
        return local;
    }

    /// <summary>The calling thread's in the first pool that it has used; null if it has used none.</summary>
    public static LocalBuffers? Home
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => t_home;
    }

    /// <summary>The pool.</summary>
    public NativeMemoryPool Pool => _pool;

    /// <summary>Makes it the calling thread's <see cref="Home"/>, unless there is another whose pool is in use.</summary>
    public void Settle()
    {
        if (t_home == null || t_home._pool.IsDisposed)
        {
            t_home = this;
        }
    }

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
        return IsClaimed ? Contest(ref pair) : pair.Top;
    }

    /// <summary>Puts a buffer back.</summary>
    /// <param name="owner">The buffer.</param>
    /// <param name="bucket">Its bucket; for <see cref="BufferBuckets.Count"/> there is never room.</param>
    /// <returns>Whether there was room for it; not if a trim is at work.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Put(NativeMemoryOwner owner, int bucket)
    {
        ref MagazinePair pair = ref PairOf(bucket);
        if (pair.IsTopSet != 0)
        {
            return PutLoaded(ref pair, owner);
        }

        Write(ref pair.Top, owner);
        Volatile.Write(ref pair.IsTopSet, 1);
        return !IsClaimed || !TakeBack(ref pair);
    }

    /// <summary>When the thread comes to a bucket for the first time, its depot gets the magazines for that.</summary>
    public void Begin(int bucket, BufferDepot depot)
    {
        ref MagazinePair pair = ref PairOf(bucket);
        if (pair.HasBegun == 0)
        {
            pair.HasBegun = 1;
            depot.AddThread();
        }
    }

    /// <summary>Takes a full magazine in, if the thread has no buffer in the bucket.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="magazine">The magazine.</param>
    /// <returns>Who is over: an empty magazine whose place it has taken, or null if there was none; the full one itself if it has not been taken in.</returns>
    public Magazine? Load(int bucket, Magazine magazine)
    {
        Magazine? over = magazine;
        if (Enter())
        {
            ref MagazinePair pair = ref PairOf(bucket);
            if (pair.Count == 0)
            {
                over = pair.Loaded;
                Install(ref pair, magazine, magazine.Owners.Length);
            }
        }

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
        bool isTaken = false;
        full = null;
        if (Enter())
        {
            ref MagazinePair pair = ref PairOf(bucket);
            if (pair.Loaded == null)
            {
                Install(ref pair, empty, 0);
                isTaken = true;
            }
            else if (pair.Count == pair.Owners.Length && (pair.Spare == null || pair.SpareCount != 0))
            {
                full = pair.Spare;
                pair.Spare = empty;
                pair.SpareCount = 0;
                isTaken = true;
            }
        }

        Exit();
        return isTaken;
    }

    /// <summary>How many buffers it has in a bucket, as seen by whoever asks.</summary>
    public int CountOf(int bucket) => Volatile.Read(ref PairOf(bucket).Count) + Volatile.Read(ref PairOf(bucket).SpareCount) + TopCountOf(ref PairOf(bucket));

    /// <summary>Whether the thread has been at none of its magazines since the last call; asked by one thread at a time.</summary>
    public bool HasBeenIdle() => Atomic.CompareExchange(ref _use.Use, Idle, Outside) == Idle;

    /// <summary>Keeps the thread out from the next fence in all threads on.</summary>
    public void Claim() => Volatile.Write(ref _use.IsClaimed, 1);

    /// <summary>After <see cref="Claim"/> and the fence: waits until the thread is out.</summary>
    public void AwaitExit()
    {
        while (Volatile.Read(ref _use.Use) == Inside)
        {
            _ = Thread.Yield();
        }
    }

    /// <summary>While it is claimed: moves all buffers of a bucket to its depot.</summary>
    public void Empty(int bucket, BufferDepot depot)
    {
        ref MagazinePair pair = ref PairOf(bucket);
        if (pair.SpareCount != 0)
        {
            depot.PutMagazine(pair.Spare!);
            pair.Spare = null;
            pair.SpareCount = 0;
        }

        if (pair.Count != 0)
        {
            depot.Put(pair.Owners.AsSpan(0, pair.Count)!);
            pair.Count = 0;
        }

        if (Volatile.Read(ref pair.IsTopSet) != 0 && Contest(ref pair) is { } top)
        {
            depot.Put(top);
        }
    }

    /// <summary>Lets the thread in again.</summary>
    public void Release() => Volatile.Write(ref _use.IsClaimed, 0);

    // 0 <= Count <= Owners.Length, and buckets are in range: what the JIT would test for the arrays' sake holds by itself.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref MagazinePair PairOf(int bucket) => ref Unsafe.Add(ref Unsafe.As<MagazinePairs, MagazinePair>(ref _pairs), (nuint)(uint)bucket);

    // It mostly is there already, and then there is no reference to write, which the collector would have to be told of.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(ref NativeMemoryOwner? place, NativeMemoryOwner owner)
    {
        if (place != owner)
        {
            place = owner;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Enter()
    {
        Volatile.Write(ref _use.Use, Inside);
        return Volatile.Read(ref _use.IsClaimed) == 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Exit() => Volatile.Write(ref _use.Use, Outside);

    private static int TopCountOf(ref MagazinePair pair) => Volatile.Read(ref pair.IsTopSet) != 0 && Volatile.Read(ref pair.Top) != null ? 1 : 0;

    // One of the thread and a trim gets the owner, the other null.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static NativeMemoryOwner? Contest(ref MagazinePair pair)
    {
        DelayInjection.Pass(DelayPoint.TopContested);
        return Atomic.Exchange(ref pair.Top, null);
    }

    // Whether the thread has what it has just put there; if not, a trim has it, which will put it into the depot.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TakeBack(ref MagazinePair pair)
    {
        Volatile.Write(ref pair.IsTopSet, 0);
        return Contest(ref pair) != null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private NativeMemoryOwner? TakeLoaded(ref MagazinePair pair)
    {
        NativeMemoryOwner? owner = null;
        if (Enter())
        {
            int last = pair.Count - 1;
            if (last >= 0)
            {
                pair.Count = last;
                owner = Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(pair.Owners), last);
            }
            else
            {
                owner = TakeFromSpare(ref pair);
            }
        }

        Exit();
        return owner;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool PutLoaded(ref MagazinePair pair, NativeMemoryOwner owner)
    {
        bool isPut = false;
        if (Enter())
        {
            NativeMemoryOwner?[] owners = pair.Owners;
            int count = pair.Count;
            if (count < owners.Length)
            {
                Write(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(owners), count), owner);
                pair.Count = count + 1;
                isPut = true;
            }
            else
            {
                isPut = PutIntoSpare(ref pair, owner);
            }
        }

        Exit();
        return isPut;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static NativeMemoryOwner? TakeFromSpare(ref MagazinePair pair)
    {
        if (pair.SpareCount == 0)
        {
            return null;
        }

        SwapWithSpare(ref pair);
        return pair.Owners[--pair.Count];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool PutIntoSpare(ref MagazinePair pair, NativeMemoryOwner owner)
    {
        if (pair.Spare == null || pair.SpareCount != 0)
        {
            return false;
        }

        SwapWithSpare(ref pair);
        pair.Owners[pair.Count++] = owner;
        return true;
    }

    private static void SwapWithSpare(ref MagazinePair pair)
    {
        Magazine loaded = pair.Loaded!;
        int count = pair.Count;
        Install(ref pair, pair.Spare!, pair.SpareCount);
        pair.Spare = loaded;
        pair.SpareCount = count;
    }

    private static void Install(ref MagazinePair pair, Magazine magazine, int count)
    {
        pair.Loaded = magazine;
        pair.Owners = magazine.Owners;
        pair.Count = count;
    }

    private struct MagazinePair
    {
        // Those of the loaded magazine, a step closer; empty without one.
        public NativeMemoryOwner?[] Owners;
        public Magazine? Loaded;
        public Magazine? Spare;
        public NativeMemoryOwner? Top;
        public int IsTopSet;
        public int Count;
        public int SpareCount;
        public int HasBegun;

        // 64 bytes, a shift away from one another.
        public long Padding;
        public long PaddingToo;
    }

    [InlineArray(BufferBuckets.Count + 1)]
    private struct MagazinePairs
    {
        public MagazinePair First;
    }

    // What a thread writes at every call, away from its neighbours in memory.
    [StructLayout(LayoutKind.Explicit, Size = 192)]
    private struct ThreadUse
    {
        [FieldOffset(64)]
        public int Use;

        [FieldOffset(128)]
        public int IsClaimed;
    }
}
