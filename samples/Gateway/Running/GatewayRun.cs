// One session from the first message to the last: the exchange, the gateway's threads, and what is looked at when all is over.
//
//     exchange ==TCP==> wire --lane--> book --lane--> answers ==TCP==> exchange
//                        |---lane----> risk
//                        `---lane----> recording
//
// The end comes from the wire: the receiver completes the lanes, each consumer ends when its own is empty, the book ends the answers. Only then the connection is closed, statistics are read, and memory is freed.

using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Threading;

using Gateway.Exchange;
using Gateway.Faults;
using Gateway.Lanes;
using Gateway.Memory;
using Gateway.Session;
using Gateway.Web;

using NativeHeap;

namespace Gateway.Running;

[SuppressMessage("Usage", "CA2213:Disposable fields should be disposed", Justification = "The tape stays the caller's.")]
internal sealed class GatewayRun : IDisposable
{
    private readonly PoolKind _kind;
    private readonly Tape _tape;
    private readonly RunOptions _options;
    private readonly IncidentLog _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly BufferPool _pool;
    private readonly MessageStore _store;
    private readonly FeedServer _exchange;
    private readonly BookView _view = new();
    private readonly BookBuilder _book;
    private readonly RiskDesk _risk;
    private readonly Recorder _recorder;
    private readonly AnswerSender _answers;
    private readonly Receiver _receiver;
    private Endpoint? _endpoint;

    private GatewayRun(PoolKind kind, Tape tape, RunOptions options, Stream recording, TextWriter log)
    {
        _kind = kind;
        _tape = tape;
        _options = options;
        _log = new IncidentLog(log);
        FaultPlan fault = new(options.Fault, options.FaultAt, options.FaultConsumer);
        _pool = new BufferPool(kind, options.PoolBytes, options.Patience, _log);
        _store = new MessageStore(options.MessageBytes, options.Patience, _log);
        _exchange = new FeedServer(tape, options.Rate, fault);
        _answers = new AnswerSender(LaneTo<Answer>(ConsumerName.Answers), _pool, fault, _log, _stop.Token);
        _book = new BookBuilder(LaneTo<NativePointer<BookMessage>>(ConsumerName.Book), _store, _answers.Lane, _view, fault, _log, _stop.Token);
        _risk = new RiskDesk(LaneTo<MessageBuffer>(ConsumerName.Risk), _store, fault, _log, _stop.Token);
        _recorder = new Recorder(LaneTo<MessageBuffer>(ConsumerName.Recording), recording, _pool, _store, fault, _log, _stop.Token);
        _receiver = new Receiver(_exchange.Address, _pool, _store, _book.Lane, [_risk.Lane, _recorder.Lane], _answers, _log);
        _view.Wake = _book.Lane.Nudge;
    }

    /// <summary>Runs a session.</summary>
    /// <param name="kind">Whose buffers the pipes are made of.</param>
    /// <param name="tape">What the exchange sends.</param>
    /// <param name="options">How.</param>
    /// <param name="log">Where events are said.</param>
    /// <exception cref="IOException">A file cannot be written, or the port is taken.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public static RunResult Run(PoolKind kind, Tape tape, RunOptions options, TextWriter log)
    {
        Stream recording = options.Record is null ? Stream.Null : new FileStream(options.Record, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        using GatewayRun run = new(kind, tape, options, recording, log);
        return run.Run();
    }

    public void Dispose()
    {
        _endpoint?.Dispose();
        _receiver.Dispose();
        _exchange.Dispose();
        _book.Dispose();
        _risk.Dispose();
        _recorder.Dispose();
        _answers.Dispose();
        _view.Dispose();
        _pool.Dispose();
        _store.Dispose();
        _stop.Dispose();
    }

    private RunResult Run()
    {
        if (_options.HttpPort is { } port)
        {
            _endpoint = Endpoint.Start(port, _kind, _book, _view);
            _options.HttpStarted(_endpoint.Address);
        }

        if (!_options.IsRehearsal)
        {
            // Twice what the recorder takes at one time: what one thread returns, others may have in hand for a while.
            _pool.Prewarm(Recorder.BufferLength, 2 * Recorder.BatchLength / Recorder.BufferLength);
        }

        _exchange.Start();
        _answers.Start();
        _book.Start();
        _risk.Start();
        _recorder.Start();
        _receiver.Start();
        _receiver.Join();
        End();
        return Result();
    }

    private void End()
    {
        if (!End(_book))
        {
            // It has nothing more to say that anybody should wait for.
            _answers.Lane.Complete();
        }

        End(_risk);
        End(_recorder);
        End(_answers);
        _stop.Cancel();
        _book.Join();
        _risk.Join();
        _recorder.Join();
        _answers.Join();
        _receiver.Dispose();
        if (!_exchange.Join(_receiver.IsDone ? _options.Patience : 0))
        {
            _exchange.Stop();
        }
    }

    /// <summary>Waits for a consumer, and gives it up if it takes too long.</summary>
    private bool End<T>(Consumer<T> consumer)
        where T : unmanaged
    {
        bool hasEnded = consumer.WaitForLast(_options.Patience);
        if (!hasEnded)
        {
            consumer.Lane.Close();
        }

        return hasEnded;
    }

    private Lane<T> LaneTo<T>(ConsumerName consumer)
        where T : unmanaged
        => new(
            _options.LaneCapacity,
            _options.Patience,
            () => _log.Report(Incident.ConsumerSlow, FormattableString.Invariant($"{consumer.Name()} is slow: its lane has been full for {Lane<T>.SlowMilliseconds} ms, and who sends waits")));

    private RunResult Result()
    {
        RunResult result = new()
        {
            Pool = _kind,
            Messages = _book.Handled,
            Lost = (3 * _tape.Messages) - _book.Handled - _risk.Handled - _recorder.Handled,
            OutOfOrder = _receiver.OutOfOrder + _book.OutOfOrder + _risk.OutOfOrder + _recorder.OutOfOrder,
            Latencies = _book.Window.Latencies(),
            MeasuredMessages = _book.Window.Messages,
            MeasuredSeconds = _book.Window.Seconds,
            Collections = _book.Window.Collections,
            AllocatedBytes = _book.Window.AllocatedBytes,
            BuffersOut = _pool.BuffersOut + _store.MessagesOut,
            PoolBytes = _pool.PeakBytes,
            MessageBytes = _store.PeakBytes,
            SnapshotsChecked = _book.SnapshotsChecked,
            TopsOfBook = _exchange.Answers.TopsOfBook,
            Figures = _book.Figures(),
            RestingBySymbol = _book.RestingBySymbol(),
            Events = Events(),
            Problems = [],
        };
        return result with { Problems = RunCheck.ProblemsOf(result, _tape, _book, _risk, _recorder, _exchange.Answers) };
    }

    private List<KeyValuePair<Incident, long>> Events()
    {
        List<KeyValuePair<Incident, long>> events = [];
        foreach (Incident kind in Enum.GetValues<Incident>())
        {
            events.Add(new(kind, _log[kind]));
        }

        return events;
    }
}
