// Whole sessions: exchange, wire, book, risk, recording, answers. What must hold at the end is RunCheck's to say; these tests say when it must, and what must have happened on the way.

using System;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Threading.Tasks;

using Gateway.Faults;
using Gateway.Memory;
using Gateway.Running;

using Xunit;

namespace Gateway.Tests.Running;

public sealed class GatewayRunTests : IDisposable
{
    private readonly Sessions _sessions = new();

    public void Dispose() => _sessions.Dispose();

    [Theory]
    [InlineData(PoolKind.Native)]
    [InlineData(PoolKind.ArrayPool)]
    public void A_session_brings_every_message_to_everybody_and_returns_every_buffer(object pool)
    {
        RunResult result = _sessions.Run((PoolKind)pool);

        Assert.Empty(result.Problems);
        Assert.Equal((_sessions.Tape.Messages, 0L, 0L, 0L), (result.Messages, result.Lost, result.OutOfOrder, result.BuffersOut));
        Assert.Equal(_sessions.Tape.Expected, result.Figures);
        Assert.Equal(_sessions.Tape.Snapshots, result.SnapshotsChecked);
        Assert.True(result.TopsOfBook > 0);

        // On a machine that is busy elsewhere somebody may have been slow.
        Assert.All(result.Events, pair => Assert.True(pair.Value == 0 || pair.Key == Incident.ConsumerSlow, _sessions.Log));
        Assert.True(result.MeasuredMessages > _sessions.Tape.Messages / 2);
        Assert.InRange(result.Latencies.P50, 1, result.Latencies.Max);
    }

