// Statistics as JSON: the process, in it every heap with a row for each of its size classes, and pools. docs/statistics.md lists the keys.
//
//     a key = the name of the struct's property, in camel case; "version", the heap's "index" and "name" and the pool's "name" stand beside them
//
// The process, each heap and each pool are readings of their own, each with its "isApproximate". Utf8JsonWriter and no serializer: nothing is found by reflection, so nothing is lost to trimming.

using System;
using System.Text.Json;

using NativeHeap.Central;

namespace NativeHeap.Diagnostics;

/// <summary>Writes statistics as JSON.</summary>
internal static unsafe class StatisticsJson
{
    /// <summary>Writes one object: the process with all its heaps, the shared pool, and other pools.</summary>
    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<NativeMemoryPool> pools)
    {
        writer.WriteStartObject();
        writer.WriteNumber("version"u8, ProcessStatistics.Version);
        writer.WritePropertyName("process"u8);
        WriteProcess(writer, Heap.GetProcessStatistics());
        writer.WriteStartArray("heaps"u8);
        foreach (Heap heap in Heap.All)
        {
            WriteHeap(writer, heap);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("pools"u8);
        WritePool(writer, NativeMemoryPool.Shared);
        foreach (NativeMemoryPool pool in pools)
        {
            WritePool(writer, pool);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteProcess(Utf8JsonWriter writer, in ProcessStatistics process)
    {
        writer.WriteStartObject();
        writer.WriteNumber("reservedBytes"u8, process.ReservedBytes);
        writer.WriteNumber("unmappedBytes"u8, process.UnmappedBytes);
        writer.WriteNumber("mappedBytes"u8, process.MappedBytes);
        writer.WriteNumber("liveObjects"u8, process.LiveObjects);
        writer.WriteNumber("liveBytes"u8, process.LiveBytes);
        writer.WriteNumber("threadCachedBytes"u8, process.ThreadCachedBytes);
        writer.WriteNumber("centralCachedBytes"u8, process.CentralCachedBytes);
        writer.WriteNumber("freeBytes"u8, process.FreeBytes);
        writer.WriteNumber("threadFreeBytes"u8, process.ThreadFreeBytes);
        writer.WriteNumber("returnedBytes"u8, process.ReturnedBytes);
        writer.WriteNumber("metadataBytes"u8, process.MetadataBytes);
        writer.WriteNumber("usedBytes"u8, process.UsedBytes);
        writer.WriteNumber("peakUsedBytes"u8, process.PeakUsedBytes);
        WriteLimit(writer, "maximumBytes"u8, process.MaximumBytes);
        WriteLimit(writer, "softLimitBytes"u8, process.SoftLimitBytes);
        WriteLimit(writer, "containerLimitBytes"u8, process.ContainerLimitBytes);
        writer.WriteNumber("heaps"u8, process.Heaps);
        writer.WriteNumber("threads"u8, process.Threads);
        writer.WriteNumber("endedThreads"u8, process.EndedThreads);
        writer.WriteNumber("reservations"u8, process.Reservations);
        writer.WriteNumber("growths"u8, process.Growths);
        writer.WriteNumber("returns"u8, process.Returns);
        writer.WriteNumber("guardedSamples"u8, process.GuardedSamples);
        writer.WriteNumber("guardedObjects"u8, process.GuardedObjects);
        writer.WriteBoolean("isApproximate"u8, process.IsApproximate);
        writer.WriteEndObject();
    }

    private static void WriteHeap(Utf8JsonWriter writer, Heap heap)
    {
        CentralSet* set = heap.SetOrNull;
        if (set == null)
        {
            return;
        }

        Span<SizeClassStatistics> rows = stackalloc SizeClassStatistics[SizeClassStatistics.MaxCount];
        HeapStatistics statistics = StatisticsReader.ReadHeap(set, rows, out int count);
        writer.WriteStartObject();
        writer.WriteNumber("index"u8, set->Index);
        writer.WriteString("name"u8, heap.Name);
        writer.WriteNumber("liveObjects"u8, statistics.LiveObjects);
        writer.WriteNumber("liveBytes"u8, statistics.LiveBytes);
        writer.WriteNumber("largeObjects"u8, statistics.LargeObjects);
        writer.WriteNumber("largeBytes"u8, statistics.LargeBytes);
        writer.WriteNumber("containers"u8, statistics.Containers);
        writer.WriteNumber("containerBytes"u8, statistics.ContainerBytes);
        writer.WriteNumber("threadCachedBytes"u8, statistics.ThreadCachedBytes);
        writer.WriteNumber("centralCachedBytes"u8, statistics.CentralCachedBytes);
        writer.WriteNumber("depotBytes"u8, statistics.DepotBytes);
        writer.WriteNumber("quarantinedBytes"u8, statistics.QuarantinedBytes);
        writer.WriteNumber("freeSlotBytes"u8, statistics.FreeSlotBytes);
        writer.WriteNumber("tailBytes"u8, statistics.TailBytes);
        writer.WriteNumber("returnedBytes"u8, statistics.ReturnedBytes);
        writer.WriteNumber("spanBytes"u8, statistics.SpanBytes);
        writer.WriteNumber("peakSpanBytes"u8, statistics.PeakSpanBytes);
        writer.WriteNumber("spans"u8, statistics.Spans);
        WriteLimit(writer, "maximumBytes"u8, statistics.MaximumBytes);
        WriteLimit(writer, "softLimitBytes"u8, statistics.SoftLimitBytes);
        writer.WriteBoolean("isApproximate"u8, statistics.IsApproximate);
        writer.WriteStartArray("sizeClasses"u8);
        foreach (ref readonly SizeClassStatistics row in rows[..count])
        {
            WriteRow(writer, row);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteRow(Utf8JsonWriter writer, in SizeClassStatistics row)
    {
        writer.WriteStartObject();
        writer.WriteNumber("sizeClass"u8, row.SizeClass);
        writer.WriteNumber("slotBytes"u8, row.SlotBytes);
        writer.WriteBoolean("hasPointers"u8, row.HasPointers);
        writer.WriteNumber("spans"u8, row.Spans);
        writer.WriteNumber("spanBytes"u8, row.SpanBytes);
        writer.WriteNumber("slots"u8, row.Slots);
        writer.WriteNumber("liveObjects"u8, row.LiveObjects);
        writer.WriteNumber("liveBytes"u8, row.LiveBytes);
        writer.WriteNumber("threadCachedSlots"u8, row.ThreadCachedSlots);
        writer.WriteNumber("depotSlots"u8, row.DepotSlots);
        writer.WriteNumber("quarantinedSlots"u8, row.QuarantinedSlots);
        writer.WriteNumber("freeSlots"u8, row.FreeSlots);
        writer.WriteNumber("tailBytes"u8, row.TailBytes);
        writer.WriteNumber("returnedBytes"u8, row.ReturnedBytes);
        writer.WriteEndObject();
    }

    private static void WritePool(Utf8JsonWriter writer, NativeMemoryPool pool)
    {
        NativeMemoryPoolStatistics statistics = pool.GetStatistics();
        writer.WriteStartObject();
        writer.WriteString("name"u8, pool.Name);
        writer.WriteNumber("rentedBuffers"u8, statistics.RentedBuffers);
        writer.WriteNumber("rentedBytes"u8, statistics.RentedBytes);
        writer.WriteNumber("pooledBuffers"u8, statistics.PooledBuffers);
        writer.WriteNumber("pooledBytes"u8, statistics.PooledBytes);
        writer.WriteNumber("totalBuffers"u8, statistics.TotalBuffers);
        writer.WriteNumber("totalBytes"u8, statistics.TotalBytes);
        WriteLimit(writer, "maximumBytes"u8, statistics.MaximumBytes);
        writer.WriteNumber("made"u8, statistics.Made);
        writer.WriteNumber("unmade"u8, statistics.Unmade);
        writer.WriteNumber("waitingRents"u8, statistics.WaitingRents);
        writer.WriteEndObject();
    }

    private static void WriteLimit(Utf8JsonWriter writer, ReadOnlySpan<byte> key, long? limit)
    {
        if (limit is { } bytes)
        {
            writer.WriteNumber(key, bytes);
        }
        else
        {
            writer.WriteNull(key);
        }
    }
}
