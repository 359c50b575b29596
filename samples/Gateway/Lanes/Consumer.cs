// A thread that handles what comes down a lane, one item at a time, in order; and what becomes of its work when it dies.
//
//     peek at an item -> handle it -> take it out -> release it             handled = taken out = released
//
// An item stays in the lane until it has been handled. A thread that dies over one is replaced by another, which finds it there again: nothing is lost, nothing is handled twice, as long as a handler changes
// nothing before it fails. After three deaths in a row over one item the consumer is given up: the lane is closed, and what is in it is released unhandled, and counted. The others go on.
//
// Handle, Release and OnIdle run on the consumer's thread, and only there; what they own needs no lock. A successor begins when its predecessor has ended.

using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;

using Gateway.Faults;

namespace Gateway.Lanes;

internal abstract class Consumer<T> : IDisposable
    where T : unmanaged
{
    private const int Lives = 3;
    private const int IdleMilliseconds = 100;

    private readonly ConsumerName _name;
    private readonly FaultPlan _fault;
    private readonly IncidentLog _log;
    private readonly CancellationToken _stop;

    // Not the slim ones, which allocate when somebody first waits: that may be while the last messages are being measured.
    private readonly ManualResetEvent _hasFinished = new(initialState: false);
    private readonly ManualResetEvent _hasEnded = new(initialState: false);
    private int _livesLeft = Lives;
    private bool _isStarted;
    private bool _hasBegun;

    protected Consumer(ConsumerName name, Lane<T> lane, FaultPlan fault, IncidentLog log, CancellationToken stop)
    {
        _name = name;
        Lane = lane;
        _fault = fault;
        _log = log;
        _stop = stop;
    }

    public Lane<T> Lane { get; }

    /// <summary>How many items have been handled.</summary>
    public long Handled { get; private set; }

    /// <summary>How many have been released without being handled.</summary>
    public long Missed { get; private set; }

    public void Start()
    {
        _isStarted = true;
        StartThread();
    }

    /// <summary>Waits until the last item has been handled.</summary>
    /// <returns>Whether that was in time.</returns>
    public bool WaitForLast(int milliseconds) => !_isStarted || _hasFinished.WaitOne(milliseconds);

    /// <summary>Waits until everything that came down the lane has been released. A consumer that was given up waits for the end of the run for that.</summary>
    public void Join()
    {
        if (_isStarted)
        {
            _hasEnded.WaitOne();
        }
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>The sequence number of the message that an item is.</summary>
    protected abstract long SequenceOf(in T item);

    /// <summary>Does with an item what the consumer is there for.</summary>
    protected abstract void Handle(in T item);

    /// <summary>Gives back what an item owns.</summary>
    protected abstract void Release(in T item);

    /// <summary>Called on the first thread, before the first item.</summary>
    protected virtual void OnStart()
    {
    }

    /// <summary>Called when the lane is empty, before the thread sleeps, and a few times a second while it does.</summary>
    protected virtual void OnIdle()
    {
    }

    /// <summary>Called when the last item has been handled.</summary>
    protected virtual void OnEnd()
    {
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            Lane.Dispose();
            _hasFinished.Dispose();
            _hasEnded.Dispose();
        }
    }

    private void StartThread() => new Thread(Run) { Name = _name.Name(), IsBackground = true }.Start();

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever a consumer dies of, its successor takes over.")]
    private void Run()
    {
        try
        {
            if (!_hasBegun)
            {
                OnStart();
                _hasBegun = true;
            }

            Consume();
        }
        catch (Exception e)
        {
            _log.Report(Incident.ConsumerDied, $"{_name.Name()} died: {e.Message}");
            if (--_livesLeft > 0)
            {
                _log.Report(Incident.ConsumerRestarted, $"{_name.Name()} is restarted, with {Lane.Count} messages waiting for it");
                StartThread();
                return;
            }

            Lane.Close();
        }

        OnEnd();
        _hasFinished.Set();
        if (Lane.State == LaneState.Closed)
        {
            DrainClosed();
        }

        _hasEnded.Set();
    }

    private void Consume()
    {
        while (Lane.State != LaneState.Closed)
        {
            Span<T> next = Lane.Peek();
            if (next.IsEmpty)
            {
                OnIdle();
                next = Lane.Peek(IdleMilliseconds);
            }

            if (!next.IsEmpty)
            {
                T item = next[0];
                _fault.StrikeConsumer(_name, SequenceOf(in item), _stop);
                Handle(in item);
                Lane.Consume();
                Release(in item);
                Handled++;
                _livesLeft = Lives;
            }
            else if (Lane.State == LaneState.Complete && Lane.Count == 0)
            {
                return;
            }
        }
    }

    // The sender may be in the middle of sending when a lane is closed, so a last item can come after; it does not come later than the end of all sending, which is when the run is stopped.
    private void DrainClosed()
    {
        _log.Report(Incident.ConsumerGivenUp, $"{_name.Name()} is given up after {Handled} messages");
        bool isOver;
        do
        {
            isOver = _stop.WaitHandle.WaitOne(IdleMilliseconds);
            for (Span<T> next = Lane.Peek(); !next.IsEmpty; next = Lane.Peek())
            {
                T item = next[0];
                Lane.Consume();
                Release(in item);
                Missed++;
            }
        }
        while (!isOver);
    }
}
