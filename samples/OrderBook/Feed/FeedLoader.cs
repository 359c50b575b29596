// From a file to an array of events.
//
//     file -> (gzip, told by its first two bytes) -> lines -> events
//
// Who decides what: the formats say what is wrong with a line; the loader says what comes of it. A line that cannot be read is
// counted and left out, and so is the rest of a gzip that breaks off; under --strict the first of them is refused. What leaves
// nothing to replay (no such file, empty, not one good line) is refused always. Every refusal is a FeedException with file and line.

using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;

namespace OrderBook.Feed;

internal sealed class FeedLoader
{
    /// <summary>How many broken lines are named one by one.</summary>
    public const int NamedProblems = 3;

    private readonly string _file;
    private readonly bool _strict;
    private readonly ArrayBufferWriter<FeedEvent> _events = new(1 << 16);
    private readonly SymbolTable _symbols = new();
    private readonly List<FeedProblem> _problems = [];
    private int _brokenLines;

    private FeedLoader(string file, bool strict)
    {
        _file = file;
        _strict = strict;
    }

    /// <summary>Loads a feed.</summary>
    /// <param name="file">The file, plain or gzip.</param>
    /// <param name="format">Its format; null to tell it from the content.</param>
    /// <param name="strict">Whether the first problem is refused.</param>
    /// <exception cref="FeedException">There is nothing to replay, or <paramref name="strict"/> refuses what there is.</exception>
    public static LoadedFeed Load(string file, FeedFormat? format, bool strict)
    {
        // Unless told so, .NET takes the end of the file for the end of the gzip data, wherever in the data it comes.
        AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", true);
        if (Directory.Exists(file))
        {
            throw new FeedException($"{file}: is a folder, not a feed");
        }

        try
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
            using Stream content = IsGzip(stream) ? new GZipStream(stream, CompressionMode.Decompress) : stream;
            return new FeedLoader(file, strict).Load(new LineReader(content), format);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FeedException($"{file}: no such file", e);
        }
        catch (OutOfMemoryException e)
        {
            throw new FeedException($"{file}: holds more events than there is memory for", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new FeedException($"{file}: cannot be read: {e.Message}", e);
        }
    }

    private static bool IsGzip(FileStream stream)
    {
        bool isGzip = stream.ReadByte() == 0x1F && stream.ReadByte() == 0x8B;
        stream.Position = 0;
        return isGzip;
    }

    private LoadedFeed Load(LineReader lines, FeedFormat? asked)
    {
        FeedFormat format = asked ?? FeedFormat.Sse;
        try
        {
            format = asked ?? Detect(lines.Peek());
            if (format == FeedFormat.Lobster)
            {
                _symbols.Add(NameWithoutExtensions(_file));
            }

            ReadLines(lines, format);
        }
        catch (InvalidDataException)
        {
            // The exception's own words name archive entries and compression methods, which the user never heard of.
            Report(lines.LineNumber + 1, "the gzip data breaks off or is damaged here");
        }

        if (_events.WrittenCount == 0)
        {
            FeedProblem first = _problems.Count > 0 ? _problems[0] : new(Math.Max(1, lines.LineNumber), "no event in the file");
            throw FeedException.At(_file, first with { What = $"{first.What}: nothing to replay" });
        }

        return new LoadedFeed
        {
            Name = _file,
            Format = format,
            Events = _events.WrittenMemory,
            Symbols = _symbols.Names,
            BrokenLines = _brokenLines,
            FirstProblems = _problems,
        };
    }

    private FeedFormat Detect(ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty)
        {
            throw new FeedException($"{_file}(1): the file is empty: nothing to replay");
        }

        // The first line with a format's number of fields decides: one that is broken does not hide the others.
        foreach (Range range in head.Split((byte)'\n'))
        {
            switch (FieldReader.CountFields(head[range]))
            {
                case SseFormat.FieldCount:
                    return FeedFormat.Sse;
                case LobsterFormat.FieldCount:
                    return FeedFormat.Lobster;
            }
        }

        throw new FeedException(
            $"{_file}(1): no line of {SseFormat.FieldCount} fields (sse) or {LobsterFormat.FieldCount} (lobster) near the start: "
            + "not a feed, or name its --format");
    }

    private void ReadLines(LineReader lines, FeedFormat format)
    {
        while (true)
        {
            LineKind kind = lines.Read(out ReadOnlySpan<byte> line);
            if (kind == LineKind.End)
            {
                return;
            }

            if (kind == LineKind.TooLong)
            {
                Report(lines.LineNumber, $"the line is longer than {LineReader.MaxLength} bytes");
                continue;
            }

            if (line.IsEmpty || (format == FeedFormat.Sse && lines.LineNumber == 1 && line.SequenceEqual(SseFormat.Header)))
            {
                continue;
            }

            string? problem = format == FeedFormat.Sse
                ? SseFormat.Parse(line, _symbols, out FeedEvent feedEvent)
                : LobsterFormat.Parse(line, out feedEvent);
            if (problem is not null)
            {
                Report(lines.LineNumber, problem);
                continue;
            }

            feedEvent.Line = lines.LineNumber;
            _events.GetSpan(1)[0] = feedEvent;
            _events.Advance(1);
        }
    }

    private void Report(int line, string what)
    {
        FeedProblem problem = new(line, what);
        if (_strict)
        {
            throw FeedException.At(_file, problem);
        }

        _brokenLines++;
        if (_problems.Count < NamedProblems)
        {
            _problems.Add(problem);
        }
    }

    private static string NameWithoutExtensions(string file)
    {
        string name = Path.GetFileName(file);
        int point = name.IndexOf('.', StringComparison.Ordinal);
        return point > 0 ? name[..point] : name;
    }
}
