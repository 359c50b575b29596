// The heap of the messages that are on their way between the gateway's threads.
//
//     objects in the heap = messages in lanes + those in a consumer's hands        0 when all is done: that is how a leak would show
//
// At the heap's limit an allocation waits for consumers to release what they have. They free on their own threads, whose caches keep some of it: as long as memory is short, an idle consumer gives that back, too.

using System;
using System.Buffers;
using System.Threading;

using Gateway.Faults;

using NativeHeap;

namespace Gateway.Memory;

internal sealed unsafe class MessageStore : IDisposable
{
    private readonly IncidentLog _log;
    private readonly int _patience;
    private volatile bool _isShort;

    /// <param name="maximumBytes">The most that the messages may take; null for no limit.</param>
    /// <param name="patience">How long to wait at the limit, in milliseconds.</param>
    /// <param name="log">Is told when the limit is met.</param>
    public MessageStore(long? maximumBytes, int patience, IncidentLog log)
    {
        Heap = new Heap(new HeapOptions { Name = "gateway", MaximumBytes = maximumBytes });
        _patience = patience;
        _log = log;
    }

    public Heap Heap { get; }

    /// <summary>Messages that have not been released.</summary>
    public long MessagesOut => Heap.GetStatistics().LiveObjects;

    /// <summary>The most that the messages have taken, in bytes.</summary>
    public long PeakBytes => Heap.GetStatistics().PeakSpanBytes;

    /// <summary>A copy of received bytes, in one piece.</summary>
    /// <returns>The copy, with one reference: the caller's.</returns>
    /// <exception cref="OutOfMemoryException">Nobody has released enough for as long as there was patience.</exception>
    public MessageBuffer Copy(in ReadOnlySequence<byte> message)
    {
        int length = (int)message.Length;
        if (!MessageBuffer.TryRent(Heap, length, out MessageBuffer copy))
        {
            copy = RentLater(length);
        }

        message.CopyTo(copy.Span);
        return copy;
    }

    /// <summary>A message for the book, uninitialised; <see cref="Free"/> it.</summary>
    /// <inheritdoc cref="Copy" path="/exception"/>
    public BookMessage* Alloc()
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                BookMessage* message = BookMessage.Alloc(Heap);
                _isShort = false;
                return message;
            }
            catch (OutOfMemoryException) when (attempt < _patience)
            {
                WaitForConsumers(attempt);
            }
        }
    }

    public void Free(BookMessage* message) => BookMessage.Free(Heap, message);

    /// <summary>Gives back what this thread's cache has, if memory is short. For consumers, when they have nothing to do.</summary>
    public void HelpIfShort()
    {
        if (_isShort)
        {
            Heap.FlushThread();
        }
    }

    public void Dispose() => Heap.Dispose();

    private MessageBuffer RentLater(int length)
    {
        for (int attempt = 0; attempt < _patience; attempt++)
        {
            WaitForConsumers(attempt);
            if (MessageBuffer.TryRent(Heap, length, out MessageBuffer message))
            {
                _isShort = false;
                return message;
            }
        }

        return MessageBuffer.Rent(Heap, length);
    }

    private void WaitForConsumers(int attempt)
    {
        if (attempt == 0)
        {
            _log.Report(Incident.MemoryShort, "the messages are at their limit: the wire waits for consumers");
        }

        _isShort = true;
        Thread.Sleep(1);
    }
}
