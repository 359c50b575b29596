// The recording of a heap's calls, or of all heaps': each call becomes an event of a trace (TraceFormat.cs), at once and under one lock, whose order is the trace's.
//
// A recorded heap's bins are closed, so that every call of its users is in a slow path; there Heaps calls Alloc after the allocator has returned, Free before the
// allocator is called, and Realloc between the two. What the recorder does not know it leaves out: the free of a block that is older than the recording, or of none at all.
//
//     events = written to the file + in buffers that are full and on their way there + in the buffer that is being filled
//     offset of an event in the file = sizeof(TraceHeader) + its number * sizeof(TraceEvent)
//
// Events go to the file by the buffer. Who fills one leaves the lock and then writes it, at the offset that the buffer was given when it was begun: buffers may arrive in any order,
// and a thread that records faster than the disk writes is held up by its own buffer. The header comes last; until then the file begins with zeros, which no reader takes for a trace.
//
// No other lock is held when its lock is taken, and none is taken under it. Under it its tables grow, and what they leave goes back to the system: calls that a recording may wait for.
// The recorder itself lives in memory that is never unmapped, and is never used again: a thread that comes late finds it closed. Its tables and buffers are in no statistics.
//
// A recording that fails (no memory, disk full) closes itself, says why when it is finished, and leaves its file without a header. The program goes on without it.

using System;
using System.Globalization;
using System.IO;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Threading;

using NativeHeap.Platform;

namespace NativeHeap.Recording;

/// <summary>Records the calls of one or more heaps into a file.</summary>
internal unsafe struct Recorder
{
    /// <summary>Names the file that all heaps of the process are recorded to.</summary>
    public static string Variable => Settings.EnvironmentNameOf(Setting);

    /// <summary>Stands for the process's number in the value of <see cref="Variable"/>, which children inherit.</summary>
    public const string ProcessPlaceholder = "{pid}";

    private const string Setting = "Record";
    private const nuint DefaultAlignment = 16;
    private const string NoMemory = "The system refused memory for the recording's own tables.";

    private HeapLock _lock;
    private bool _isOpen;
    private bool _isFinishing;
    private bool _isFinished;
    private int _writing;
    private ulong _liveBytes;
    private TraceHeader _header;
    private LiveSlots _objects;
    private GrowingArray<uint> _threads;
    private EventBuffer* _buffer;
    private EventBuffer* _full;
    private EventBuffer* _spare;
    private GCHandle<TraceWriter> _writer;

    /// <summary>Starts the recording that the environment asks for.</summary>
    /// <returns>The recorder, or null if it asks for none.</returns>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static Recorder* FromEnvironment(MetadataAllocator* metadata)
    {
        string? file = Settings.Read(Setting);
        return string.IsNullOrEmpty(file)
            ? null
            : Start(file.Replace(ProcessPlaceholder, Environment.ProcessId.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal), metadata);
    }

    /// <summary>Starts a recording. It ends by <see cref="Finish"/>, at the latest when the process exits.</summary>
    /// <param name="file">What to write; with <c>.br</c> at its end it is compressed.</param>
    /// <param name="metadata">Where the recorder's own memory comes from.</param>
    /// <returns>The recorder.</returns>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static Recorder* Start(string file, MetadataAllocator* metadata)
    {
        TraceWriter writer = TraceWriter.Create(file);
        Recorder* recorder = metadata->Alloc<Recorder>();
        if (recorder == null)
        {
            // Which throws.
            writer.Fail(NoMemory);
            writer.Complete(default);
            return null;
        }

        recorder->_writer = new GCHandle<TraceWriter>(writer);
        recorder->_isOpen = true;
        writer.CompleteAtExit(() => Finish(recorder));
        return recorder;
    }

    /// <summary>Ends a recording and completes its file. Does nothing but wait where that has been done or is being done.</summary>
    /// <exception cref="IOException">The recording has failed; the message says why.</exception>
    public static void Finish(Recorder* recorder)
    {
        recorder->_lock.Enter();
        bool isFirst = !recorder->_isFinishing;
        recorder->_isFinishing = true;
        recorder->_isOpen = false;
        recorder->_lock.Exit();
        if (!isFirst)
        {
            while (!Volatile.Read(ref recorder->_isFinished))
            {
                _ = Thread.Yield();
            }

            return;
        }

        while (Volatile.Read(ref recorder->_writing) != 0)
        {
            _ = Thread.Yield();
        }

        try
        {
            recorder->Complete();
        }
        finally
        {
            Volatile.Write(ref recorder->_isFinished, true);
        }
    }

    /// <summary>Records an allocation, after it was made.</summary>
    /// <param name="block">The block.</param>
    /// <param name="size">What was asked for, in bytes; what the format has no room for is cut.</param>
    /// <param name="alignment">In bytes.</param>
    /// <param name="zeroed">Whether zeros were asked for. An alignment over 16 bytes comes first: the format has one or the other.</param>
    /// <param name="heap">The index of the heap.</param>
    /// <returns>Whether the recording goes on.</returns>
    public bool Alloc(void* block, nuint size, nuint alignment, bool zeroed, int heap)
    {
        TraceOp op = alignment > DefaultAlignment ? TraceOp.AllocAligned : zeroed ? TraceOp.AllocZeroed : TraceOp.Alloc;
        int shift = alignment > DefaultAlignment ? BitOperations.Log2(alignment) : 0;
        _lock.Enter();
        if (_isOpen && !TryAdd(op, shift, new() { Address = (nuint)block, Size = SizeOf(size), HeapIndex = heap }))
        {
            Fail(NoMemory);
        }

        return Leave();
    }

