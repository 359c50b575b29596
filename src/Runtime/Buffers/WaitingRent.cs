// One call of RentAsync that waits: a place in the pool's queue, and what its caller awaits. Recycled once it has been awaited.
//
//     queued  ->  served, refused or cancelled, by whoever takes it out of the queue  ->  awaited, unused
//
// A continuation runs on the thread pool: whoever returns a buffer goes on with its own work.

using System;
using System.Threading;
using System.Threading.Tasks;
using System.Threading.Tasks.Sources;

namespace NativeHeap.Buffers;

/// <summary>Somebody waits for a buffer.</summary>
internal sealed class WaitingRent : IValueTaskSource<NativeMemoryOwner>
{
    private readonly NativeMemoryPool _pool;
    private ManualResetValueTaskSourceCore<NativeMemoryOwner> _source;
    private CancellationTokenRegistration _cancellation;

    /// <summary>Makes a place in the queue of a pool.</summary>
    public WaitingRent(NativeMemoryPool pool)
    {
        _pool = pool;
        _source.RunContinuationsAsynchronously = true;
    }

    /// <summary>The length that is waited for, in bytes.</summary>
    public int Length { get; private set; }

    /// <summary>The next in the queue, or of the places that nobody uses.</summary>
    public WaitingRent? Next { get; set; }

    /// <summary>The one before in the queue.</summary>
    public WaitingRent? Previous { get; set; }

    /// <summary>Whether it is in the queue. Under the pool's lock of claims, as the links are.</summary>
    public bool IsQueued { get; set; }

    /// <summary>What the caller awaits.</summary>
    public ValueTask<NativeMemoryOwner> Task => new(this, _source.Version);

    /// <summary>Begins a wait.</summary>
    public void Begin(int length) => Length = length;

    /// <summary>Ends the wait when a token says so.</summary>
    public void CancelWith(CancellationToken token) =>
        _cancellation = token.UnsafeRegister(static (place, token) => ((WaitingRent)place!).Cancel(token), this);

    /// <summary>Gives the caller a buffer.</summary>
    public void Serve(NativeMemoryOwner owner) => _source.SetResult(owner);

    /// <summary>Tells the caller that there will be none.</summary>
    public void Refuse(Exception error) => _source.SetException(error);

    /// <inheritdoc/>
    public NativeMemoryOwner GetResult(short token)
    {
        try
        {
            return _source.GetResult(token);
        }
        finally
        {
            _cancellation.Dispose();
            _cancellation = default;
            _source.Reset();
            _pool.Recycle(this);
        }
    }

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _source.OnCompleted(continuation, state, token, flags);

    private void Cancel(CancellationToken token)
    {
        if (_pool.Cancel(this))
        {
            _source.SetException(new OperationCanceledException(token));
        }
    }
}
