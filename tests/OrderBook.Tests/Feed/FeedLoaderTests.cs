using System;
using System.Linq;
using System.Text;

using OrderBook.Feed;

using Xunit;

namespace OrderBook.Tests.Feed;

public sealed class FeedLoaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Rows.Sse, "Sse", 4)]
    [InlineData(Rows.Lobster, "Lobster", 6)]
    public void The_format_is_told_from_the_content(string text, string format, int events)
    {
        foreach (string variant in new[] { text, text.Replace("\n", "\r\n", StringComparison.Ordinal), text.TrimEnd(), "\uFEFF" + text, text + "\n\n" })
        {
            LoadedFeed plain = FeedLoader.Load(_folder.Write("feed.csv", variant), null, strict: true);
            LoadedFeed packed = FeedLoader.Load(_folder.Write("feed.dat", TemporaryFolder.Gzip(variant)), null, strict: true);

            Assert.Equal((format, events), (plain.Format.ToString(), plain.Events.Length));
            Assert.True(plain.Events.Span.SequenceEqual(packed.Events.Span, new ByLineAndKind()));
        }
    }

    [Fact]
    public void Sse_without_a_header_loses_no_row()
        => Assert.Equal(4, FeedLoader.Load(_folder.Write("feed", Rows.Sse[(Rows.Header.Length + 1)..]), null, strict: true).Events.Length);

    [Fact]
    public void Each_event_knows_its_line()
        => Assert.Equal([2, 3, 4, 5], FeedLoader.Load(_folder.Write("feed", Rows.Sse), null, strict: true).Events.ToArray().Select(e => e.Line));

    [Fact]
    public void A_lobster_feed_is_named_by_its_file()
        => Assert.Equal(["GOOG_2012"], FeedLoader.Load(_folder.Write("GOOG_2012.csv.gz", Rows.Lobster), null, strict: true).Symbols);

    [Fact]
    public void Broken_lines_are_left_out_and_counted()
    {
        string file = _folder.Write("feed", "garbage\n" + Rows.Sse.Replace("200\n", "-200\n", StringComparison.Ordinal) + new string('x', 5000) + "\n");

        LoadedFeed feed = FeedLoader.Load(file, null, strict: false);

        Assert.Equal((2, 5), (feed.Events.Length, feed.BrokenLines));
        Assert.Equal([1, 2, 4], feed.FirstProblems.Select(problem => problem.Line));
        Assert.Equal("quantity -200 is negative", feed.FirstProblems[2].What);
    }

    [Theory]
    [InlineData("garbage\n", 1, "1 fields instead of 10")]
    [InlineData("1,9,34200000,S,A,B,77,,5,-1\n", 1, "quantity -1 is negative")]
    public void Strict_refuses_the_first_broken_line(string start, int line, string what)
    {
        string file = _folder.Write("feed", start + Rows.Sse[(Rows.Header.Length + 1)..]);

        FeedException refusal = Assert.Throws<FeedException>(() => FeedLoader.Load(file, null, strict: true));

        Assert.Equal($"{file}({line}): {what}", refusal.Message);
    }

    [Theory]
    [InlineData("", "(1): the file is empty: nothing to replay")]
    [InlineData(Rows.Header, "(1): no event in the file: nothing to replay")]
    [InlineData(Rows.Header + "\n1,1,x,S,A,S,11,,10000,100\n", "(2): ms_of_day 'x' is not a whole number: nothing to replay")]
    [InlineData("\u0000\u0001\u0002", "(1): no line of 10 fields (sse) or 6 (lobster) near the start: not a feed, or name its --format")]
    [InlineData("Dear Sir,\nno feed today.\n", "(1): no line of 10 fields (sse) or 6 (lobster) near the start: not a feed, or name its --format")]
    public void What_holds_no_event_is_refused_always(string text, string problem)
    {
        string file = _folder.Write("feed", text);
        foreach (bool strict in new[] { false, true })
        {
            FeedException refusal = Assert.Throws<FeedException>(() => FeedLoader.Load(file, null, strict));
            Assert.StartsWith(strict ? file : file + problem, refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_feed_read_as_the_other_format_is_refused()
        => Assert.EndsWith(
            "(1): 6 fields instead of 10: nothing to replay",
            Assert.Throws<FeedException>(() => FeedLoader.Load(_folder.Write("feed", Rows.Lobster), FeedFormat.Sse, strict: false)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_missing_file_and_a_folder_are_refused()
    {
        string missing = _folder.PathOf("nowhere/feed.csv");
        Assert.Equal($"{missing}: no such file", Assert.Throws<FeedException>(() => FeedLoader.Load(missing, null, strict: false)).Message);

        string folder = _folder.PathOf(".");
        Assert.Equal($"{folder}: is a folder, not a feed", Assert.Throws<FeedException>(() => FeedLoader.Load(folder, null, strict: false)).Message);
    }

    [Fact]
    public void A_gzip_cut_anywhere_is_noticed_and_keeps_the_lines_before_the_cut()
    {
        StringBuilder text = new(Rows.Header + "\n");
        for (int i = 1; i <= 300; i++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"1,{i},{34_200_000 + i},S{i % 7},A,B,{i},,{(i * 7919) % 1000 + 1},{i}\n");
        }

        byte[] whole = TemporaryFolder.Gzip(text.ToString());
        int seen = 0;
        for (int length = 2; length < whole.Length; length += length + 41 < whole.Length - 12 ? 41 : 1)
        {
            string file = _folder.Write("cut.gz", whole.AsSpan(0, length));

            FeedException refusal = Assert.Throws<FeedException>(() => FeedLoader.Load(file, FeedFormat.Sse, strict: true));
            Assert.EndsWith("): the gzip data breaks off or is damaged here", refusal.Message, StringComparison.Ordinal);
            try
            {
                LoadedFeed feed = FeedLoader.Load(file, null, strict: false);
                Assert.Equal(1, feed.BrokenLines);
                Assert.Equal(feed.Events.Length + 2, feed.FirstProblems[0].Line);
                Assert.True(feed.Events.Length >= seen);
                seen = feed.Events.Length;
            }
            catch (FeedException)
            {
                Assert.Equal(0, seen);
            }
        }

        Assert.Equal(300, seen);
    }

    [Fact]
    public void A_damaged_gzip_is_never_more_than_a_refusal()
    {
        byte[] whole = TemporaryFolder.Gzip(Rows.Sse);
        for (int position = 0; position < whole.Length; position++)
        {
            byte[] damaged = [.. whole];
            damaged[position] ^= 0x55;
            string file = _folder.Write("damaged.gz", damaged);
            try
            {
                FeedLoader.Load(file, null, strict: false);
            }
            catch (FeedException refusal)
            {
                Assert.StartsWith(file, refusal.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Two_gzips_in_one_file_are_one_feed()
        => Assert.Equal(4, FeedLoader.Load(_folder.Write("two.gz", [.. TemporaryFolder.Gzip(Rows.Sse[..200]), .. TemporaryFolder.Gzip(Rows.Sse[200..])]), null, strict: true).Events.Length);

    private sealed class ByLineAndKind : System.Collections.Generic.IEqualityComparer<FeedEvent>
    {
        public bool Equals(FeedEvent x, FeedEvent y) => (x.Line, x.Kind, x.Id, x.Quantity) == (y.Line, y.Kind, y.Id, y.Quantity);

        public int GetHashCode(FeedEvent obj) => HashCode.Combine(obj.Line, obj.Kind);
    }
}
