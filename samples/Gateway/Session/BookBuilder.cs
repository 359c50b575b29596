// The thread that builds the books: applies each message to the engine of samples/OrderBook, measures how long that was after the message was due, and says what the exchange is to be answered.
//
//     messages are applied in the order of their sequence numbers, each once
//     every snapshot agrees with the books
//     best prices differ from what was last said of them -> an answer;  lane empty, or many messages later -> an acknowledgement
//
// It alone touches the books. Who wants to see them leaves a request (BookView), which is looked at between two messages.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

using Gateway.Faults;
using Gateway.Lanes;
using Gateway.Memory;
using Gateway.Wire;

using NativeHeap;

using OrderBook.Book;

namespace Gateway.Session;

internal sealed class BookBuilder : Consumer<NativePointer<BookMessage>>
{
    private const int AcknowledgeEvery = 1_024;

    private readonly MessageStore _store;
    private readonly Lane<Answer> _answers;
    private readonly IncidentLog _log;
    private readonly BookView _view;
    private ExchangeBooks<NativeOrder, NativeLevel, NativeSlots>? _books;
    private string[] _symbols = [];
    private TopOfBook[] _tops = [];
    private long _windowOpens = long.MaxValue;
    private long _last;
    private long _acknowledged;

    public BookBuilder(
        Lane<NativePointer<BookMessage>> lane, MessageStore store, Lane<Answer> answers, BookView view, FaultPlan fault, IncidentLog log, CancellationToken stop)
        : base(ConsumerName.Book, lane, fault, log, stop)
    {
        _store = store;
        _answers = answers;
        _view = view;
        _log = log;
    }

    public MeasuredWindow Window { get; } = new();

    /// <summary>How many messages the exchange has announced; 0 before it has.</summary>
    public long Announced { get; private set; }

    /// <summary>Messages that did not follow the one before.</summary>
    public long OutOfOrder { get; private set; }

    /// <summary>The last message applied.</summary>
    public long Last => Volatile.Read(ref _last);

    public long SnapshotsChecked { get; private set; }

    public long SnapshotsDiffering { get; private set; }

    /// <summary>What the books have counted. Once the thread has ended.</summary>
    public BookFigures Figures() => _books?.Figures() ?? default;

    /// <summary>How many orders rest, by symbol. Once the thread has ended.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> RestingBySymbol() => _books?.RestingBySymbol(_symbols) ?? [];

    protected override long SequenceOf(in NativePointer<BookMessage> item) => item.Value.Header.Sequence;

    protected override void Handle(in NativePointer<BookMessage> item)
    {
        ref BookMessage message = ref item.Value;
        long sequence = message.Header.Sequence;
        if (sequence == _windowOpens)
        {
            Window.Open(sequence);
        }

        if (MessageLengths.IsEvent(message.Header.Type))
        {
            _books!.Apply(in message.Event);
            if (Window.IsOpen)
            {
                Window.Record(Stopwatch.GetTimestamp() - message.Header.Due);
            }

            AnswerTop(in message);
        }
        else
        {
            HandleRare(in message);
        }

        OutOfOrder += sequence == _last + 1 ? 0 : 1;
        Volatile.Write(ref _last, sequence);
        if (sequence - _acknowledged >= AcknowledgeEvery)
        {
            Acknowledge();
        }

        _view.ServeIfAsked(_books, _symbols);
    }

    protected override void Release(in NativePointer<BookMessage> item)
    {
        item.Value.Content.Dispose();
        Free(item);
    }

    protected override void OnIdle()
    {
        Acknowledge();
        _store.HelpIfShort();
        _view.ServeIfAsked(_books, _symbols);
    }

    protected override void OnEnd()
    {
        Window.Close(_last);
        Acknowledge();
        _answers.Complete();
        _view.End();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _books?.Dispose();
        }

        base.Dispose(disposing);
    }

    private unsafe void Free(NativePointer<BookMessage> item) => _store.Free(item);

    private void HandleRare(in BookMessage message)
    {
        switch (message.Header.Type)
        {
            case MessageType.Session:
                // The receiver has judged each of these.
                _ = MessageReader.ReadSession(message.Content.Span, out SessionInfo session);
                _books = new(session.Format, session.Symbols, session.Hours);
                _symbols = new string[session.Symbols];
                _tops = new TopOfBook[session.Symbols];
                Announced = session.Messages;
                _windowOpens = MeasuredWindow.LeadIn(session.Messages);
                break;
            case MessageType.Instruments:
                _ = MessageReader.ReadInstruments(message.Content.Span, _symbols);
                break;
            case MessageType.BookSnapshot:
                Check(in message);
                break;
            case MessageType.EndOfFeed:
                Window.Close(message.Header.Sequence);
                break;
        }
    }

    private void Check(in BookMessage message)
    {
        _ = SnapshotView.Read(message.Content.Span, _symbols.Length, out SnapshotView snapshot);
        SymbolBook<NativeOrder, NativeLevel> book = _books!.Books[snapshot.Symbol];
        SnapshotsChecked++;
        if (!BookOrders.Are(book.Bids, snapshot, 0, snapshot.Bids) || !BookOrders.Are(book.Asks, snapshot, snapshot.Bids, snapshot.Count - snapshot.Bids))
        {
            SnapshotsDiffering++;
            _log.Report(Incident.SnapshotDiffers, FormattableString.Invariant($"message {message.Header.Sequence}: the book of {_symbols[snapshot.Symbol]} is not what the exchange says"));
        }
    }

    private void AnswerTop(in BookMessage message)
    {
        ushort symbol = message.Event.Symbol;
        TopOfBook top = BookView.TopOf(symbol, _books!.Books[symbol]);
        if (top != _tops[symbol])
        {
            _tops[symbol] = top;
            _answers.Send(new Answer(MessageType.TopOfBook, message.Header.Sequence, message.Header.Due, top));
        }
    }

    private void Acknowledge()
    {
        if (_last > _acknowledged)
        {
            _acknowledged = _last;
            _answers.Send(new Answer(MessageType.Acknowledge, _last, 0, default));
        }
    }
}
