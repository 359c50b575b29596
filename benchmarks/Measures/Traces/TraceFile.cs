// Reading NHT1 files, plain or compressed with Brotli, and refusing broken ones.
//
// All that a replay relies on is checked here, once: that the file is complete, that slots and threads exist, that an object is allocated
// before it is freed and not twice. Whatever is wrong becomes one line that names the file; the folder's files are all checked before
// the first is measured, so that it is not found out after half an hour.

using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Runtime.InteropServices;

namespace NativeHeap.Benchmarks.Measures.Traces;

internal static unsafe class TraceFile
{
    private const string Plain = ".nht";
    private const string Compressed = ".nht.br";
    private const int MaxAlignmentShift = 21;
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
        catch (InvalidDataException)
        {
            throw new UsageException($"'{file}' is broken: it is not what Brotli writes, or its end is missing.");
        }
        catch (OutOfMemoryException)
        {
            throw new UsageException($"Cannot read '{file}': there is not the memory for as many events as its header speaks of.");
        }
        catch (InvalidOperationException)
        {
            // How BrotliStream says it of some inputs.
            throw new UsageException($"'{file}' is broken: it is not what Brotli writes.");
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
        return file.EndsWith(Compressed, StringComparison.Ordinal) ? new BrotliStream(raw, CompressionMode.Decompress) : raw;
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
            throw new UsageException($"'{file}' is broken: it ends within its header, after {got} of {sizeof(TraceHeader)} bytes.");
        }

        if (header.Events == 0)
        {
            throw new UsageException($"'{file}' is of no use: it has no events.");
        }

        if (header.Events > int.MaxValue / 4 || header.Slots > int.MaxValue / 4 || header.Threads > ushort.MaxValue + 1)
        {
            throw new UsageException($"'{file}' is broken: its header speaks of {header.Events} events, {header.Slots} slots and {header.Threads} threads.");
        }

        Trace trace = new(NameOf(file), header);
        ReadEvents(stream, trace, file);
        Check(trace, file);
        return trace;
    }

    private static void ReadEvents(Stream stream, Trace trace, string file)
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
                throw new UsageException($"'{file}' is broken: it ends after {offset / sizeof(TraceEvent)} of {trace.Count} events.");
            }
        }

        if (stream.ReadByte() >= 0)
        {
            throw new UsageException($"'{file}' is broken: it goes on after its last event.");
        }
    }

    private static void Check(Trace trace, string file)
    {
        bool[] live = new bool[trace.Slots];
        for (int i = 0; i < trace.Count; i++)
        {
            TraceEvent e = trace.Events[i];
            if (e.Slot >= (uint)trace.Slots || e.Thread >= trace.Threads || e.Op is 0 or > TraceOp.Realloc || e.AlignmentShift > MaxAlignmentShift)
            {
                throw new UsageException($"'{file}' is broken: event {i} has operation {(int)e.Op}, alignment 2^{e.AlignmentShift}, thread {e.Thread}, slot {e.Slot}.");
            }

            ref bool isLive = ref live[e.Slot];
            if (isLive != e.Op is TraceOp.Free or TraceOp.Realloc)
            {
                throw new UsageException($"'{file}' is broken: event {i} ({e.Op}) finds slot {e.Slot} {(isLive ? "taken" : "empty")}.");
            }

            isLive = e.Op != TraceOp.Free;
        }
    }
}
