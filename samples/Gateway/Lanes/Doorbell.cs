// How one thread sleeps until another has something for it. A ring never waits; this is what its two ends wait with.
//
//     waiter:    Prepare();  look once more;  found nothing: Wait(), else Cancel()
//     ringer:    make it true;  Ring()
//
// The flag is set before the last look and read after what it is about is true, with a full fence on either side: so either the waiter sees it, or the ringer sees the flag. A ringer whose waiter is awake
// pays for the fence and a load, and makes no system call. A bell may ring once too often; whoever waits looks again anyway.

using System;
using System.Threading;

namespace Gateway.Lanes;

internal sealed class Doorbell : IDisposable
{
    private readonly AutoResetEvent _event = new(initialState: false);
    private int _isAwaited;

    public bool IsAwaited => Volatile.Read(ref _isAwaited) != 0;

    /// <summary>Waits for nothing, briefly: the runtime allocates for a thread's first wait.</summary>
    public static void FirstWait()
    {
        using Doorbell bell = new();
        bell.Wait(1);
    }

    public void Prepare() => Interlocked.Exchange(ref _isAwaited, 1);

    public void Cancel() => Volatile.Write(ref _isAwaited, 0);

    /// <summary>Sleeps until the bell is rung.</summary>
    /// <returns>Whether it was; else the time is over.</returns>
    public bool Wait(int milliseconds)
    {
        bool isRung = _event.WaitOne(milliseconds);
        Volatile.Write(ref _isAwaited, 0);
        return isRung;
    }

    public void Ring()
    {
        Interlocked.MemoryBarrier();
        if (IsAwaited && Interlocked.Exchange(ref _isAwaited, 0) != 0)
        {
            _event.Set();
        }
    }

    public void Dispose() => _event.Dispose();
}
