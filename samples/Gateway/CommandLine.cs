// The options, and what is wrong with them.

using System;
using System.Collections.Generic;
using System.Globalization;

using Gateway.Faults;
using Gateway.Memory;
using Gateway.Running;

using OrderBook.Feed;

using SideBySide;

namespace Gateway;

internal sealed record CommandLine
{
    public const int MaxEvents = 5_000_000;
    public const int MaxDuration = 24 * 60 * 60;
    public const double MaxRate = 1_000_000;
    public const int MaxPatience = 600_000;

    public const string Help = """
        A trading gateway: an exchange's day comes in over TCP, is decoded, builds books, is watched, recorded and answered.

          --input FILE               the feed, plain or gzip; left out, a seeded synthetic feed is made
          --events N                 how long the synthetic feed is (200000)
          --format sse|lobster       the feed's format; left out, told from the content
          --symbols A,B,...          only these of its symbols
          --duration SECONDS         only so much of it, by the exchange's clock
          --rate fastest|X           at the fastest, or at X times real speed by the events' times (fastest)
          --pool arraypool|native|both
                                     whose buffers the pipes are made of (native)
          --half-memory              half the memory that the same session takes without a limit (--pool native)
          --fault KIND               what goes wrong on purpose: torn, malformed, poisoned (the wire), killed, dead, slow, stuck (a consumer)
          --consumer NAME            whom it strikes: book, risk, recording or answers (recording)
          --at N                     at which message (the middle one)
          --patience MS              how long anybody waits for somebody else (10000)
          --record FILE              write all messages there
          --http PORT                serve books, latency and memory there; 0 for any free port
          --json FILE                write the figures there, too
          --help                     this text

        Exit codes: 0 all is right, 1 something is not, the feed is refused or a file cannot be read or written, 2 a wrong command line.
        """;

    public FeedSource Feed { get; } = new(MaxEvents);

    public IReadOnlyList<string> Symbols { get; private set; } = [];

    /// <summary>In seconds of the exchange's clock; null for all of the feed.</summary>
    public int? Duration { get; private set; }

    public double? Rate { get; private set; }

    public IReadOnlyList<PoolKind> Pools { get; private set; } = [PoolKind.Native];

    public bool HalfMemory { get; private set; }

    public FaultKind Fault { get; private set; }

    public ConsumerName Consumer { get; private set; } = ConsumerName.Recording;

    /// <summary>The message that the fault strikes at; null for the middle one.</summary>
    public int? At { get; private set; }

    public int Patience { get; private set; } = RunOptions.DefaultPatience;

    public string? Record { get; private set; }

    public int? Http { get; private set; }

    public string? Json { get; private set; }

    public bool HelpAsked { get; private set; }

    /// <summary>Reads the arguments.</summary>
    /// <param name="arguments">As given to the program.</param>
    /// <param name="problem">What is wrong with them, in one line; null if nothing is.</param>
    public static CommandLine Parse(IReadOnlyList<string> arguments, out string? problem)
    {
        CommandLine options = new();
        problem = Arguments.Read(arguments, options.Way, options.Set, out HashSet<string> seen)
            ?? options.Feed.Problem
            ?? (options.HalfMemory && options.Pools[^1] != PoolKind.Native ? "--half-memory is for the native pool, which has limits; add --pool native" : null)
            ?? (seen.Contains("--consumer") && !options.Fault.IsOfConsumer() ? "--consumer says whom a fault strikes, but none is to strike a consumer; add --fault killed, dead, slow or stuck" : null)
            ?? (options.At is not null && options.Fault == FaultKind.None ? $"--at says when a fault strikes, but there is none; {FaultKinds.Way}" : null);
        return options;
    }

    // What to write, for options that take a value; null for others.
    private string? Way(string name) => name switch
    {
        "--symbols" => "write names with commas between them",
        "--duration" => Arguments.NumberWay(1, MaxDuration),
        "--rate" => string.Create(CultureInfo.InvariantCulture, $"write --rate fastest, or a number above 0, up to {MaxRate}"),
        "--pool" => PoolKinds.Way,
        "--fault" => FaultKinds.Way,
        "--consumer" => FaultKinds.ConsumerWay,
        "--at" => Arguments.NumberWay(1, int.MaxValue),
        "--patience" => Arguments.NumberWay(1, MaxPatience),
        "--http" => Arguments.NumberWay(0, ushort.MaxValue),
        "--json" or "--record" => $"write {name} FILE",
        _ => Feed.Way(name),
    };

    private string? Set(string name, string value)
    {
        switch (name)
        {
            case "--json":
                Json = value;
                return Arguments.FolderProblem(name, value);
            case "--record":
                Record = value;
                return Arguments.FolderProblem(name, value);
            case "--half-memory":
                HalfMemory = true;
                return null;
            case "--help" or "-h" or "-?":
                HelpAsked = true;
                return null;
            default:
                return TrySet(name, value) ? null
                    : Way(name) is { } way ? $"{name} '{value}' is not possible; {way}"
                    : name.StartsWith('-') ? $"unknown option {name}; --help lists those there are"
                    : $"unexpected argument '{name}'; a feed is named by --input FILE";
        }
    }

    // Those whose values can be wrong.
    private bool TrySet(string name, string value)
    {
        switch (name)
        {
            case "--symbols" when value.Split(',', StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } names && new HashSet<string>(names, StringComparer.Ordinal).Count == names.Length:
                Symbols = names;
                return true;
            case "--rate" when value == "fastest":
                Rate = null;
                return true;
            case "--rate" when double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double rate) && rate is > 0 and <= MaxRate:
                Rate = rate;
                return true;
            case "--pool" when PoolKinds.TryParse(value, out IReadOnlyList<PoolKind> pools):
                Pools = pools;
                return true;
            case "--fault" when FaultKinds.TryParse(value, out FaultKind fault):
                Fault = fault;
                return true;
            case "--consumer" when FaultKinds.TryParse(value, out ConsumerName consumer):
                Consumer = consumer;
                return true;
            case "--duration" when Arguments.IsNumber(value, 1, MaxDuration, out int duration):
                Duration = duration;
                return true;
            case "--at" when Arguments.IsNumber(value, 1, int.MaxValue, out int at):
                At = at;
                return true;
            case "--patience" when Arguments.IsNumber(value, 1, MaxPatience, out int patience):
                Patience = patience;
                return true;
            case "--http" when Arguments.IsNumber(value, 0, ushort.MaxValue, out int port):
                Http = port;
                return true;
            default:
                return Feed.TrySet(name, value);
        }
    }
}
