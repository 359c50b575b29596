// Statistics, read without stopping anyone: nothing is counted on the fast path, so the numbers are gathered from what the layers know of themselves.
//
//     live slots of a class = slots of its spans - free in spans - in the depot - in threads' bins
//
// Each central cache is read under its lock; bins are read while their threads may be moving them. So the whole is read again until two readings in a row agree,
// a few times at most: agreeing ones are taken to be exact, and otherwise each term is cut to its possible range and the result marked approximate.

using System;
using System.Diagnostics.CodeAnalysis;

using NativeHeap.Central;
using NativeHeap.Heaps;
using NativeHeap.Pages;
using NativeHeap.SizeClasses;

namespace NativeHeap;

/// <summary>What can be asked of heaps from outside the path of an allocation.</summary>
[SuppressMessage("Design", "CA1034:Nested types should not be visible", Justification = "The compiler's form of an extension block.")]
public static unsafe class HeapDiagnostics
{
    private const int Readings = 4;

    extension(Heap heap)
    {
        /// <summary>Counts what the heap holds. Takes some microseconds; thread-safe, and stops nobody.</summary>
        /// <returns>The counts.</returns>
        /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
        public HeapStatistics GetStatistics()
        {
            ArgumentNullException.ThrowIfNull(heap);
            CentralSet* set = heap.Set;
            if (set == null)
            {
                return default;
            }

            return Agrees(&Read, set, out HeapStatistics statistics) ? statistics : statistics with { IsApproximate = true };
        }

        /// <summary>Counts what all heaps of the process hold. Takes some microseconds a heap; thread-safe, and stops nobody.</summary>
        /// <returns>The counts; all zero before the first allocation.</returns>
        public static ProcessStatistics GetProcessStatistics()
        {
            if (!HeapProcess.IsStarted)
            {
                return default;
            }

            return Agrees(&ReadProcess, null, out ProcessStatistics statistics) ? statistics : statistics with { IsApproximate = true };
        }
    }

    // Whether two readings in a row came out the same; the last one in any case. By a function pointer, which costs no delegate.
    private static bool Agrees<T>(delegate*<CentralSet*, T> read, CentralSet* set, out T last)
        where T : struct, IEquatable<T>
    {
        last = read(set);
        for (int reading = 1; reading < Readings; reading++)
        {
            T next = read(set);
            if (next.Equals(last))
            {
                return true;
            }

            last = next;
        }

        return false;
    }

    // All heaps, whichever set is given.
    private static ProcessStatistics ReadProcess(CentralSet* set)
    {
        long objects = 0;
        long live = 0;
        long cached = 0;
        long returned = 0;
        bool isApproximate = false;
        for (int index = 0; index < HeapProcess.Indexes->Count; index++)
        {
            HeapStatistics heap = Read(HeapProcess.Indexes->Find(index));
            objects += heap.LiveObjects;
            live += heap.LiveBytes;
            cached += heap.ThreadCachedBytes;
            returned += heap.ReturnedBytes;
            isApproximate |= heap.IsApproximate;
        }

        PageHeapTotals totals = HeapProcess.Pages->GetTotals();
        long central = (long)totals.Span - live - cached - returned;
        return new ProcessStatistics
        {
            ReservedBytes = (long)totals.Reserved,
            UnmappedBytes = (long)(totals.Reserved - totals.Mapped),
            MappedBytes = (long)totals.Mapped,
            LiveObjects = objects,
            LiveBytes = live,
            ThreadCachedBytes = cached,
            CentralCachedBytes = long.Max(central, 0),
            FreeBytes = (long)totals.Free,
            ReturnedBytes = (long)totals.Returned + returned,
            MetadataBytes = (long)(HeapProcess.Metadata->Bytes + HeapProcess.Pages->TableBytes),
            IsApproximate = isApproximate | (central < 0),
        };
    }

    private static HeapStatistics Read(CentralSet* set)
    {
        long objects = set->LargeCount + set->Containers.Count;
        long live = set->LargeBytes + set->Containers.RegionBytes;
        long cached = 0;
        long spans = live;
        long returned = 0;
        bool isApproximate = false;
        Span<long> cachedSlots = stackalloc long[SizeClass.SpanClassCount];
        HeapProcess.Registry->CountCached(set->Index, cachedSlots);
        set->EnterMaintenance();
        for (int spanClass = 2; spanClass < SizeClass.SpanClassCount; spanClass++)
        {
            CentralCache* central = set->Find(spanClass);
            if (central == null)
            {
                continue;
            }

            CentralCounts counts = central->GetCounts();
            long inUse = counts.Slots - counts.Free - counts.Depot;
            long inBins = cachedSlots[spanClass];
            isApproximate |= inBins < 0 || inBins > inUse;
            inBins = long.Clamp(inBins, 0, long.Max(inUse, 0));

            objects += inUse - inBins;
            live += (inUse - inBins) * central->SlotSize;
            cached += inBins * central->SlotSize;
            spans += counts.SpanBytes;
            returned += counts.PurgedBytes;
        }

        set->ExitMaintenance();
        return new HeapStatistics
        {
            LiveObjects = objects,
            LiveBytes = live,
            ThreadCachedBytes = cached,
            CentralCachedBytes = spans - live - cached - returned,
            ReturnedBytes = returned,
            SpanBytes = spans,
            IsApproximate = isApproximate,
        };
    }
}
