// Those who wait for a buffer at the pool's limit, first come, first served.
//
//     who waits:    joins the queue; claims all threads' magazines, so that every return from now on comes by here; serves
//     who returns:  puts the buffer into a depot; a fence; if somebody waits: serves
//     to serve:     as long as the first in the queue can have a buffer: give it one
//
// So either the return sees the queue, or who has joined it sees the buffer. The queue is guarded by the lock of claims; a buffer is found or made for the first one without it, since that may call out, and
// is put back if somebody else has served it meanwhile.
//
// A place in the queue is recycled when its call has been awaited.

using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using System.Threading.Tasks;

using NativeHeap.Buffers;

namespace NativeHeap;

public sealed unsafe partial class NativeMemoryPool
{
    private WaitingRent? _first;
    private WaitingRent? _last;
    private WaitingRent? _unusedPlaces;
    private int _waiting;

    /// <summary>Rents a buffer, waiting for one to be returned if the pool's limit stands in the way.</summary>
    /// <param name="minBufferSize">How long it is to be at least, in bytes; -1 for 4,096.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The buffer, which the caller disposes of. To be awaited once. Who waits is served in the order of the calls.</returns>
    /// <exception cref="OutOfMemoryException">
    /// The length alone is over the limit of the pool, or a limit of the heap or the process stands in the way, or the system has no memory, and no buffer is rented whose return could be waited for.
    /// </exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <inheritdoc cref="Rent(int)" path="/exception[@cref='ArgumentOutOfRangeException' or @cref='ObjectDisposedException']"/>
    public ValueTask<NativeMemoryOwner> RentAsync(int minBufferSize, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<NativeMemoryOwner>(cancellationToken);
        }

        // Nobody overtakes those who wait.
        int length = minBufferSize == -1 ? DefaultLength : minBufferSize;
        bool isAtLimit = true;
        if (Volatile.Read(ref _waiting) == 0 && Supply(length, nameof(minBufferSize), out isAtLimit) is { } owner)
        {
            owner.Begin(owner.Capacity);
            return new ValueTask<NativeMemoryOwner>(owner);
        }

        RequireLength(length, nameof(minBufferSize));
        ThrowIfDisposed();
        return CapacityFor(length) > _maximum || (!isAtLimit && GetStatistics().RentedBuffers == 0)
            ? throw SupplyError(length, isAtLimit)
            : Wait(length, cancellationToken);
    }

    /// <summary>Ends a wait.</summary>
    /// <returns>Whether it was still waiting.</returns>
    internal bool Cancel(WaitingRent waiting)
    {
        _claims.Enter();
        bool isWaiting = waiting.IsQueued;
        if (isWaiting)
        {
            Unlink(waiting);
        }

        _claims.Exit();
        return isWaiting;
    }

    /// <summary>Takes a place back whose call is over.</summary>
    internal void Recycle(WaitingRent place)
    {
        _claims.Enter();
        place.Next = _unusedPlaces;
        _unusedPlaces = place;
        _claims.Exit();
    }

    private ValueTask<NativeMemoryOwner> Wait(int length, CancellationToken cancellationToken)
    {
        WaitingRent place = TakePlace();
        place.Begin(length);
        _claims.Enter();
        place.Previous = _last;
        place.IsQueued = true;
        if (_last == null)
        {
            _first = place;
        }
        else
        {
            _last.Next = place;
        }

        _last = place;
        _waiting++;
        _claims.Exit();

        ValueTask<NativeMemoryOwner> task = place.Task;
        place.CancelWith(cancellationToken);
        Collect(idleOnly: false);
        ServeWaiting();
        if (_isDisposed)
        {
            RefuseWaiting();
        }

        return task;
    }

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "Handed to who waits, or put back.")]
    private void ServeWaiting()
    {
        while (FirstLength() is var length && length >= 0)
        {
            NativeMemoryOwner? owner = FindOrMake(length, local: null, out bool isAtLimit);
            if (owner == null && Release(all: true) != 0)
            {
                owner = FindOrMake(length, local: null, out isAtLimit);
            }

            if (owner == null)
            {
                // If nothing is rented, nobody comes whom it would be worth to wait for.
                if (!isAtLimit && GetStatistics().RentedBuffers == 0)
                {
                    TakeFirst(length)?.Refuse(SupplyError(length, isAtLimit));
                }

                return;
            }

            WaitingRent? served = TakeFirst(length);
            if (served == null)
            {
                if (owner.Bucket == BufferBuckets.Count)
                {
                    Unmake(owner);
                }
                else
                {
                    _depots[owner.Bucket].Put(owner);
                }
            }
            else
            {
                owner.Begin(owner.Capacity);
                served.Serve(owner);
            }
        }
    }

    // The length that the first in the queue waits for, or -1.
    private int FirstLength()
    {
        _claims.Enter();
        int length = _first?.Length ?? -1;
        _claims.Exit();
        return length;
    }

    // The first in the queue, if it waits for such a length.
    private WaitingRent? TakeFirst(int length)
    {
        _claims.Enter();
        WaitingRent? first = _first;
        if (first != null && first.Length == length)
        {
            Unlink(first);
        }
        else
        {
            first = null;
        }

        _claims.Exit();
        return first;
    }

    private void RefuseWaiting()
    {
        while (FirstLength() is var length && length >= 0)
        {
            TakeFirst(length)?.Refuse(BufferErrors.PoolDisposed(_name));
        }
    }

    // Under the lock of claims.
    private void Unlink(WaitingRent waiting)
    {
        if (waiting.Previous == null)
        {
            _first = waiting.Next;
        }
        else
        {
            waiting.Previous.Next = waiting.Next;
        }

        if (waiting.Next == null)
        {
            _last = waiting.Previous;
        }
        else
        {
            waiting.Next.Previous = waiting.Previous;
        }

        waiting.Next = null;
        waiting.Previous = null;
        waiting.IsQueued = false;
        if (--_waiting == 0)
        {
            foreach (LocalBuffers? local in _local.Items)
            {
                if (local != null)
                {
                    ReleaseClaim(local);
                }
            }
        }
    }

    private WaitingRent TakePlace()
    {
        _claims.Enter();
        WaitingRent? place = _unusedPlaces;
        _unusedPlaces = place?.Next;
        _claims.Exit();
        place ??= new WaitingRent(this);
        place.Next = null;
        return place;
    }
}
