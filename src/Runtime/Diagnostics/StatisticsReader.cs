// Statistics, read without stopping anyone: nothing is counted on the fast path, so the numbers are gathered from what the layers know of themselves.
//
//     live slots of a class = slots of its spans - free in spans - in the depot - in threads' bins - in quarantine
//
// Each central cache is read under its lock; bins are read while their threads may be moving them. So the whole is read again until two readings in a row agree,
// a few times at most: agreeing ones are taken to be exact, and otherwise the result is marked approximate. A reading's checksum is over every count of every class, so that two do not agree by sums
// alone. Each term is cut to what is possible, so that the equations hold in any case.
//
// Who moves slots for others (the caches of ended threads, depots into spans, holes) has them in hand for a while, and may be stopped just then for longer than it takes to read
// twice. A reading keeps them out by their locks, the flush lock before the heap's maintenance lock; of threads at work it stops none.

using System;

using NativeHeap.Central;
using NativeHeap.Heaps;
using NativeHeap.Pages;
using NativeHeap.SizeClasses;

namespace NativeHeap.Diagnostics;

/// <summary>Gathers what there is to know of heaps.</summary>
internal static unsafe class StatisticsReader
{
    private const int Readings = 4;

    /// <summary>Reads one heap.</summary>
    /// <param name="set">The heap.</param>
    /// <param name="rows">Receives a row for each size class with spans; empty if none are wanted, else <see cref="SizeClassStatistics.MaxCount"/> long.</param>
    /// <param name="count">The number of rows.</param>
    public static HeapStatistics ReadHeap(CentralSet* set, Span<SizeClassStatistics> rows, out int count)
    {
        HeapStatistics last = Read(set, rows, out count, out ulong lastSum);
        for (int reading = 1; reading < Readings; reading++)
        {
            HeapStatistics next = Read(set, rows, out count, out ulong sum);
            if (sum == lastSum && next == last)
            {
                return next;
            }

            (last, lastSum) = (next, sum);
        }

        return last with { IsApproximate = true };
    }

    /// <summary>Reads all heaps.</summary>
    public static ProcessStatistics ReadProcess()
    {
        ProcessStatistics last = ReadProcess(out ulong lastSum);
        for (int reading = 1; reading < Readings; reading++)
        {
            ProcessStatistics next = ReadProcess(out ulong sum);
            if (sum == lastSum && next == last)
            {
                return next;
            }

            (last, lastSum) = (next, sum);
        }

        return last with { IsApproximate = true };
    }

    /// <summary>A limit, or null if it is none.</summary>
    public static long? Limit(long bytes) => bytes == MemoryQuota.Unlimited ? null : bytes;

    private static ProcessStatistics ReadProcess(out ulong checksum)
    {
        checksum = 0;
        long objects = 0;
        long live = 0;
        long cached = 0;
        long holes = (long)HeapProcess.Pages->SealedBytes;
        int heaps = 0;
        bool isApproximate = false;
        for (int index = 0; index < HeapProcess.Indexes->Count; index++)
        {
            CentralSet* set = HeapProcess.Indexes->Find(index);
            HeapStatistics heap = Read(set, [], out _, out ulong sum);
            checksum = Mix(checksum, sum);
            objects += heap.LiveObjects;
            live += heap.LiveBytes;
            cached += heap.ThreadCachedBytes;
            holes += heap.ReturnedBytes;
            heaps += Heap.Of(set) == null ? 0 : 1;
            isApproximate |= heap.IsApproximate;
        }

        HeapProcess.Registry->CountThreads(out int threads, out int ended);
        PageHeap* pages = HeapProcess.Pages;
        PageHeapTotals totals = pages->GetTotals();
        PageHeapCounts counts = pages->GetCounts();
        long spans = (long)totals.Span;
        holes += pages->Guarded.IdleBytes;
        isApproximate |= live + cached + holes > spans;
        live = long.Min(live, spans);
        cached = long.Min(cached, spans - live);
        holes = long.Min(holes, spans - live - cached);
        return new ProcessStatistics
        {
            ReservedBytes = (long)totals.Reserved,
            UnmappedBytes = (long)(totals.Reserved - totals.Mapped),
            MappedBytes = (long)totals.Mapped,
            LiveObjects = objects,
            LiveBytes = live,
            ThreadCachedBytes = cached,
            CentralCachedBytes = spans - live - cached - holes,
            FreeBytes = (long)totals.Free,
            ThreadFreeBytes = (long)totals.Cached,
            ReturnedBytes = (long)totals.Returned + holes,
            MetadataBytes = (long)(HeapProcess.Metadata->Bytes + pages->TableBytes),
            UsedBytes = (long)(totals.Mapped - totals.Returned),
            PeakUsedBytes = pages->Quota.Peak,
            MaximumBytes = Limit(pages->Quota.Maximum),
            SoftLimitBytes = Limit(pages->Quota.SoftLimit),
            ContainerLimitBytes = ProcessLimits.ContainerLimitBytes,
            Heaps = heaps,
            Threads = threads,
            EndedThreads = ended,
            Reservations = counts.Reservations,
            Growths = counts.Growths,
            Returns = counts.Returns,
            GuardedSamples = pages->Guarded.Taken,
            GuardedObjects = pages->Guarded.Used,
            IsApproximate = isApproximate,
        };
    }

