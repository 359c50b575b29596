using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

using OrderBook.Feed;

using Xunit;

namespace OrderBook.Tests.Feed;

public class LineReaderTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("a", "a")]
    [InlineData("a\n", "a")]
    [InlineData("a\nb", "a|b")]
    [InlineData("a\r\nb\r\n", "a|b")]
    [InlineData("\n\na", "||a")]
    [InlineData("\uFEFFa\n\uFEFFb", "a|\uFEFFb")]
    [InlineData("a\r", "a")]
    [InlineData("a\rb\n", "a\rb")]
    public void Text_is_cut_into_lines_whatever_the_pieces_it_comes_in(string text, string lines)
    {
        foreach (int piece in new[] { 1, 2, 7, 100_000 })
        {
            Assert.Equal(lines, string.Join('|', ReadAll(text, piece)));
        }
    }

    [Theory]
    [InlineData(LineReader.MaxLength, false)]
    [InlineData(LineReader.MaxLength + 1, true)]
    [InlineData(64 * 1024, true)]
    [InlineData(300_000, true)]
    public void A_line_over_the_limit_is_dropped_and_the_next_one_read(int length, bool tooLong)
    {
        string line = new('x', length);
        foreach (int piece in new[] { 1000, 1_000_000 })
        {
            Assert.Equal(["a", tooLong ? "(too long)" : line, "b"], ReadAll($"a\n{line}\nb\n", piece));
            Assert.Equal(["a", tooLong ? "(too long)" : line], ReadAll($"a\n{line}", piece));
        }
    }

    [Fact]
    public void Lines_are_numbered_from_1()
    {
        using MemoryStream stream = new("a\n\nb"u8.ToArray());
        LineReader reader = new(stream);
        for (int number = 1; number <= 3; number++)
        {
            Assert.Equal(LineKind.Line, reader.Read(out _));
            Assert.Equal(number, reader.LineNumber);
        }

        Assert.Equal(LineKind.End, reader.Read(out _));
        Assert.Equal(LineKind.End, reader.Read(out _));
    }

    [Fact]
    public void A_peek_takes_nothing_away()
    {
        using PiecewiseStream stream = new("first\nsecond\n"u8.ToArray(), 3);
        LineReader reader = new(stream);

        Assert.StartsWith("first\n", Encoding.UTF8.GetString(reader.Peek()), StringComparison.Ordinal);

        reader.Read(out ReadOnlySpan<byte> line);
        Assert.Equal("first", Encoding.UTF8.GetString(line));
    }

    private static List<string> ReadAll(string text, int piece)
    {
        using PiecewiseStream stream = new(Encoding.UTF8.GetBytes(text), piece);
        LineReader reader = new(stream);
        List<string> lines = [];
        while (true)
        {
            switch (reader.Read(out ReadOnlySpan<byte> line))
            {
                case LineKind.End:
                    return lines;
                case LineKind.TooLong:
                    lines.Add("(too long)");
                    break;
                default:
                    lines.Add(Encoding.UTF8.GetString(line));
                    break;
            }
        }
    }

    /// <summary>Gives out a few bytes at a time, as decompression and networks do.</summary>
    private sealed class PiecewiseStream(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, piece)]);
    }
}
