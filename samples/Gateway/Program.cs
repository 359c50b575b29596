// A trading gateway on real parts: sockets, System.IO.Pipelines, Kestrel, and the native memory that is to serve them.
//
// What this sample shows: messages of variable length on their way from a socket through several threads, in buffers of a pool, without one managed allocation once it is under way, and with all of them accounted for at the end:
// also after connections have been torn, messages were damaged, consumers died, and memory was short.
//
//     Wire/       the encoding: docs/gateway.md says it in words
//     Streams/    pipes on threads that wait in the system call
//     Faults/     what is to go wrong on purpose; the log of what has gone wrong
//     Memory/     the pool of --pool, the heap of messages
//     Lanes/      from thread to thread: rings, who waits, who takes over
//     Exchange/   the other end of the wire, which replays a day
//     Session/    the gateway's threads
//     Web/        the endpoint
//     Running/    one session, measured and checked
//     Report/     table and JSON
//
// Each folder names only those above it in this list, the order book's Feed/ and Book/, and SideBySide; the last two are shared with other samples.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

using Gateway.Exchange;
using Gateway.Faults;
using Gateway.Memory;
using Gateway.Report;
using Gateway.Running;

using OrderBook.Feed;

using SideBySide;

namespace Gateway;

internal static class Program
{
    public const int Done = 0;
    public const int NotRight = 1;
    public const int WrongCommandLine = 2;

    public static int Main(string[] args) => Run(args, Console.Out, Console.Error, showProgress: !Console.IsErrorRedirected);

    /// <summary>The whole program, with its streams to choose.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter errors, bool showProgress)
    {
        CommandLine options = CommandLine.Parse(arguments, out string? problem);
        if (problem is not null)
        {
            errors.WriteLine($"Gateway: {problem}");
            return WrongCommandLine;
        }

        if (options.HelpAsked)
        {
            output.WriteLine(CommandLine.Help);
            return Done;
        }

        try
        {
            return Run(options, output, errors, showProgress) ? Done : NotRight;
        }
        catch (Exception e) when (e is FeedException or IOException or UnauthorizedAccessException or OutOfMemoryException)
        {
            errors.WriteLine(e is FeedException ? e.Message : $"Gateway: {e.Message}");
            return NotRight;
        }
    }

    private static bool Run(CommandLine options, TextWriter output, TextWriter errors, bool showProgress)
    {
        LoadedFeed feed = options.Feed.Load(strict: false);
        if (feed.BrokenLines > 0)
        {
            errors.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{feed.Name}: {feed.BrokenLines:#,0} lines left out, the first of them line {feed.FirstProblems[0].Line}: {feed.FirstProblems[0].What}"));
        }

        using Tape tape = TapeWriter.Write(FeedSelection.Of(feed, options.Symbols, options.Duration));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{tape.Name}: {tape.Messages:#,0} messages, {tape.Bytes / 1048576.0:0.0} MiB: {tape.Events:#,0} events of {tape.Symbols.Count} {(tape.Symbols.Count == 1 ? "symbol" : "symbols")}, {tape.Snapshots:#,0} snapshots of books"));

        Progress progress = new(errors, showProgress);
        List<RunResult> results = [];
        foreach (PoolKind pool in options.Pools)
        {
            results.Add(Run(pool, tape, options, output, errors, progress));
        }

        ResultTable.Write(output, results, options.Rate);
        bool isRight = true;
        foreach (RunResult result in results)
        {
            foreach (string problem in result.Problems)
            {
                errors.WriteLine($"Gateway: {result.Pool.Name()}: {problem}");
                isRight = false;
            }
        }

        if (OutputFile.Write(options.Json, stream => ResultJson.Write(stream, results)) is { } unwritten)
        {
            errors.WriteLine($"Gateway: {unwritten}");
            isRight = false;
        }

        return isRight;
    }

    /// <summary>Runs the session once at the fastest, so that all code is compiled and it is known what memory it takes, and then as it is to be.</summary>
    private static RunResult Run(PoolKind pool, Tape tape, CommandLine options, TextWriter output, TextWriter errors, Progress progress)
    {
        // What is shown is shown before: while messages are measured nothing is printed.
        progress.Show($"{pool.Name()}: rehearsal");
        RunResult rehearsal = GatewayRun.Run(pool, tape, new RunOptions { IsRehearsal = true, Patience = options.Patience }, errors);
        bool isLimited = options.HalfMemory && pool == PoolKind.Native;
        RunOptions how = new()
        {
            Rate = options.Rate,
            Fault = options.Fault,
            FaultAt = options.At ?? (tape.Messages + 1) / 2,
            FaultConsumer = options.Consumer,
            Patience = options.Patience,
            PoolBytes = isLimited ? rehearsal.PoolBytes / 2 : null,
            MessageBytes = isLimited ? rehearsal.MessageBytes / 2 : null,
            Record = options.Record,
            HttpPort = options.Http,
            HttpStarted = address => output.WriteLine($"{address}book and {address}latency"),
        };
        progress.Show(options.Rate is null ? $"{pool.Name()}: at the fastest" : string.Create(CultureInfo.InvariantCulture, $"{pool.Name()}: {tape.Seconds / options.Rate:0} s"));
        Collections.Settle();
        RunResult result = GatewayRun.Run(pool, tape, how, errors);
        progress.Clear();
        return result;
    }
}
