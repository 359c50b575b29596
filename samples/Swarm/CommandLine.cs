// The options, and what is wrong with them.

using System;
using System.Collections.Generic;

using SideBySide;

using Swarm.Engine;

namespace Swarm;

internal sealed record CommandLine
{
    public const int DefaultEntities = 200_000;
    public const int DefaultSeconds = 20;
    public const int FullEntities = 1_000_000;
    public const int FullSeconds = 60;
    public const int MinEntities = 1_000;
    public const int MaxEntities = 10_000_000;
    public const int MaxSeconds = 3_600;
    public const int MaxThreads = 64;
    public const int DefaultSeed = 2026;

    public const string Help = """
        Plays a game of ships, without a screen, on the native heap, on the managed heap, or on both in turn, and measures its frames.

          --entities N               how many ships there are (200000)
          --seconds N                simulated seconds of 60 frames that are measured (20)
          --full                     1000000 ships for 60 seconds
          --threads N                how many threads share a frame's work (one for each processor)
          --seed N                   what all chance comes from (2026)
          --heap native|managed|both where the entities live (both)
          --json FILE                write the figures there, too
          --picture FILE             write a film strip of the game there, as a PNG
          --help                     this text

        Exit codes: 0 done, 1 the two heaps came to different ends, there is not enough memory or a file cannot be written, 2 a wrong command line.
        """;

    public int Entities { get; private set; } = DefaultEntities;

    public int Seconds { get; private set; } = DefaultSeconds;

    public int Threads { get; private set; } = Math.Clamp(Environment.ProcessorCount, 1, MaxThreads);

    public int Seed { get; private set; } = DefaultSeed;

    public IReadOnlyList<HeapKind> Heaps { get; private set; } = HeapKinds.Both;

    public string? Json { get; private set; }

    public string? Picture { get; private set; }

    public bool HelpAsked { get; private set; }

    public GameSetup Setup => new(Entities, Threads, (ulong)Seed);

    /// <summary>Reads the arguments.</summary>
    /// <param name="arguments">As given to the program.</param>
    /// <param name="problem">What is wrong with them, in one line; null if nothing is.</param>
    public static CommandLine Parse(IReadOnlyList<string> arguments, out string? problem)
    {
        CommandLine options = new();
        problem = Arguments.Read(arguments, Way, options.Set, out HashSet<string> seen);
        if (problem is null && seen.Contains("--full") && (seen.Contains("--entities") || seen.Contains("--seconds")))
        {
            problem = "--full says how many entities and seconds, and so does another option; give one of them";
        }

        return options;
    }

    // What to write, for options that take a value; null for others.
    private static string? Way(string name) => name switch
    {
        "--entities" => Arguments.NumberWay(MinEntities, MaxEntities),
        "--seconds" => Arguments.NumberWay(1, MaxSeconds),
        "--threads" => Arguments.NumberWay(1, MaxThreads),
        "--seed" => Arguments.NumberWay(0, int.MaxValue),
        "--heap" => HeapKinds.Way,
        "--json" or "--picture" => $"write {name} FILE",
        _ => null,
    };

    private string? Set(string name, string value)
    {
        switch (name)
        {
            case "--entities" when Arguments.IsNumber(value, MinEntities, MaxEntities, out int entities):
                Entities = entities;
                return null;
            case "--seconds" when Arguments.IsNumber(value, 1, MaxSeconds, out int seconds):
                Seconds = seconds;
                return null;
            case "--threads" when Arguments.IsNumber(value, 1, MaxThreads, out int threads):
                Threads = threads;
                return null;
            case "--seed" when Arguments.IsNumber(value, 0, int.MaxValue, out int seed):
                Seed = seed;
                return null;
            case "--heap" when HeapKinds.TryParse(value, out IReadOnlyList<HeapKind> heaps):
                Heaps = heaps;
                return null;
            case "--json":
                Json = value;
                return Arguments.FolderProblem(name, value);
            case "--picture":
                Picture = value;
                return Arguments.FolderProblem(name, value);
            case "--entities" or "--seconds" or "--threads" or "--seed" or "--heap":
                return $"{name} '{value}' is not possible; {Way(name)}";
            case "--full":
                Entities = FullEntities;
                Seconds = FullSeconds;
                return null;
            case "--help" or "-h" or "-?":
                HelpAsked = true;
                return null;
            default:
                return name.StartsWith('-')
                    ? $"unknown option {name}; --help lists those there are"
                    : $"unexpected argument '{name}'; --help lists the options";
        }
    }
}
