using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;

using CsCheck;

using NativeHeap.Benchmarks.Measures.Traces;
using NativeHeap.Recording;
using NativeHeap.Tests;
using NativeHeap.Tests.Recording;

using Xunit;

namespace NativeHeap.Benchmarks.Tests.Traces;

/// <summary>Reading traces: every sound one is read as it is, every other is refused with one line that names file and fault.</summary>
public sealed unsafe class TraceFileTests : IDisposable
{
    private const int OpField = 0;
    private const int ShiftField = 1;
    private const int ThreadField = 2;
    private const int SlotField = 4;
    private const int SizeField = 8;

    // What the file is, and how the line about it goes on.
    private static readonly Dictionary<string, (Func<byte[]> Bytes, string Line)> s_plain = new()
    {
        ["empty"] = (() => [], "is no NHT1 trace: it does not begin with the letters NHT1."),
        ["too short for its letters"] = (() => Sound()[..3], "is no NHT1 trace: it does not begin with the letters NHT1."),
        ["another format's"] = (() => Spoilt(0, (byte)'M'), "is no NHT1 trace: it does not begin with the letters NHT1."),
        ["another version's"] = (() => Spoilt(3, (byte)'2'), "is no NHT1 trace: it does not begin with the letters NHT1."),
        ["cut within the header"] = (() => Sound()[..20], "is broken: it ends within its header, after 20 of 36 bytes."),
        ["without events"] = (() => new TraceBuilder().ToBytes(), "is of no use: it has no events."),
        ["of more events than there can be"] = (() => SpoiltHeader(12, 1u << 30), "is broken: its header speaks of 1073741824 events, 2 slots and 2 threads."),
        ["of more slots than there can be"] = (() => SpoiltHeader(8, uint.MaxValue), "is broken: its header speaks of 6 events, 4294967295 slots and 2 threads."),
        ["of more threads than there can be"] = (() => SpoiltHeader(4, 65_537), "is broken: its header speaks of 6 events, 2 slots and 65537 threads."),
        ["cut after its header"] = (() => Sound()[..36], "is broken: it ends after 0 of 6 events."),
        ["cut between events"] = (() => Sound()[..^12], "is broken: it ends after 5 of 6 events."),
        ["cut within an event"] = (() => Sound()[..^1], "is broken: it ends after 5 of 6 events."),
        ["too long by a byte"] = (() => [.. Sound(), 0], "is broken: it goes on after its last event."),
        ["too long by an event"] = (() => SpoiltHeader(12, 5), "is broken: it goes on after its last event."),
        ["of an operation 0"] = (() => SpoiltEvent(2, OpField, 0), "is broken: event 2 has operation 0, alignment 2^0, thread 1, slot 0."),
        ["of an operation 6"] = (() => SpoiltEvent(2, OpField, 6), "is broken: event 2 has operation 6, alignment 2^0, thread 1, slot 0."),
        ["of a slot that is not"] = (() => SpoiltEvent(5, SlotField, 2), "is broken: event 5 has operation 2, alignment 2^0, thread 0, slot 2."),
        ["of a thread that is not"] = (() => SpoiltEvent(3, ThreadField, 2), "is broken: event 3 has operation 2, alignment 2^0, thread 2, slot 1."),
        ["of an alignment that cannot be"] = (() => SpoiltEvent(4, ShiftField, 22), "is broken: event 4 has operation 4, alignment 2^22, thread 0, slot 1."),
        ["of an allocation with an alignment"] = (() => SpoiltEvent(0, ShiftField, 4), "is broken: event 0 (Alloc) has an alignment, of 2^4."),
        ["of a free with an alignment"] = (() => SpoiltEvent(3, ShiftField, 1), "is broken: event 3 (Free) has an alignment, of 2^1."),
        ["of a free with a size"] = (() => SpoiltEvent(3, SizeField, 8), "is broken: event 3 (Free) has a size, of 8."),
        ["of two frees"] = (() => SpoiltEvent(2, OpField, 2, SizeField, 0), "is broken: event 5 (Free) finds slot 0 empty."),
        ["of a free before its allocation"] = (() => SpoiltEvent(1, OpField, 2, SizeField, 0), "is broken: event 1 (Free) finds slot 1 empty."),
        ["of a realloc before its allocation"] = (() => SpoiltEvent(1, OpField, 5), "is broken: event 1 (Realloc) finds slot 1 empty."),
        ["of two allocations"] = (() => SpoiltEvent(2, OpField, 1), "is broken: event 2 (Alloc) finds slot 0 taken."),
        ["of threads in disorder"] = (() => SpoiltEvent(0, ThreadField, 1), "is broken: event 0 is by thread 1, before any by thread 0."),
        ["of fewer threads"] = (() => SpoiltHeader(4, 3), "is broken: its header speaks of 3 threads, its events of 2."),
        ["of fewer slots"] = (() => SpoiltHeader(8, 3), "is broken: its header speaks of 3 slots, its events of 2."),
        ["of another peak"] = (() => SpoiltHeader(20, 501), "is broken: its header speaks of 501 peak live bytes, its events of 500."),
        ["of another total"] = (() => SpoiltHeader(28, 0), "is broken: its header speaks of 0 total bytes, its events of 650."),
    };

