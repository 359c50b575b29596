// The file of a recording. Events are written to their places as they come, and the header when all are there.
//
// A file that is to be compressed is written plain at first: the header stands before the events in the compressed stream, and is known only after them. Completing it packs the
// file into another beside it, which then takes its name.
//
// Writing happens on threads that allocate, so there it allocates no managed memory unless it fails. Nothing is thrown there either: a reason is kept, and thrown by Complete.

using System;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace NativeHeap.Recording;

/// <summary>Writes a trace.</summary>
internal sealed class TraceWriter
{
    private const string CompressedEnding = ".br";
    private const string PackedEnding = ".tmp";
    private const int CopyStep = 1 << 20;

    // Traces come out a seventh smaller than by 4, at three quarters of its speed. 9 saves at most two hundredths more in four times the time, 11 a sixth in eighty times.
    private const int Quality = 5;

    private readonly string _file;
    private readonly FileStream _stream;
    private EventHandler? _atExit;
    private string? _failure;

    private TraceWriter(string file, FileStream stream)
    {
        _file = file;
        _stream = stream;
    }

    /// <summary>Creates the file.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "Complete disposes of it.")]
    public static TraceWriter Create(string file)
    {
        try
        {
            // Nobody else may write it, which the system sees to; without a buffer, since buffers are what is written.
            FileStream stream = new(file, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 });
            if (stream.CanSeek)
            {
                return new(file, stream);
            }

            stream.Dispose();
            throw new IOException("It is no file on a disk.");
        }
        catch (Exception refused) when (IsRefusal(refused))
        {
            throw new IOException(
                $"Cannot record allocations to '{file}': {refused.Message} Name a file in a folder that exists and that you may write to; for several processes, {Recorder.Variable} takes {Recorder.ProcessPlaceholder} for the process's number.",
                refused);
        }
    }

    /// <summary>Has the recording finished when the process exits, unless it was before. What is wrong then is said on standard error.</summary>
    public void CompleteAtExit(Action finish)
    {
        _atExit = (_, _) =>
        {
            try
            {
                finish();
            }
            catch (IOException failed)
            {
                Console.Error.WriteLine($"NativeHeap: {failed.Message}");
            }
        };
        AppDomain.CurrentDomain.ProcessExit += _atExit;
    }

    /// <summary>Writes some events.</summary>
    /// <param name="bytes">The events.</param>
    /// <param name="offset">Their place in the file.</param>
    /// <param name="reason">Why they could not be written.</param>
    /// <returns>Whether they are written.</returns>
    public bool TryWrite(ReadOnlySpan<byte> bytes, long offset, [NotNullWhen(false)] out string? reason)
    {
        try
        {
            RandomAccess.Write(_stream.SafeFileHandle, bytes, offset);
            reason = null;
            return true;
        }
        catch (Exception refused) when (IsRefusal(refused))
        {
            reason = refused.Message;
            return false;
        }
    }

    /// <summary>Keeps the first reason why there will be no complete file. Under the recorder's lock, or when there is no other thread at work.</summary>
    public void Fail(string reason) => _failure ??= reason;

    /// <summary>Completes the file, or leaves it without a header if the recording has failed.</summary>
    /// <exception cref="IOException">It has, or the file cannot be completed.</exception>
    public void Complete(TraceHeader header)
    {
        AppDomain.CurrentDomain.ProcessExit -= _atExit;
        using (_stream)
        {
            string? reason = _failure;
            if (reason is not null || !TryWrite(MemoryMarshal.AsBytes(new ReadOnlySpan<TraceHeader>(in header)), 0, out reason))
            {
                throw new IOException($"The recording of allocations in '{_file}' is not complete and cannot be replayed: {reason}");
            }

            if (_file.EndsWith(CompressedEnding, StringComparison.Ordinal))
            {
                Pack();
            }
        }
    }

    private void Pack()
    {
        string packed = _file + PackedEnding;
        try
        {
            using (FileStream target = File.Create(packed))
            using (BrotliStream brotli = new(target, new BrotliCompressionOptions { Quality = Quality }))
            {
                _stream.Position = 0;
                _stream.CopyTo(brotli, CopyStep);
            }

            _stream.Dispose();
            File.Move(packed, _file, overwrite: true);
        }
        catch (Exception refused) when (IsRefusal(refused))
        {
            throw new IOException($"The recording of allocations in '{_file}' is complete, but could not be compressed: {refused.Message}", refused);
        }
    }

    private static bool IsRefusal(Exception thrown) => thrown is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;
}
