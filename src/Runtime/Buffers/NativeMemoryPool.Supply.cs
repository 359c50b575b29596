// Where a pool's buffers come from when the thread has none at hand, and where they go when it has enough.
//
//     rent:     the thread's magazines, if this is not its first pool  ->  depot: a magazine for the thread  ->  made anew, within the limit  ->  what is idle anywhere goes back, and both once more  ->  refused
//     return:   the thread's full magazine to the depot  ->  one by one to the depot, while the thread's magazines are claimed or those of a thread without a record
//
// Owners without memory wait in _spare, so that pools which grow and shrink leave no garbage.

using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap.Buffers;
using NativeHeap.Heaps;
using NativeHeap.Platform;

namespace NativeHeap;

public sealed unsafe partial class NativeMemoryPool
{
    private readonly PinnedLock _spareLock = new();
    private NativeMemoryOwner? _spare;
    private long _total;
    private long _made;
    private long _unmade;
    private volatile bool _isDisposed;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private NativeMemoryOwner RentSlow(int length, string parameter) => Supply(length, parameter, out bool isAtLimit) ?? throw SupplyError(length, isAtLimit);

    // Null if there is no memory for it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private NativeMemoryOwner? Supply(int length, string parameter, out bool isAtLimit)
    {
        RequireLength(length, parameter);
        ThrowIfDisposed();
        int bucket = BufferBuckets.Find(length);
        LocalBuffers? local = bucket == BufferBuckets.Count ? null : Local();
        isAtLimit = false;
        NativeMemoryOwner? owner = local?.Magazines.Take(bucket) ?? FindOrMake(length, local, out isAtLimit);
        if (owner == null && _total != 0 && Trim() != 0)
        {
            owner = FindOrMake(length, local, out isAtLimit);
        }

        return owner;
    }

    private NativeMemoryOwner? FindOrMake(int length, LocalBuffers? local, out bool isAtLimit)
    {
        isAtLimit = false;
        int bucket = BufferBuckets.Find(length);
        NativeMemoryOwner? owner = Keeps(bucket) ? TakeFromDepot(bucket, local) : null;
        return owner ?? Make(CapacityFor(length), bucket, out isAtLimit);
    }

