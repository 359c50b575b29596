// The thread that watches what is traded, symbol by symbol: a consumer that reads messages where they lie, beside others who read the same bytes.

using System;
using System.Threading;

using Gateway.Faults;
using Gateway.Lanes;
using Gateway.Memory;
using Gateway.Wire;

using NativeHeap;

using OrderBook.Feed;

namespace Gateway.Session;

internal sealed class RiskDesk : Consumer<MessageBuffer>
{
    private readonly MessageStore _store;
    private long _last;

    public RiskDesk(Lane<MessageBuffer> lane, MessageStore store, FaultPlan fault, IncidentLog log, CancellationToken stop)
        : base(ConsumerName.Risk, lane, fault, log, stop)
        => _store = store;

    public long TradedQuantity { get; private set; }

    /// <summary>Sum of price times quantity, in the feed's units of price.</summary>
    public Int128 Turnover { get; private set; }

    /// <inheritdoc cref="Recorder.OutOfOrder"/>
    public long OutOfOrder { get; private set; }

    protected override long SequenceOf(in MessageBuffer item) => MessageHeader.Read(item.Span).Sequence;

    protected override void Handle(in MessageBuffer item)
    {
        ReadOnlySpan<byte> message = item.Span;
        MessageHeader header = MessageHeader.Read(message);
        OutOfOrder += header.Sequence == _last + 1 ? 0 : 1;
        _last = header.Sequence;
        if (header.Type is MessageType.Trade or MessageType.Execute or MessageType.Hidden)
        {
            // The receiver has judged it.
            _ = MessageReader.ReadEvent(in header, message, FeedEvent.MaxSymbols, out FeedEvent trade);
            TradedQuantity += trade.Quantity;
            Turnover += (Int128)trade.Price * trade.Quantity;
        }
    }

    protected override void Release(in MessageBuffer item) => _ = item.Release();

    protected override void OnIdle() => _store.HelpIfShort();
}