    private static HeapStatistics Read(CentralSet* set, Span<SizeClassStatistics> rows, out int count, out ulong checksum)
    {
        count = 0;
        checksum = 0;
        int largeClass = SizeClass.ToSpanClass(SizeClass.Large, noScan: false) & ~1;
        HeapStatistics sum = new()
        {
            LargeObjects = set->LargeCount - QuarantinedObjects(set, largeClass) - QuarantinedObjects(set, largeClass + 1),
            LargeBytes = set->LargeBytes - QuarantinedBytes(set, largeClass) - QuarantinedBytes(set, largeClass + 1),
            Containers = set->Containers.Count,
            ContainerBytes = set->Containers.RegionBytes,
            PeakSpanBytes = set->Quota.Peak,
            MaximumBytes = Limit(set->Quota.Maximum),
            SoftLimitBytes = Limit(set->Quota.SoftLimit),
        };
        long objects = sum.LargeObjects + sum.Containers;
        long live = sum.LargeBytes + sum.ContainerBytes;
        long quarantined = QuarantinedBytes(set, largeClass) + QuarantinedBytes(set, largeClass + 1);
        long spanBytes = live + quarantined;
        long spans = 0;
        long cached = 0;
        long depot = 0;
        long free = 0;
        long tails = 0;
        long returned = 0;
        bool isApproximate = false;
        Span<long> inBins = stackalloc long[SizeClass.SpanClassCount];
        HeapProcess.Registry->EnterFlush();
        HeapProcess.Registry->CountCached(set->Index, inBins);
        set->EnterMaintenance();
        for (int spanClass = 2; spanClass < SizeClass.SpanClassCount; spanClass++)
        {
            CentralCache* central = set->Find(spanClass);
            if (central == null)
            {
                continue;
            }

            SizeClassStatistics row = Read(central, inBins[spanClass], QuarantinedObjects(set, spanClass), ref isApproximate);
            checksum = Mix(Mix(Mix(Mix(checksum, (ulong)row.Slots), (ulong)row.FreeSlots), (ulong)row.DepotSlots), (ulong)inBins[spanClass]);
            if (row.Spans == 0)
            {
                continue;
            }

            objects += row.LiveObjects;
            live += row.LiveBytes;
            spanBytes += row.SpanBytes;
            spans += row.Spans;
            cached += row.ThreadCachedSlots * row.SlotBytes;
            depot += row.DepotSlots * row.SlotBytes;
            quarantined += row.QuarantinedSlots * row.SlotBytes;
            free += row.FreeSlots * row.SlotBytes;
            tails += row.TailBytes;
            returned += row.ReturnedBytes;
            if (!rows.IsEmpty)
            {
                rows[count++] = row;
            }
        }

        set->ExitMaintenance();
        HeapProcess.Registry->ExitFlush();
        return sum with
        {
            LiveObjects = objects,
            LiveBytes = live,
            ThreadCachedBytes = cached,
            CentralCachedBytes = depot + free + tails + quarantined - returned,
            DepotBytes = depot,
            QuarantinedBytes = quarantined,
            FreeSlotBytes = free,
            TailBytes = tails,
            ReturnedBytes = returned,
            SpanBytes = spanBytes,
            Spans = spans,
            IsApproximate = isApproximate,
        };
    }

    private static long QuarantinedObjects(CentralSet* set, int spanClass) => set->Detail != SlotDetail.Records || set->Quarantine == null ? 0 : set->Quarantine->Blocks(spanClass);

    private static long QuarantinedBytes(CentralSet* set, int spanClass) => set->Detail != SlotDetail.Records || set->Quarantine == null ? 0 : set->Quarantine->Bytes(spanClass);

    private static SizeClassStatistics Read(CentralCache* central, long inBins, long quarantined, ref bool isApproximate)
    {
        CentralCounts counts = central->GetCounts();
        int sizeClass = SizeClass.FromSpanClass(central->SpanClass);

        // A guarded object that a stub has freed into a bin, unseen, is counted as a slot there and in the depot until it comes by a flush.
        long depot = long.Min(counts.Depot, counts.Slots - counts.Free);
        long handedOut = counts.Slots - counts.Free - depot;
        long cached = long.Clamp(inBins, 0, handedOut);
        long kept = long.Clamp(quarantined, 0, handedOut - cached);
        isApproximate |= cached != inBins || kept != quarantined || depot != counts.Depot;
        return new SizeClassStatistics
        {
            SizeClass = sizeClass,
            SlotBytes = central->SlotSize,
            HasPointers = SizeClass.MayHoldPointers(central->SpanClass),
            Spans = counts.SpanBytes / ((long)SizeClass.Pages(sizeClass) << SizeClass.PageShift),
            SpanBytes = counts.SpanBytes,
            Slots = counts.Slots,
            LiveObjects = handedOut - cached - kept,
            ThreadCachedSlots = cached,
            QuarantinedSlots = kept,
            DepotSlots = depot,
            FreeSlots = counts.Free,
            TailBytes = counts.SpanBytes - (counts.Slots * central->SlotSize),
            ReturnedBytes = counts.PurgedBytes,
        };
    }

    // Any change of one value changes the sum; that several cancel out is as unlikely as 64 bits make it.
    private static ulong Mix(ulong sum, ulong value) => ulong.RotateLeft(sum ^ value, 29) * 0x9E37_79B9_7F4A_7C15;
}
