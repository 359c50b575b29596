// A headless game loop, on two heaps: swarms of ships that chase, shoot and replace each other, 60 frames a second.
//
// What this sample shows: what a game keeps in native memory, each in the container that is for it, and what that does to the frames that matter, the slowest. The same game on ordinary objects stands
// beside it for comparison.
//
//     Rules/      how ships, shots and levels behave: functions of numbers
//     Engine/     the game, written once over three kinds of storage; the threads that share its work
//     Native/     tables, pools, handles, bump allocators, a heap for each level
//     Managed/    the same on objects of the garbage collector
//     Running/    seconds, clocks, counts
//     Report/     table and JSON
//     Pictures/   a film strip of the game
//
// Each folder names only those above it in this list, and SideBySide, which this sample shares with others.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

using SideBySide;

using Swarm.Engine;
using Swarm.Pictures;
using Swarm.Report;
using Swarm.Running;

namespace Swarm;

internal static class Program
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongCommandLine = 2;

    public static int Main(string[] args) => Run(args, Console.Out, Console.Error, showProgress: !Console.IsErrorRedirected);

    /// <summary>The whole program, with its streams to choose.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter errors, bool showProgress)
    {
        CommandLine options = CommandLine.Parse(arguments, out string? problem);
        if (problem is not null)
        {
            errors.WriteLine($"Swarm: {problem}");
            return WrongCommandLine;
        }

        if (options.HelpAsked)
        {
            output.WriteLine(CommandLine.Help);
            return Done;
        }

        try
        {
            string? failure = Play(options, output, new Progress(errors, showProgress));
            if (failure is not null)
            {
                errors.WriteLine($"Swarm: {failure}");
            }

            return failure is null ? Done : Failed;
        }
        catch (OutOfMemoryException e)
        {
            errors.WriteLine($"Swarm: {options.Entities} entities: {e.Message}; try fewer with --entities");
            return Failed;
        }
    }

    /// <summary>Plays on each heap.</summary>
    /// <returns>What went wrong, in one line; null if nothing did.</returns>
    private static string? Play(CommandLine options, TextWriter output, Progress progress)
    {
        string threads = options.Threads == 1 ? "thread" : "threads";
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{options.Entities:#,0} ships, {options.Seconds} seconds of {GameSetup.FramesPerSecond} frames, {options.Threads} {threads}, seed {options.Seed}"));

        List<HeapResult> results = [];
        FilmStrip? film = options.Picture is null ? null : new FilmStrip(options.Seconds);
        foreach (HeapKind heap in options.Heaps)
        {
            results.Add(GameRun.Run(heap, options.Setup, options.Seconds, SecondDone));
        }

        progress.Clear();

        ResultTable.Write(output, results);
        return OutputFile.Write(options.Json, stream => ResultJson.Write(stream, results))
            ?? OutputFile.Write(options.Picture, stream => film!.Write(stream))
            ?? Difference(results);

        void SecondDone(HeapKind heap, IGame game, int seconds)
        {
            if (heap == options.Heaps[0])
            {
                film?.Look(game, seconds);
            }

            progress.Show(string.Create(CultureInfo.InvariantCulture, $"{heap.Name()} heap: second {seconds} of {options.Seconds}"));
        }
    }

    private static string? Difference(List<HeapResult> results)
        => results.Count == 2 && results[0].Figures != results[1].Figures
            ? $"the heaps came to different ends: {results[0].Figures} and {results[1].Figures}"
            : null;
}
