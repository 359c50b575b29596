// A trace, read by the bytes: nothing here is shared with the code that writes it. Read asks for every promise of the format, the rule of the slots included, which it
// follows with lists instead of links.

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;

using Xunit;

namespace NativeHeap.Tests.Recording;

/// <summary>An event, as the file has it.</summary>
internal readonly record struct RecordedEvent(int Op, int AlignmentShift, int Thread, uint Slot, uint Size)
{
    public const int Alloc = 1;
    public const int Free = 2;
    public const int AllocZeroed = 3;
    public const int AllocAligned = 4;
    public const int Realloc = 5;
}

internal sealed class RecordedTrace
{
    private const int HeaderSize = 36;
    private const int EventSize = 12;

    private readonly Dictionary<uint, uint> _live = [];
    private readonly LinkedList<uint> _freeByAge = [];
    private readonly Dictionary<int, LinkedList<uint>> _freeByThread = [];
    private readonly Dictionary<uint, (LinkedListNode<uint> ByAge, LinkedListNode<uint> ByThread)> _free = [];

    private RecordedTrace()
    {
    }

    public List<RecordedEvent> Events { get; } = [];

    public int Threads { get; private set; }

    public ulong PeakLiveBytes { get; private set; }

    /// <summary>The objects that were never freed.</summary>
    public int LiveAtEnd => _live.Count;

    private uint Slots { get; set; }

    private ulong LiveBytes { get; set; }

    private ulong TotalBytes { get; set; }

    public static RecordedTrace Read(string file)
    {
        byte[] bytes = BytesOf(file);
        Assert.True(bytes.Length >= HeaderSize, $"The file has {bytes.Length} bytes.");
        Assert.True(bytes.AsSpan(0, 4).SequenceEqual("NHT1"u8), "The file does not begin with NHT1.");
        ReadOnlySpan<byte> header = bytes.AsSpan(0, HeaderSize);
        Assert.Equal((ulong)(bytes.Length - HeaderSize), BinaryPrimitives.ReadUInt64LittleEndian(header[12..]) * EventSize);

        RecordedTrace trace = new();
        for (int offset = HeaderSize; offset < bytes.Length; offset += EventSize)
        {
            ReadOnlySpan<byte> e = bytes.AsSpan(offset, EventSize);
            trace.Add(new(
                e[0],
                e[1],
                BinaryPrimitives.ReadUInt16LittleEndian(e[2..]),
                BinaryPrimitives.ReadUInt32LittleEndian(e[4..]),
                BinaryPrimitives.ReadUInt32LittleEndian(e[8..])));
        }

        Assert.Equal((uint)trace.Threads, BinaryPrimitives.ReadUInt32LittleEndian(header[4..]));
        Assert.Equal(trace.Slots, BinaryPrimitives.ReadUInt32LittleEndian(header[8..]));
        Assert.Equal(trace.PeakLiveBytes, BinaryPrimitives.ReadUInt64LittleEndian(header[20..]));
        Assert.Equal(trace.TotalBytes, BinaryPrimitives.ReadUInt64LittleEndian(header[28..]));
        return trace;
    }

    private static byte[] BytesOf(string file)
    {
        if (!file.EndsWith(".br", StringComparison.Ordinal))
        {
            return File.ReadAllBytes(file);
        }

        using BrotliStream packed = new(File.OpenRead(file), CompressionMode.Decompress);
        using MemoryStream plain = new();
        packed.CopyTo(plain);
        return plain.ToArray();
    }

    private void Add(RecordedEvent e)
    {
        Assert.InRange(e.Op, RecordedEvent.Alloc, RecordedEvent.Realloc);
        Assert.InRange(e.Thread, 0, Threads);
        Assert.True(e.AlignmentShift == 0 || (e.Op == RecordedEvent.AllocAligned && e.AlignmentShift <= 21), $"{e} has an alignment.");
        Threads = Math.Max(Threads, e.Thread + 1);
        switch (e.Op)
        {
            case RecordedEvent.Free:
                Assert.Equal(0u, e.Size);
                Assert.True(_live.Remove(e.Slot, out uint freed), $"{e} is of a slot that is free.");
                LiveBytes -= freed;
                Release(e.Slot, e.Thread);
                break;
            case RecordedEvent.Realloc:
                Assert.True(_live.TryGetValue(e.Slot, out uint old), $"{e} is of a slot that is free.");
                LiveBytes = LiveBytes - old + e.Size;
                _live[e.Slot] = e.Size;
                break;
            default:
                Assert.Equal(TakeSlot(e.Thread), e.Slot);
                Assert.True(_live.TryAdd(e.Slot, e.Size), $"{e} is of a slot that is taken.");
                LiveBytes += e.Size;
                break;
        }

        TotalBytes += e.Size;
        PeakLiveBytes = Math.Max(PeakLiveBytes, LiveBytes);
        Events.Add(e);
    }

    // The slot that the thread freed last, else the one that has been free longest, else a new one.
    private uint TakeSlot(int thread)
    {
        LinkedListNode<uint>? node = FreedBy(thread).Last ?? _freeByAge.First;
        if (node is null)
        {
            return Slots++;
        }

        uint slot = node.Value;
        _ = _free.Remove(slot, out (LinkedListNode<uint> ByAge, LinkedListNode<uint> ByThread) nodes);
        nodes.ByAge.List!.Remove(nodes.ByAge);
        nodes.ByThread.List!.Remove(nodes.ByThread);
        return slot;
    }

    private void Release(uint slot, int thread) => _free.Add(slot, (_freeByAge.AddLast(slot), FreedBy(thread).AddLast(slot)));

    private LinkedList<uint> FreedBy(int thread)
    {
        if (!_freeByThread.TryGetValue(thread, out LinkedList<uint>? slots))
        {
            _freeByThread[thread] = slots = [];
        }

        return slots;
    }
}
