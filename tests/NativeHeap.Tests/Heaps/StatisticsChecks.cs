using System;

using NativeHeap.SizeClasses;

using Xunit;

namespace NativeHeap.Tests.Heaps;

/// <summary>What holds of statistics whatever they are of.</summary>
internal static class StatisticsChecks
{
    /// <summary>The rows of a heap, which are asserted to add up to it.</summary>
    public static SizeClassStatistics[] Rows(Heap heap, out HeapStatistics sum)
    {
        SizeClassStatistics[] rows = new SizeClassStatistics[SizeClassStatistics.MaxCount];
        sum = heap.GetStatistics(rows, out int count);
        Array.Resize(ref rows, count);
        AssertAddsUp(sum, rows);
        return rows;
    }

    /// <summary>Asserts what holds of every reading, exact or not.</summary>
    public static void AssertAddsUp(in HeapStatistics heap, ReadOnlySpan<SizeClassStatistics> rows)
    {
        long quarantinedLarge = heap.QuarantinedBytes;
        foreach (SizeClassStatistics row in rows)
        {
            quarantinedLarge -= row.QuarantinedSlots * row.SlotBytes;
        }

        HeapStatistics sum = new()
        {
            LiveObjects = heap.LargeObjects + heap.Containers,
            LiveBytes = heap.LargeBytes + heap.ContainerBytes,
            SpanBytes = heap.LargeBytes + heap.ContainerBytes + quarantinedLarge,
            CentralCachedBytes = quarantinedLarge,
            QuarantinedBytes = quarantinedLarge,
            LargeObjects = heap.LargeObjects,
            LargeBytes = heap.LargeBytes,
            Containers = heap.Containers,
            ContainerBytes = heap.ContainerBytes,
            PeakSpanBytes = heap.PeakSpanBytes,
            MaximumBytes = heap.MaximumBytes,
            SoftLimitBytes = heap.SoftLimitBytes,
            IsApproximate = heap.IsApproximate,
        };
        int previous = 0;
        foreach (SizeClassStatistics row in rows)
        {
            // In order, no class twice.
            int place = (row.SizeClass * 2) + (row.HasPointers ? 0 : 1);
            Assert.InRange(place, previous + 1, SizeClass.SpanClassCount - 1);
            previous = place;
            Assert.Equal(SizeClass.SlotSize(row.SizeClass), row.SlotBytes);
            foreach (long term in (ReadOnlySpan<long>)[row.LiveObjects, row.ThreadCachedSlots, row.DepotSlots, row.QuarantinedSlots, row.FreeSlots, row.TailBytes, row.ReturnedBytes])
            {
                Assert.InRange(term, 0, row.SpanBytes);
            }

            Assert.Equal(row.Slots, row.LiveObjects + row.ThreadCachedSlots + row.DepotSlots + row.QuarantinedSlots + row.FreeSlots);
            Assert.Equal(row.SpanBytes, (row.Slots * row.SlotBytes) + row.TailBytes);
            Assert.Equal(row.SpanBytes, row.Spans * SizeClass.Pages(row.SizeClass) * (long)SizeClass.PageSize);
            Assert.InRange(row.ReturnedBytes, 0, (row.FreeSlots * row.SlotBytes) + row.TailBytes);
            sum = sum with
            {
                LiveObjects = sum.LiveObjects + row.LiveObjects,
                LiveBytes = sum.LiveBytes + row.LiveBytes,
                ThreadCachedBytes = sum.ThreadCachedBytes + (row.ThreadCachedSlots * row.SlotBytes),
                CentralCachedBytes = sum.CentralCachedBytes + ((row.DepotSlots + row.QuarantinedSlots + row.FreeSlots) * row.SlotBytes) + row.TailBytes - row.ReturnedBytes,
                QuarantinedBytes = sum.QuarantinedBytes + (row.QuarantinedSlots * row.SlotBytes),
                DepotBytes = sum.DepotBytes + (row.DepotSlots * row.SlotBytes),
                FreeSlotBytes = sum.FreeSlotBytes + (row.FreeSlots * row.SlotBytes),
                TailBytes = sum.TailBytes + row.TailBytes,
                ReturnedBytes = sum.ReturnedBytes + row.ReturnedBytes,
                SpanBytes = sum.SpanBytes + row.SpanBytes,
                Spans = sum.Spans + row.Spans,
            };
        }

        Assert.Equal(sum, heap);
        Assert.Equal(heap.SpanBytes, heap.LiveBytes + heap.ThreadCachedBytes + heap.CentralCachedBytes + heap.ReturnedBytes);
        Assert.InRange(heap.CentralCachedBytes, 0, heap.SpanBytes);
    }

    /// <summary>Asserts what holds of every reading, exact or not.</summary>
    public static void AssertAddsUp(in ProcessStatistics process)
    {
        Assert.Equal(process.ReservedBytes, process.UnmappedBytes + process.MappedBytes);
        Assert.Equal(process.MappedBytes, process.LiveBytes + process.ThreadCachedBytes + process.CentralCachedBytes + process.FreeBytes + process.ReturnedBytes);
        foreach (long term in (ReadOnlySpan<long>)[process.UnmappedBytes, process.LiveBytes, process.ThreadCachedBytes, process.CentralCachedBytes, process.FreeBytes, process.ReturnedBytes, process.UsedBytes])
        {
            Assert.InRange(term, 0, process.ReservedBytes);
        }

        Assert.InRange(process.UsedBytes, process.MappedBytes - process.ReturnedBytes, process.MappedBytes);
    }

    /// <summary>Asserts, while no thread is at work, that the heaps add up to the process and each one's classes to it.</summary>
    public static ProcessStatistics AssertAllAddUp()
    {
        ProcessStatistics process = Heap.GetProcessStatistics();
        Assert.False(process.IsApproximate);
        AssertAddsUp(process);
        HeapStatistics sum = default;
        int heaps = 0;
        foreach (Heap heap in Heap.All)
        {
            _ = Rows(heap, out HeapStatistics one);
            Assert.False(one.IsApproximate);
            sum = sum with
            {
                LiveObjects = sum.LiveObjects + one.LiveObjects,
                LiveBytes = sum.LiveBytes + one.LiveBytes,
                ThreadCachedBytes = sum.ThreadCachedBytes + one.ThreadCachedBytes,
                CentralCachedBytes = sum.CentralCachedBytes + one.CentralCachedBytes,
                ReturnedBytes = sum.ReturnedBytes + one.ReturnedBytes,
                SpanBytes = sum.SpanBytes + one.SpanBytes,
            };
            heaps++;
        }

        Assert.Equal(process.Heaps, heaps);
        Assert.Equal((process.LiveObjects, process.LiveBytes, process.ThreadCachedBytes, process.CentralCachedBytes), (sum.LiveObjects, sum.LiveBytes, sum.ThreadCachedBytes, sum.CentralCachedBytes));
        Assert.Equal(process.MappedBytes, sum.SpanBytes + process.FreeBytes + process.ReturnedBytes - sum.ReturnedBytes);
        Assert.InRange(process.UsedBytes, 0, process.PeakUsedBytes);
        return process;
    }
}
