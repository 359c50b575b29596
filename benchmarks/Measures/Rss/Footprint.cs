// What 256 MiB of objects of one size take, in a worker that does nothing else: by NativeHeap's own statistics, and as the kernel counts it.
//
// The waste is measured in a heap of its own, with objects of the smallest size that belongs in the slot:
//
//     waste = bytes of the heap's spans - objects * size of the cell         at the moment at which the least of the spans is not in use
//
// which for slots is when a refill has emptied the spans and its slots are used up: then all that is left over are the ends of spans, and what slots are larger than Go's.

using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Rss;

/// <param name="Live">The bytes of the objects' slots or pages.</param>
/// <param name="Mapped">The bytes that are mapped for objects.</param>
/// <param name="Metadata">The bytes of the allocator's own structures.</param>
/// <param name="Resident">The bytes by which the process grew.</param>
/// <param name="Waste">The share of spans that is in no slot; of large objects their rest of a page, in pages.</param>
internal readonly record struct Footprint(long Live, long Mapped, long Metadata, long Resident, double Waste)
{
    /// <summary>Of all objects together, but for less than one.</summary>
    public const long Bytes = 256L << 20;

    private const int WasteSpans = 3;
    private const int PageSize = 8192;

    public static Footprint Parse(string line)
    {
        string[] parts = line.Split(' ');
        long[] bytes = [.. parts[..4].Select(part => long.Parse(part, CultureInfo.InvariantCulture))];
        return new(bytes[0], bytes[1], bytes[2], bytes[3], double.Parse(parts[4], CultureInfo.InvariantCulture));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Live} {Mapped} {Metadata} {Resident} {Waste:R}");

    public static unsafe Footprint Measure(SizeCell cell)
    {
        Compilation.OfAllocator(typeof(HeapUntyped));
        ResidentMemory memory = ResidentMemory.Start();
        long objects = Bytes / cell.Size;
        for (long i = 0; i < objects; i++)
        {
            // No untyped block has a slot of 24 bytes, whose alignment is 8.
            byte* block = cell.Size == sizeof(Block24) ? (byte*)Block24.Alloc() : (byte*)HeapMemory.Alloc((nuint)cell.Size);
            for (int offset = 0; offset < cell.Size; offset += Environment.SystemPageSize)
            {
                block[offset] = 1;
            }

            block[cell.Size - 1] = 1;
        }

        long resident = memory.PeakGrowth;
        ProcessStatistics statistics = Heap.GetProcessStatistics();
        return new(statistics.LiveBytes, statistics.MappedBytes, statistics.MetadataBytes, resident, WasteOf(cell));
    }

    private static unsafe double WasteOf(SizeCell cell)
    {
        using Heap heap = new();
        double least = double.MaxValue;
        long firstSpan = 0;
        for (long objects = 1; ; objects++)
        {
            _ = cell.Size == sizeof(Block24) ? heap.Alloc<Block24>() : heap.Alloc((nuint)cell.Least);
            HeapStatistics statistics = heap.GetStatistics();
            firstSpan = firstSpan == 0 ? statistics.SpanBytes : firstSpan;
            if (statistics.SpanBytes > firstSpan * WasteSpans)
            {
                return least;
            }

            long waste = statistics.SpanBytes - (objects * cell.Size);
            least = double.Min(least, cell.IsLarge ? (double)waste / (objects * PageSize) : (double)waste / statistics.SpanBytes);
        }
    }
}

[NativeAllocated]
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "Memory to be written to; nothing compares two.")]
internal unsafe partial struct Block24
{
    public fixed long Words[3];
}
