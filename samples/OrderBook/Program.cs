// An order book for an exchange feed, on two heaps.
//
// What this sample shows: a price-time-priority book, the hottest data structure of a trading system, whose orders and levels are
// [NativeAllocated] structs. It replays a day of real order flow without one managed allocation, and the same engine on ordinary
// objects stands beside it for comparison.
//
//     Feed/      a file, or a simulated exchange -> an array of events
//     Book/      the engine, written once; native and managed orders under it
//     Replay/    passes, clocks, counts
//     Report/    table and JSON
//
// Each folder names only those above it in this list, and SideBySide, which this sample shares with others.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

using OrderBook.Feed;
using OrderBook.Replay;
using OrderBook.Report;

using SideBySide;

namespace OrderBook;

internal static class Program
{
    public const int Done = 0;
    public const int Refused = 1;
    public const int WrongCommandLine = 2;

    public static int Main(string[] args) => Run(args, Console.Out, Console.Error, showProgress: !Console.IsErrorRedirected);

    /// <summary>The whole program, with its streams to choose.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter errors, bool showProgress)
    {
        CommandLine options = CommandLine.Parse(arguments, out string? problem);
        if (problem is not null)
        {
            errors.WriteLine($"OrderBook: {problem}");
            return WrongCommandLine;
        }

        if (options.HelpAsked)
        {
            output.WriteLine(CommandLine.Help);
            return Done;
        }

        try
        {
            Replay(options, output, errors, showProgress);
            return Done;
        }
        catch (FeedException e)
        {
            errors.WriteLine(e.Message);
            return Refused;
        }
    }

    private static void Replay(CommandLine options, TextWriter output, TextWriter errors, bool showProgress)
    {
        LoadedFeed feed = options.Feed.Load(options.Strict);
        string symbols = feed.Symbols.Count == 1 ? "symbol" : "symbols";
        string format = feed.Format == FeedFormat.Sse ? "sse" : "lobster";
        string advice = options.Feed.File is null ? " shape; --input FILE replays a real one" : "";
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{feed.Name}: {feed.Events.Length:#,0} events of {feed.Symbols.Count} {symbols}, {format}{advice}"));

        Progress progress = new(errors, showProgress);
        List<HeapResult> results = [];
        foreach (HeapKind heap in options.Heaps)
        {
            HeapResult result = FeedReplay.Run(heap, feed, options.Passes, options.Strict, ShowProgress);
            results.Add(result with { Figures = result.Figures with { Errors = result.Figures.Errors + feed.BrokenLines } });
        }

        progress.Clear();

        WriteProblems(errors, feed, results[0]);
        ResultTable.Write(output, feed, options.Passes, results);
        if (OutputFile.Write(options.Json, stream => ResultJson.Write(stream, results)) is { } problem)
        {
            throw new FeedException(problem);
        }

        void ShowProgress(HeapKind heap, int passes)
            => progress.Show(string.Create(CultureInfo.InvariantCulture, $"{heap.Name()} heap: pass {passes} of {options.Passes}"));
    }

    private static void WriteProblems(TextWriter errors, LoadedFeed feed, HeapResult result)
    {
        WriteProblems(errors, feed.Name, feed.BrokenLines == 1 ? "line left out" : "lines left out", feed.BrokenLines, feed.FirstProblems);
        int faults = result.Figures.Errors - feed.BrokenLines + result.Figures.Unknown;
        WriteProblems(errors, feed.Name, $"{(faults == 1 ? "event" : "events")} at odds with the books", faults, result.FirstFaults);
    }

    private static void WriteProblems(TextWriter errors, string file, string what, int count, IReadOnlyList<FeedProblem> first)
    {
        if (count == 0)
        {
            return;
        }

        List<string> named = [];
        foreach (FeedProblem problem in first)
        {
            named.Add(string.Create(CultureInfo.InvariantCulture, $"line {problem.Line}: {problem.What}"));
        }

        string more = count > named.Count ? "; ..." : "";
        errors.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{file}: {count:#,0} {what} ({string.Join("; ", named)}{more}); --strict refuses the first"));
    }
}