    [Theory]
    [InlineData(FaultKind.Torn, Incident.ConnectionTorn, "bytes into message 3007")]
    [InlineData(FaultKind.Malformed, Incident.MessageMalformed, "message 3007 is malformed: its type is unknown")]
    public void What_goes_wrong_on_the_wire_once_is_counted_logged_and_got_over(object fault, object incident, string line)
    {
        RunResult result = _sessions.Run((FaultKind)fault);

        Assert.Empty(result.Problems);
        Assert.Equal(1, result.Count((Incident)incident));
        Assert.True((FaultKind)fault == FaultKind.Torn || _sessions.Log.Contains(line, StringComparison.Ordinal), _sessions.Log);
        Assert.Contains("onnecti", _sessions.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_that_comes_damaged_each_time_is_given_up_and_the_run_is_not_right()
    {
        RunResult result = _sessions.Run(FaultKind.Poisoned);

        Assert.False(result.IsRight);
        Assert.Equal((1L, 0L), (result.Count(Incident.GaveUp), result.BuffersOut));
        Assert.Equal(_sessions.Middle - 1, result.Messages);
        Assert.Equal(3 * (_sessions.Tape.Messages - result.Messages), result.Lost);
        Assert.Contains("3007 does not come: given up after 3 connections", _sessions.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ConsumerName.Book)]
    [InlineData(ConsumerName.Risk)]
    [InlineData(ConsumerName.Recording)]
    [InlineData(ConsumerName.Answers)]
    public void A_consumer_that_is_killed_is_replaced_and_nothing_is_missing(object consumer)
    {
        // Not every message is answered, so there the fault may have nothing to strike.
        RunResult result = _sessions.Run(FaultKind.Killed, (ConsumerName)consumer);

        Assert.Empty(result.Problems);
        Assert.Equal(result.Count(Incident.ConsumerDied), result.Count(Incident.ConsumerRestarted));
        Assert.True((ConsumerName)consumer == ConsumerName.Answers || result.Count(Incident.ConsumerDied) == 1, _sessions.Log);
    }

    [Theory]
    [InlineData(FaultKind.Dead, ConsumerName.Risk)]
    [InlineData(FaultKind.Dead, ConsumerName.Recording)]
    [InlineData(FaultKind.Dead, ConsumerName.Book)]
    [InlineData(FaultKind.Stuck, ConsumerName.Recording)]
    [InlineData(FaultKind.Stuck, ConsumerName.Book)]
    public void A_consumer_that_does_not_come_back_is_given_up_and_what_it_had_is_released(object fault, object consumer)
    {
        RunResult result = _sessions.Run((FaultKind)fault, (ConsumerName)consumer, patience: 800);

        Assert.False(result.IsRight);
        Assert.Equal((1L, 0L), (result.Count(Incident.ConsumerGivenUp), result.BuffersOut));
        Assert.InRange(result.Lost, 1, _sessions.Tape.Messages - _sessions.Middle + 1);
        Assert.Contains($"{((ConsumerName)consumer).Name()} is given up", _sessions.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slow_consumer_is_waited_for()
    {
        RunResult result = _sessions.Run(FaultKind.Slow);

        Assert.Empty(result.Problems);
        Assert.True(result.Count(Incident.ConsumerSlow) > 0);
        Assert.Contains("recording is slow", _sessions.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_the_memory_makes_the_wire_wait_and_nothing_else()
    {
        RunResult wanted = _sessions.Run(options: new RunOptions { IsRehearsal = true });

        // A consumer that takes its time has messages pile up before it: more than there is memory for, now.
        RunResult result = _sessions.Run(options: new RunOptions
        {
            Fault = FaultKind.Slow,
            FaultAt = 500,
            PoolBytes = wanted.PoolBytes / 2,
            MessageBytes = wanted.MessageBytes / 2,
        });

        Assert.Empty(result.Problems);
        Assert.True(result.Count(Incident.MemoryShort) > 0);
        Assert.InRange(result.PoolBytes, 1, wanted.PoolBytes / 2);
        Assert.InRange(result.MessageBytes, 1, wanted.MessageBytes / 2);
    }

    [Theory]
    [InlineData(null, 8_192L)]
    [InlineData(8_192L, null)]
    public void Too_little_memory_for_anything_is_given_up_and_nothing_stays_behind(object? poolBytes, object? messageBytes)
    {
        RunResult result = _sessions.Run(options: new RunOptions { PoolBytes = (long?)poolBytes, MessageBytes = (long?)messageBytes, Patience = 100 });

        Assert.False(result.IsRight);
        Assert.Equal((0L, 1L, 0L), (result.BuffersOut, result.Count(Incident.GaveUp), result.OutOfOrder));
        Assert.True(result.Count(Incident.MemoryShort) > 0);
    }

    [Fact]
    public void What_is_recorded_is_what_was_sent()
    {
        string file = Path.GetTempFileName();
        try
        {
            Assert.Empty(_sessions.Run(options: new RunOptions { Record = file, Fault = FaultKind.Torn, FaultAt = _sessions.Middle }).Problems);

            // The times in the tape are those of the last time that each message was sent.
            Assert.Equal(_sessions.Tape[1, (int)_sessions.Tape.Messages].ToArray(), File.ReadAllBytes(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_recording_that_cannot_be_written_is_given_up_and_the_run_is_not_right()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "There is no file here that is always full.");

        RunResult result = _sessions.Run(options: new RunOptions { Record = "/dev/full" });

        Assert.False(result.IsRight);
        Assert.Equal(0, result.BuffersOut);
        Assert.Contains("No space left on device", _sessions.Log, StringComparison.Ordinal);
    }

    [Fact]
    public void At_a_rate_a_session_takes_as_long_as_it_says()
    {
        // Of the synthetic day's 5 hours and 42 minutes, at 40,000 times their speed.
        RunResult result = _sessions.Run(options: new RunOptions { Rate = 40_000 });

        Assert.Empty(result.Problems);
        Assert.InRange(result.MeasuredSeconds, 0.3, 60);
    }

    [Fact]
    public async Task The_endpoint_shows_book_and_latency_while_the_session_runs()
    {
        TaskCompletionSource<Uri> started = new();
        Task<RunResult> run = Task.Run(() => _sessions.Run(options: new RunOptions { Rate = 6_000, HttpPort = 0, HttpStarted = started.SetResult }), TestContext.Current.CancellationToken);
        using HttpClient client = new() { BaseAddress = await started.Task };

        JsonElement book = default;
        for (int i = 0; i < 200 && (book.ValueKind == JsonValueKind.Undefined || !book.TryGetProperty("SYN1", out _)); i++)
        {
            book = await Get(client, "book");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        Assert.Equal(["SYN1", "SYN2", "SYN3", "SYN4"], book.EnumerateObject().Select(symbol => symbol.Name));
        long[] bids = [.. book.GetProperty("SYN1").GetProperty("bids").EnumerateArray().Select(level => level.GetProperty("price").GetInt64())];
        Assert.Equal(bids.OrderDescending(), bids);
        Assert.True((await Get(client, "latency")).GetProperty("max").GetDouble() >= 0);
        Assert.Equal(_sessions.Tape.Messages, (await Get(client, "")).GetProperty("announced").GetInt64());
        Assert.Contains("gateway", (await Get(client, "memory")).GetProperty("heaps").EnumerateArray().Select(heap => heap.GetProperty("name").GetString()));
        Assert.Empty((await run).Problems);
    }

    private static async Task<JsonElement> Get(HttpClient client, string path)
        => JsonDocument.Parse(await client.GetByteArrayAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken)).RootElement;
}