    private static readonly Dictionary<string, (Func<byte[]> Bytes, string Line)> s_packed = new()
    {
        ["empty"] = (() => [], "is broken: the end of what Brotli wrote is missing."),
        ["not packed"] = (Sound, "is broken: it is not what Brotli writes."),
        ["without its last byte"] = (() => TraceBuilder.Pack(Sound())[..^1], "is broken: the end of what Brotli wrote is missing."),
        ["without its second half"] = (() => TraceBuilder.Pack(Long())[..40_000], "is broken: the end of what Brotli wrote is missing."),
        ["too long by a byte"] = (() => [.. TraceBuilder.Pack(Sound()), 0], "is broken: it goes on after the end of what Brotli wrote."),
        ["two"] = (() => [.. TraceBuilder.Pack(Sound()), .. TraceBuilder.Pack(Sound())], "is broken: it goes on after the end of what Brotli wrote."),
        ["of a trace cut within an event"] = (() => TraceBuilder.Pack(Sound()[..^1]), "is broken: it ends after 5 of 6 events."),
        ["of a trace that is too long"] = (() => TraceBuilder.Pack([.. Sound(), 0]), "is broken: it goes on after its last event."),
        ["of something else"] = (() => TraceBuilder.Pack("Something else, of more than 36 bytes."u8.ToArray()), "is no NHT1 trace: it does not begin with the letters NHT1."),
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Plain => [.. s_plain.Keys];

    public static TheoryData<string> Packed => [.. s_packed.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Plain))]
    public void A_broken_file_is_refused_with_a_line(string which) => AssertRefused("trace.nht", s_plain[which].Bytes(), s_plain[which].Line);

    [Theory]
    [MemberData(nameof(Packed))]
    public void A_broken_packed_file_is_refused_with_a_line(string which) => AssertRefused("trace.nht.br", s_packed[which].Bytes(), s_packed[which].Line);

    [Fact]
    public void A_packed_file_that_is_cut_anywhere_is_refused()
    {
        byte[] packed = TraceBuilder.Pack(Sound());
        string file = _folder.PathOf("trace.nht.br");
        for (int length = 0; length < packed.Length; length++)
        {
            File.WriteAllBytes(file, packed[..length]);
            Assert.Throws<UsageException>(() => TraceFile.Read(file));
        }
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_refused_with_a_line()
    {
        string file = _folder.PathOf("trace.nht");
        Assert.StartsWith($"Cannot read '{file}': ", Assert.Throws<UsageException>(() => TraceFile.Read(file)).Message, StringComparison.Ordinal);
        Directory.CreateDirectory(file);
        Assert.StartsWith($"Cannot read '{file}': ", Assert.Throws<UsageException>(() => TraceFile.Read(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_traces_is_refused_with_a_line()
    {
        string folder = _folder.PathOf(".");
        File.WriteAllText(_folder.PathOf("README.md"), "No trace.");
        Assert.Contains($"There is no trace in '{folder}'", Assert.Throws<UsageException>(() => TraceFile.In(folder)).Message, StringComparison.Ordinal);
        folder = _folder.PathOf("nothing");
        Assert.Contains($"There is no folder '{folder}'", Assert.Throws<UsageException>(() => TraceFile.In(folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("trace.nht")]
    [InlineData("trace.nht.br")]
    public void A_sound_trace_is_read_as_it_is_and_written_as_it_was(string name)
        => TraceBuilder.Random.Sample(
            built =>
            {
                byte[] bytes = built.ToBytes();
                Trace trace = TraceFile.Read(Write(name, name.EndsWith(".br", StringComparison.Ordinal) ? TraceBuilder.Pack(bytes) : bytes));
                string copy = _folder.PathOf("copy.nht");
                TraceFile.Write(trace, copy);
                Assert.Equal("trace", trace.Name);
                Assert.True(bytes.AsSpan().SequenceEqual(File.ReadAllBytes(copy)));
                trace.Free();
            },
            iter: LongTests.Scale(50, 1_000),
            threads: 1);

    [Theory]
    [InlineData("trace.nht")]
    [InlineData("trace.nht.br")]
    public void What_a_heap_has_recorded_is_read(string name)
    {
        string file = _folder.PathOf(name);
        using (Heap heap = new(new HeapOptions { RecordTo = file }))
        {
            heap.Free(heap.Realloc(heap.AllocZeroed(100), 5_000));
            heap.Free(heap.AllocAligned(10, 4_096));
            _ = heap.Alloc(200);
        }

        Trace trace = TraceFile.Read(file);
        TraceOp[] ops = [.. Enumerable.Range(0, trace.Count).Select(i => trace.Events[i].Op)];
        Assert.Equal([TraceOp.AllocZeroed, TraceOp.Realloc, TraceOp.Free, TraceOp.AllocAligned, TraceOp.Free, TraceOp.Alloc], ops);
        Assert.Equal(5_000u, trace.Header.PeakLiveBytes);
        trace.Free();
    }

    private static byte[] Sound() => TraceBuilder.OfEveryKind().ToBytes();

    // Packed, it is longer than what is read of a file at a time.
    private static byte[] Long()
    {
        TraceBuilder built = new();
        Random random = new(1);
        for (uint slot = 0; slot < 50_000; slot++)
        {
            _ = built.Add(TraceOp.Alloc, slot, (uint)random.Next());
        }

        byte[] bytes = built.ToBytes();
        Assert.True(TraceBuilder.Pack(bytes).Length > 2 * 65_536);
        return bytes;
    }

    private static byte[] Spoilt(int offset, byte value)
    {
        byte[] bytes = Sound();
        bytes[offset] = value;
        return bytes;
    }

    private static byte[] SpoiltHeader(int offset, uint value)
    {
        byte[] bytes = Sound();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset), value);
        return bytes;
    }

    private static byte[] SpoiltEvent(int index, params ReadOnlySpan<int> fieldsAndValues)
    {
        byte[] bytes = Sound();
        ref TraceEvent e = ref MemoryMarshal.AsRef<TraceEvent>(bytes.AsSpan(TraceBuilder.HeaderSize + (index * TraceBuilder.EventSize), TraceBuilder.EventSize));
        for (int i = 0; i < fieldsAndValues.Length; i += 2)
        {
            int value = fieldsAndValues[i + 1];
            switch (fieldsAndValues[i])
            {
                case OpField:
                    e.Op = (TraceOp)value;
                    break;
                case ShiftField:
                    e.AlignmentShift = (byte)value;
                    break;
                case ThreadField:
                    e.Thread = (ushort)value;
                    break;
                case SlotField:
                    e.Slot = (uint)value;
                    break;
                default:
                    e.Size = (uint)value;
                    break;
            }
        }

        return bytes;
    }

    private void AssertRefused(string name, byte[] bytes, string line)
    {
        string file = Write(name, bytes);
        UsageException refused = Assert.Throws<UsageException>(() => TraceFile.Read(file));
        Assert.Equal($"'{file}' {line}", refused.Message);
    }

    private string Write(string name, byte[] bytes)
    {
        string file = _folder.PathOf(name);
        File.WriteAllBytes(file, bytes);
        return file;
    }
}
