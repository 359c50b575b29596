// Reading NHT1 files, plain or compressed with Brotli, and refusing broken ones.
//
// All that the format promises is checked here, once: that the file is complete, that slots and threads exist, that an object is allocated
// before it is freed and not twice, that the header's figures are those of the events. Whatever is wrong becomes one line that names the
// file; the folder's files are all checked before the first is measured, so that it is not found out after half an hour.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;

using NativeHeap.Recording;

namespace NativeHeap.Benchmarks.Measures.Traces;

internal static unsafe class TraceFile
{
    private const string Plain = ".nht";
    private const string Compressed = ".nht.br";
    private const int ReadStep = 1 << 20;

    /// <summary>The traces in a folder, in the order of their names.</summary>
    public static IReadOnlyList<string> In(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new UsageException($"There is no folder '{folder}': name the one that holds the traces (*{Compressed} or *{Plain}).");
        }

        string[] files = [.. Directory.EnumerateFiles(folder).Where(file => file.EndsWith(Compressed, StringComparison.Ordinal) || file.EndsWith(Plain, StringComparison.Ordinal))];
        return files.Length == 0
            ? throw new UsageException($"There is no trace in '{folder}': traces end in {Compressed} or {Plain}.")
            : [.. files.DistinctBy(NameOf).OrderBy(NameOf, StringComparer.Ordinal)];
    }

    public static string NameOf(string file) => Path.GetFileName(file).Split(Plain)[0];

    public static Trace Read(string file)
    {
        try
        {
            using Stream stream = Open(file);
            return Read(stream, file);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"Cannot read '{file}': {refused.Message}");
        }
        catch (InvalidDataException broken)
        {
            throw new UsageException($"'{file}' is broken: {broken.Message}.");
        }
        catch (OutOfMemoryException)
        {
            throw new UsageException($"Cannot read '{file}': there is not the memory for as many events as its header speaks of.");
        }
    }

    /// <summary>Writes a trace without compression, for workers and for the replayer in C.</summary>
    public static void Write(Trace trace, string file)
    {
        using FileStream stream = File.Create(file);
        TraceHeader header = trace.Header;
        stream.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<TraceHeader>(in header)));
        long length = (long)trace.Count * sizeof(TraceEvent);
        for (long offset = 0; offset < length; offset += ReadStep)
        {
            stream.Write(trace.Bytes(offset, (int)long.Min(ReadStep, length - offset)));
        }
    }

    private static Stream Open(string file)
    {
        FileStream raw = File.OpenRead(file);
        return file.EndsWith(Compressed, StringComparison.Ordinal) ? new UnpackingStream(raw) : raw;
    }

    private static Trace Read(Stream stream, string file)
    {
        TraceHeader header;
        int got = stream.ReadAtLeast(new Span<byte>(&header, sizeof(TraceHeader)), sizeof(TraceHeader), throwOnEndOfStream: false);
        if (got < sizeof(uint) || header.Magic != TraceHeader.ExpectedMagic)
        {
            throw new UsageException($"'{file}' is no NHT1 trace: it does not begin with the letters NHT1.");
        }

        if (got < sizeof(TraceHeader))
        {
            throw new InvalidDataException($"it ends within its header, after {got} of {sizeof(TraceHeader)} bytes");
        }

        if (header.Events == 0)
        {
            throw new UsageException($"'{file}' is of no use: it has no events.");
        }

        if (header.Events > int.MaxValue / 4 || header.Slots > int.MaxValue / 4 || header.Threads > TraceHeader.MaxThreads)
        {
            throw new InvalidDataException($"its header speaks of {header.Events} events, {header.Slots} slots and {header.Threads} threads");
        }

        Trace trace = new(NameOf(file), header);
        try
        {
            ReadEvents(stream, trace);
            TraceCheck.Run(trace);
            return trace;
        }
        catch
        {
            trace.Free();
            throw;
        }
    }

    private static void ReadEvents(Stream stream, Trace trace)
    {
        long length = (long)trace.Count * sizeof(TraceEvent);
        long offset = 0;
        while (offset < length)
        {
            int step = (int)long.Min(ReadStep, length - offset);
            int got = stream.ReadAtLeast(trace.Bytes(offset, step), step, throwOnEndOfStream: false);
            offset += got;
            if (got < step)
            {
                throw new InvalidDataException($"it ends after {offset / sizeof(TraceEvent)} of {trace.Count} events");
            }
        }

        if (stream.ReadByte() >= 0)
        {
            throw new InvalidDataException("it goes on after its last event");
        }
    }
}
