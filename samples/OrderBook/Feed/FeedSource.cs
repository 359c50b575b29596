// Where a feed comes from, as a command line says it: a file and perhaps its format, or how much of a synthetic one.

using SideBySide;

namespace OrderBook.Feed;

internal sealed class FeedSource(int maxEvents)
{
    /// <summary>The file; null for the synthetic feed.</summary>
    public string? File { get; private set; }

    private FeedFormat? Format { get; set; }

    /// <summary>The length of the synthetic feed; null if none is given.</summary>
    private int? Events { get; set; }

    /// <summary>What is wrong with the options together, in one line; null if nothing is.</summary>
    public string? Problem
        => Format is not null && File is null ? "--format says how to read a file, but there is none; add --input FILE"
            : Events is not null && File is not null ? "--events says how long the synthetic feed is, but --input names a feed; give one of them"
            : null;

    /// <summary>What to write for an option of the feed's; null for others.</summary>
    public string? Way(string name) => name switch
    {
        "--input" => "write --input FILE",
        "--format" => "write --format sse or --format lobster, or leave it out",
        "--events" => Arguments.NumberWay(1, maxEvents),
        _ => null,
    };

    /// <summary>Takes an option of the feed's.</summary>
    /// <returns>Whether it is one, with a value that is possible.</returns>
    public bool TrySet(string name, string value)
    {
        switch (name)
        {
            case "--input":
                File = value;
                return true;
            case "--format" when value is "sse" or "lobster":
                Format = value == "sse" ? FeedFormat.Sse : FeedFormat.Lobster;
                return true;
            case "--events" when Arguments.IsNumber(value, 1, maxEvents, out int events):
                Events = events;
                return true;
            default:
                return false;
        }
    }

    /// <summary>Loads the feed, or makes it.</summary>
    /// <inheritdoc cref="FeedLoader.Load(string, FeedFormat?, bool)" path="/param[@name='strict'] | /exception"/>
    public LoadedFeed Load(bool strict)
        => File is null ? SyntheticFeed.Create(events: Events ?? SyntheticFeed.DefaultEvents) : FeedLoader.Load(File, Format, strict);
}
