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

    public FeedSource Feed { get; } = new(MaxEvents);

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
        problem = Arguments.Read(arguments, options.Way, options.Set, out _) ?? options.Feed.Problem;
        return options;
    }

    // What to write, for options that take a value; null for others.
    private string? Way(string name) => name switch
    {
        "--heap" => HeapKinds.Way,
        "--passes" => Arguments.NumberWay(1, MaxPasses),
        "--json" => $"write {name} FILE",
        _ => Feed.Way(name),
    };

    private string? Set(string name, string value)
    {
        switch (name)
        {
            case "--input" or "--events" or "--format" when Feed.TrySet(name, value):
                return null;
            case "--heap" when HeapKinds.TryParse(value, out IReadOnlyList<HeapKind> heaps):
                Heaps = heaps;
                return null;
            case "--passes" when Arguments.IsNumber(value, 1, MaxPasses, out int passes):
                Passes = passes;
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
