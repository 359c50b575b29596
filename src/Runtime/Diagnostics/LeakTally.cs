// Counts the live objects of a heap by what is known of them: the rows of a leak report.
//
//     row = (reachability, who allocated, span class) -> objects, bytes
//
// Where the type is known, the class says nothing more, and objects of one type are one row whatever their class.

using System.Collections.Generic;
using System.Numerics;
using System.Runtime.InteropServices;

using NativeHeap.Central;
using NativeHeap.Guards;

namespace NativeHeap.Diagnostics;

/// <summary>Live objects, counted by kind.</summary>
internal sealed unsafe class LeakTally
{
    private const int Containers = -1;

    private readonly Dictionary<Row, (long Objects, long Bytes)> _rows = [];

    /// <summary>The objects counted.</summary>
    public long Objects { get; private set; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>Counts what is alive in a heap.</summary>
    public void Add(HeapGraph graph, CentralSet* set)
    {
        foreach (SpanNodes span in graph.Spans)
        {
            if (span.HeapIndex == set->Index)
            {
                for (Reachability reachability = Reachability.Lost; reachability <= Reachability.Reachable; reachability++)
                {
                    Add(graph, span, reachability);
                }
            }
        }

        Add(new Row(Reachability.Reachable, 0, Containers), set->Containers.Count, set->Containers.RegionBytes);
    }

    /// <summary>The rows, in the order of a report.</summary>
    public IReadOnlyList<LeakedObjects> ToGroups()
    {
        Dictionary<(Reachability, string), LeakedObjects> groups = [];
        foreach ((Row row, (long objects, long bytes)) in _rows)
        {
            string kind = row.SpanClass == Containers ? "Tables and pools" : BlockKind.OfMany(row.SpanClass, row.Origin);
            ref LeakedObjects group = ref CollectionsMarshal.GetValueRefOrAddDefault(groups, (row.Reachability, kind), out _);
            SourceLine? site = Origins.SiteOf(row.Origin);
            group = new LeakedObjects
            {
                Kind = kind,
                Type = Origins.TypeOf(row.Origin),
                File = site?.File,
                Line = site?.Line ?? 0,
                Reachability = row.Reachability,
                Objects = group.Objects + objects,
                Bytes = group.Bytes + bytes,
            };
        }

        List<LeakedObjects> sorted = [.. groups.Values];
        sorted.Sort(static (a, b) => a.Reachability != b.Reachability ? a.Reachability.CompareTo(b.Reachability)
            : a.Bytes != b.Bytes ? b.Bytes.CompareTo(a.Bytes)
            : string.CompareOrdinal(a.Kind, b.Kind));
        return sorted;
    }

    private void Add(HeapGraph graph, SpanNodes span, Reachability reachability)
    {
        for (int word = 0; word < span.Words; word++)
        {
            ulong found = graph.Find(span.FirstWord + word, reachability);
            if (span.Origins == null)
            {
                int objects = BitOperations.PopCount(found);
                Add(new Row(reachability, 0, span.ObjectClass), objects, objects * (long)span.SlotSize);
                continue;
            }

            for (; found != 0; found &= found - 1)
            {
                uint origin = span.Origins[(word * 64) + BitOperations.TrailingZeroCount(found)];
                Add(new Row(reachability, origin, span.ObjectClass), 1, (long)span.SlotSize);
            }
        }
    }

    private void Add(Row row, long objects, long bytes)
    {
        if (objects != 0)
        {
            ref (long Objects, long Bytes) sum = ref CollectionsMarshal.GetValueRefOrAddDefault(_rows, row, out _);
            sum = (sum.Objects + objects, sum.Bytes + bytes);
            Objects += objects;
            Bytes += bytes;
        }
    }

    private readonly record struct Row(Reachability Reachability, uint Origin, int SpanClass);
}