    /// <summary>Records a free, before it is made.</summary>
    /// <returns>Whether the recording goes on.</returns>
    public bool Free(void* block)
    {
        _lock.Enter();
        if (_isOpen && _objects.TryFind((nuint)block, out uint slot) && !TryRemove(slot))
        {
            Fail(NoMemory);
        }

        return Leave();
    }

    /// <summary>Records a change of size, when the new block is there and the old one, if it is another, not yet free.</summary>
    /// <returns>Whether the recording goes on.</returns>
    public bool Realloc(void* block, void* moved, nuint size, int heap)
    {
        _lock.Enter();
        if (_isOpen)
        {
            // Of a block that is older than the recording, this is the first there is to say.
            LiveObject now = new() { Address = (nuint)moved, Size = SizeOf(size), HeapIndex = heap };
            bool isKnown = _objects.TryFind((nuint)block, out uint slot);
            if (!(isKnown ? TryMove(slot, now) : TryAdd(TraceOp.Alloc, 0, now)))
            {
                Fail(NoMemory);
            }
        }

        return Leave();
    }

    /// <summary>Records frees of all that is alive in a heap, before it is disposed of. No thread may be using the heap.</summary>
    public void FreeAll(int heap)
    {
        bool more = true;
        for (uint slot = 0; more; slot++)
        {
            _lock.Enter();
            more = slot < _objects.Count;
            if (_isOpen && more && _objects[slot].Address != 0 && _objects[slot].HeapIndex == heap && !TryRemove(slot))
            {
                Fail(NoMemory);
            }

            more &= Leave();
        }
    }

    private static uint SizeOf(nuint size) => (uint)nuint.Min(size, uint.MaxValue);

    private bool TryAdd(TraceOp op, int alignmentShift, LiveObject added) =>
        TryNumberThread(out uint thread)
        && _objects.TryAdd(added, thread, out uint slot)
        && TryAppend(new() { Op = op, AlignmentShift = (byte)alignmentShift, Thread = (ushort)thread, Slot = slot, Size = added.Size }, 0);

    private bool TryRemove(uint slot)
    {
        uint size = _objects[slot].Size;
        return TryNumberThread(out uint thread)
            && _objects.TryRemove(slot, thread)
            && TryAppend(new() { Op = TraceOp.Free, Thread = (ushort)thread, Slot = slot }, size);
    }

    private bool TryMove(uint slot, LiveObject now)
    {
        uint size = _objects[slot].Size;
        _objects.Move(slot, now.Address, now.Size);
        return TryNumberThread(out uint thread)
            && TryAppend(new() { Op = TraceOp.Realloc, Thread = (ushort)thread, Slot = slot, Size = now.Size }, size);
    }

    // A thread's number in the trace is by its first event. The runtime gives an ended thread's identifier to a later one, which goes on under the same number. Beyond the
    // format's last number all are the last.
    private bool TryNumberThread(out uint thread)
    {
        thread = 0;
        uint identifier = (uint)Environment.CurrentManagedThreadId;
        if (!_threads.TryReach(identifier))
        {
            return false;
        }

        ref uint number = ref _threads[identifier];
        if (number == 0)
        {
            _header.Threads = uint.Min(_header.Threads + 1, TraceHeader.MaxThreads);
            number = _header.Threads;
        }

        thread = number - 1;
        return true;
    }

    private bool TryAppend(TraceEvent added, uint bytesGone)
    {
        if (_buffer == null)
        {
            _buffer = _spare != null ? _spare : EventBuffer.Create();
            if (_buffer == null)
            {
                return false;
            }

            _spare = _buffer->Next;
            _buffer->Next = null;
            _buffer->Count = 0;
            _buffer->Offset = sizeof(TraceHeader) + ((long)_header.Events * sizeof(TraceEvent));
        }

        _buffer->Events[_buffer->Count++] = added;
        if (_buffer->Count == EventBuffer.Capacity)
        {
            _full = _buffer;
            _buffer = null;
        }

        _liveBytes += (ulong)added.Size - bytesGone;
        _header.Events++;
        _header.PeakLiveBytes = ulong.Max(_header.PeakLiveBytes, _liveBytes);
        _header.TotalBytes += added.Size;
        return true;
    }

    // Leaves the lock, and then writes the buffer that was filled under it, if one was. Whether the recording goes on.
    private bool Leave()
    {
        EventBuffer* full = _full;
        bool isOpen = _isOpen;
        _full = null;
        _writing += full != null ? 1 : 0;
        _lock.Exit();
        if (full != null)
        {
            bool written = _writer.Target.TryWrite(full->Written, full->Offset, out string? reason);
            _lock.Enter();
            full->Next = _spare;
            _spare = full;
            if (!written)
            {
                Fail(reason!);
            }

            Volatile.Write(ref _writing, _writing - 1);
            isOpen = _isOpen;
            _lock.Exit();
        }

        return isOpen;
    }

    private void Fail(string reason)
    {
        _isOpen = false;
        _writer.Target.Fail(reason);
    }

    // Nobody else is at work any more: the recorder is closed, and all that was full is written.
    private void Complete()
    {
        TraceWriter writer = _writer.Target;
        _writer.Dispose();
        if (_buffer != null && !writer.TryWrite(_buffer->Written, _buffer->Offset, out string? reason))
        {
            writer.Fail(reason);
        }

        _header.Magic = TraceHeader.ExpectedMagic;
        _header.Slots = _objects.Count;
        _objects.Release();
        _threads.Release();
        EventBuffer.Release(_buffer);
        EventBuffer.Release(_spare);
        _buffer = _spare = null;
        writer.Complete(_header);
    }
}
