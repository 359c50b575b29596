// The options, and what is wrong with them.

using System.Collections.Generic;

using OrderBook.Feed;

using SideBySide;

namespace OrderBook;

internal sealed record CommandLine
{
    public const int DefaultPasses = 5;
    public const int MaxPasses = 100_000;
    public const int MaxEvents = 100_000_000;

    public const string Help = """
        Replays an exchange's order feed through order books on the native heap, on the managed heap, or on both in turn.

          --input FILE               the feed, plain or gzip; left out, a seeded synthetic feed is made
          --events N                 how long the synthetic feed is (200000)
          --format sse|lobster       its format; left out, told from the content
          --heap native|managed|both where the orders live (both)
          --passes N                 how often the feed is replayed while measuring (5)
          --json FILE                write the figures there, too
          --strict                   refuse the first broken line, unknown id or impossible fill instead of counting it
          --help                     this text

        Exit codes: 0 done, 1 the feed is refused or a file cannot be read or written, 2 a wrong command line.
        """;

    public string? Input { get; private set; }

    /// <summary>The length of the synthetic feed; null if none is given.</summary>
    public int? Events { get; private set; }

    public FeedFormat? Format { get; private set; }

    public IReadOnlyList<HeapKind> Heaps { get; private set; } = HeapKinds.Both;

    public int Passes { get; private set; } = DefaultPasses;

    public string? Json { get; private set; }

    public bool Strict { get; private set; }

    public bool HelpAsked { get; private set; }

    /// <summary>Reads the arguments.</summary>
    /// <param name="arguments">As given to the program.</param>
    /// <param name="problem">What is wrong with them, in one line; null if nothing is.</param>
    public static CommandLine Parse(IReadOnlyList<string> arguments, out string? problem)
    {
        CommandLine options = new();
        problem = Arguments.Read(arguments, Way, options.Set, out _);
        if (problem is null && options.Format is not null && options.Input is null)
        {
            problem = "--format says how to read a file, but there is none; add --input FILE";
        }

        if (problem is null && options.Events is not null && options.Input is not null)
        {
            problem = "--events says how long the synthetic feed is, but --input names a feed; give one of them";
        }

        return options;
    }

    // What to write, for options that take a value; null for others.
    private static string? Way(string name) => name switch
    {
        "--format" => "write --format sse or --format lobster, or leave it out",
        "--heap" => HeapKinds.Way,
        "--passes" => Arguments.NumberWay(1, MaxPasses),
        "--events" => Arguments.NumberWay(1, MaxEvents),
        "--input" or "--json" => $"write {name} FILE",
        _ => null,
    };

    private string? Set(string name, string value)
    {
        switch (name)
        {
            case "--input":
                Input = value;
                return null;
            case "--format" when value is "sse" or "lobster":
                Format = value == "sse" ? FeedFormat.Sse : FeedFormat.Lobster;
                return null;
            case "--heap" when HeapKinds.TryParse(value, out IReadOnlyList<HeapKind> heaps):
                Heaps = heaps;
                return null;
            case "--passes" when Arguments.IsNumber(value, 1, MaxPasses, out int passes):
                Passes = passes;
                return null;
            case "--events" when Arguments.IsNumber(value, 1, MaxEvents, out int events):
                Events = events;
                return null;
            case "--json":
                Json = value;
                return Arguments.FolderProblem(name, value);
            case "--events" or "--format" or "--heap" or "--passes":
                return $"{name} '{value}' is not possible; {Way(name)}";
            case "--strict":
                Strict = true;
                return null;
            case "--help" or "-h" or "-?":
                HelpAsked = true;
                return null;
            default:
                return name.StartsWith('-')
                    ? $"unknown option {name}; --help lists those there are"
                    : $"unexpected argument '{name}'; a feed is named by --input FILE";
        }
    }
}