    private NativeMemoryOwner? TakeFromDepot(int bucket, LocalBuffers? local)
    {
        BufferDepot depot = _depots[bucket];
        local?.Magazines.Begin(bucket, depot);
        Magazine? magazine = local == null ? null : depot.TakeMagazine();
        if (magazine == null)
        {
            return depot.TakeOne();
        }

        Magazine? over = local!.Magazines.Load(bucket, magazine);
        if (over == magazine)
        {
            depot.PutMagazine(magazine);
        }
        else if (over != null)
        {
            depot.PutEmpty(over);
        }

        return local.Magazines.Take(bucket) ?? depot.TakeOne();
    }

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "Handed to the caller, or kept for the next.")]
    private NativeMemoryOwner? Make(int capacity, int bucket, out bool isAtLimit)
    {
        isAtLimit = !TryCharge(capacity);
        if (isAtLimit)
        {
            return null;
        }

        // The owner first: if the collector has no memory for it, there is no block yet that would be lost.
        NativeMemoryOwner? owner = null;
        byte* start = null;
        try
        {
            owner = TakeSpare();
            byte[]? array = _backing == BufferBacking.Native ? null : GC.AllocateUninitializedArray<byte>(capacity, pinned: true);
            ulong lease = _heap.Lease;
            start = array == null ? (byte*)_heap.TryAllocAligned((nuint)(uint)capacity, BufferBuckets.Alignment) : (byte*)Unsafe.AsPointer(ref array[0]);
            owner.Attach(start, array, capacity, bucket, homeBucket: _clearsOnReturn ? BufferBuckets.Count : bucket, lease);
        }
        finally
        {
            if (start == null)
            {
                _ = Atomic.Add(ref _total, -capacity);
                PutSpare(owner);
            }
        }

        if (start == null)
        {
            return null;
        }

        _ = Atomic.Add(ref _made, 1);
        if (Keeps(bucket))
        {
            _depots[bucket].CountMade();
        }

        StartTimer();
        return owner;
    }

    // Never over the limit, not even for a moment: another request that has room would be refused.
    private bool TryCharge(int capacity)
    {
        long total = Volatile.Read(ref _total);
        while (total + capacity <= _maximum)
        {
            long found = Atomic.CompareExchange(ref _total, total + capacity, total);
            if (found == total)
            {
                return true;
            }

            total = found;
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReturnSlow(NativeMemoryOwner owner)
    {
        if (_isChecked)
        {
            owner.End();
        }

        if (_clearsOnReturn)
        {
            owner.Clear();
        }

        if (_isDisposed || !Keeps(owner.Bucket))
        {
            Unmake(owner);
        }
        else
        {
            Keep(owner, Local());
        }

        // Whoever waits has announced it, and looked for buffers after that; so has this, in this order, with a fence between.
        Atomic.Fence();
        if (_isDisposed)
        {
            _ = Trim();
        }

        if (Volatile.Read(ref _waiting) != 0)
        {
            ServeWaiting();
        }
    }

    // Whether what is returned to a bucket waits there for the next.
    private bool Keeps(int bucket) => bucket != BufferBuckets.Count && !_isChecked;

    private void Keep(NativeMemoryOwner owner, LocalBuffers? local)
    {
        int bucket = owner.Bucket;
        if (local != null && local.Magazines.TryPut(owner, bucket))
        {
            return;
        }

        BufferDepot depot = _depots[bucket];
        local?.Magazines.Begin(bucket, depot);
        if (local != null && depot.TakeEmpty() is { } empty)
        {
            bool isTaken = local.Magazines.MakeRoom(bucket, empty, out Magazine? full);
            if (full != null)
            {
                depot.PutMagazine(full);
            }

            if (isTaken && local.Magazines.TryPut(owner, bucket))
            {
                return;
            }

            if (!isTaken)
            {
                depot.PutEmpty(empty);
            }
        }

        depot.Put(owner);
    }

    // Gives memory back to where it is from, unless it has ended with the heap's other objects.
    private void Unmake(NativeMemoryOwner owner)
    {
        byte* start = owner.Detach();
        bool isOver = owner.Lease != _heap.Lease;
        _ = Atomic.Add(ref _unmade, 1);
        if (Keeps(owner.Bucket))
        {
            _depots[owner.Bucket].CountUnmade();
        }

        _ = Atomic.Add(ref _total, -owner.Capacity);
        PutSpare(owner);
        if (_backing == BufferBacking.Native && !isOver)
        {
            _heap.Free(start);
        }
    }

    private NativeMemoryOwner TakeSpare()
    {
        _spareLock.Enter();
        NativeMemoryOwner? owner = _spare;
        _spare = owner?.Next;
        _spareLock.Exit();
        return owner ?? new NativeMemoryOwner(this);
    }

    // Owners are used once where returns are checked.
    private void PutSpare(NativeMemoryOwner? owner)
    {
        if (owner != null && !_isChecked)
        {
            _spareLock.Enter();
            owner.Next = _spare;
            _spare = owner;
            _spareLock.Exit();
        }
    }

    // Null at check levels, where nothing is kept, and when there is no memory for it or for a thread's record: a return must not fail for that.
    private LocalBuffers? Local()
    {
        try
        {
            LocalBuffers? local = _local.Find() ?? (_isChecked ? null : AddLocal());

            // It may be an ended thread's.
            local?.Settle();
            return local;
        }
        catch (OutOfMemoryException)
        {
            return null;
        }
    }

    private Exception SupplyError(int length, bool isAtLimit)
    {
        int capacity = CapacityFor(length);
        return isAtLimit
            ? BufferErrors.AtLimit(_name, capacity, _maximum, Volatile.Read(ref _total))
            : HeapErrors.OutOfMemory((nuint)(uint)capacity, _heap);
    }

    private void RequireLength(int length, string parameter)
    {
        if ((uint)length > (uint)MaxBufferSize)
        {
            throw BufferErrors.BadLength(parameter, length, MaxBufferSize);
        }
    }

    private void ThrowIfDisposed()
    {
        if (_isDisposed)
        {
            ThrowDisposed();
        }
    }

    [DoesNotReturn]
    private void ThrowDisposed() => throw BufferErrors.PoolDisposed(_name);

    private static int CapacityFor(int length) => BufferBuckets.Find(length) is var bucket and < BufferBuckets.Count
        ? BufferBuckets.LengthOf(bucket)
        : (int)long.Min(((long)length + BufferBuckets.Alignment - 1) & -BufferBuckets.Alignment, Array.MaxLength);
}
