// A ring from one thread to another with a doorbell at either end: bounded, first in, first out.
//
//     sent = received + in the ring,   0 <= in the ring <= capacity
//
// A full lane is back-pressure: the sender waits, and with it, through the socket, the exchange. It does not wait for ever: after its patience it gives the receiver up, and the lane is closed. What is in it then is its owner's to
// take out (Consumer).
//
// The receiver peeks at an item and takes it out when it is done with it: one that dies in between leaves it to its successor.

using System;
using System.Diagnostics;
using System.Threading;

using NativeHeap;

namespace Gateway.Lanes;

internal enum LaneState
{
    Open,

    /// <summary>Nothing more will be sent; what is in the lane is still to be received.</summary>
    Complete,

    /// <summary>Nothing more will be received.</summary>
    Closed,
}

internal sealed class Lane<T> : IDisposable
    where T : unmanaged
{
    /// <summary>How long a full lane is waited for until its receiver counts as slow.</summary>
    public const int SlowMilliseconds = 100;

    private readonly NativeSpscRing<T> _ring;
    private readonly Doorbell _items = new();
    private readonly Doorbell _room = new();
    private readonly int _patience;
    private readonly Action _onSlow;
    private int _state;

    /// <param name="capacity">How many items it holds.</param>
    /// <param name="patience">How long a sender waits for room, in milliseconds.</param>
    /// <param name="onSlow">Called by the sender, once for each time that it has waited long.</param>
    public Lane(int capacity, int patience, Action onSlow)
    {
        _onSlow = onSlow;
        _ring = new NativeSpscRing<T>(capacity);
        _patience = patience;
    }

    public LaneState State => (LaneState)Volatile.Read(ref _state);

    public int Count => _ring.Count;

    /// <summary>Sends an item, when there is room for it.</summary>
    /// <returns>Whether it was sent; else the lane is closed, and the item still the caller's.</returns>
    public bool Send(in T item)
    {
        if (State != LaneState.Open || !_ring.TryEnqueue(in item))
        {
            return SendSlowly(in item);
        }

        _items.Ring();
        return true;
    }

    /// <summary>What comes next, or nothing if the lane is empty now.</summary>
    public Span<T> Peek() => _ring.Peek(1);

    /// <summary>What comes next; waits for it.</summary>
    /// <returns>The item; nothing if the lane is complete, and empty for ever, or the time is over.</returns>
    public Span<T> Peek(int milliseconds)
    {
        Span<T> item = _ring.Peek(1);
        if (item.IsEmpty && State == LaneState.Open)
        {
            _items.Prepare();
            item = _ring.Peek(1);
            if (item.IsEmpty && State == LaneState.Open)
            {
                _items.Wait(milliseconds);
            }
            else
            {
                _items.Cancel();
            }

            item = _ring.Peek(1);
        }

        return item;
    }

    /// <summary>Takes out what was peeked at.</summary>
    public void Consume()
    {
        _ring.Consume(1);

        // Not for each place that gets free: the sender would wake up for one item at a time. No fence is needed, as a full lane gives this as many chances to see the flag as it has items.
        if (_room.IsAwaited && _ring.Count <= _ring.Capacity / 2)
        {
            _room.Ring();
        }
    }

    /// <summary>Says that nothing more will be sent. For the sender.</summary>
    public void Complete()
    {
        // Closed is for ever, whoever comes second.
        Interlocked.CompareExchange(ref _state, (int)LaneState.Complete, (int)LaneState.Open);
        WakeBoth();
    }

    /// <summary>Says that nothing more will be received. For either end.</summary>
    public void Close()
    {
        Volatile.Write(ref _state, (int)LaneState.Closed);
        WakeBoth();
    }

    /// <summary>Wakes the receiver, though there may be nothing for it in the lane. For any thread.</summary>
    public void Nudge() => _items.Ring();

    public void Dispose()
    {
        _ring.Dispose();
        _items.Dispose();
        _room.Dispose();
    }

    private void WakeBoth()
    {
        _items.Ring();
        _room.Ring();
    }

    private bool SendSlowly(in T item)
    {
        long start = Stopwatch.GetTimestamp();
        bool isSlow = false;
        while (State == LaneState.Open)
        {
            _room.Prepare();
            if (_ring.TryEnqueue(in item))
            {
                _room.Cancel();
                _items.Ring();
                return true;
            }

            _room.Wait(SlowMilliseconds);
            double waited = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (waited >= SlowMilliseconds && !isSlow)
            {
                isSlow = true;
                _onSlow();
            }

            if (waited >= _patience)
            {
                Close();
            }
        }

        return false;
    }
}
