// The native pool as threads see it that would rather wait than fail: at the pool's limit a rent waits until somebody returns a buffer. That is how a limit on memory becomes back-pressure: the thread that reads the
// socket waits, the socket's window closes, and the exchange waits.
//
// A thread that waits here must not be the one that others wait for. The gateway's rule: who may hold more than one buffer while it asks for the next does not ask here (the recorder), but gives up what it has first.

using System;
using System.Buffers;
using System.Threading;

using Gateway.Faults;

using NativeHeap;

namespace Gateway.Memory;

internal sealed class WaitingPool(NativeMemoryPool pool, int patience, IncidentLog log) : MemoryPool<byte>
{
    public override int MaxBufferSize => pool.MaxBufferSize;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        => pool.TryRent(minBufferSize, out NativeMemoryOwner? owner) ? owner! : Wait(minBufferSize);

    protected override void Dispose(bool disposing)
    {
    }

    private NativeMemoryOwner Wait(int minBufferSize)
    {
        log.Report(Incident.MemoryShort, "the pool is at its limit: the pipe waits for a buffer");
        using CancellationTokenSource enough = new(patience);
        try
        {
            return pool.RentAsync(minBufferSize, enough.Token).AsTask().GetAwaiter().GetResult();
        }
        catch (OperationCanceledException e)
        {
            throw new InsufficientMemoryException(FormattableString.Invariant($"No buffer has been returned to the pool for {patience} ms."), e);
        }
    }
}
