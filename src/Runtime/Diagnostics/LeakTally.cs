// Counts the live objects of a heap by what is known of them: the rows of a leak report.
//
//     row = (reachability, kind) -> objects, bytes

using System.Collections.Generic;
using System.Numerics;
using System.Runtime.InteropServices;

using NativeHeap.Central;

namespace NativeHeap.Diagnostics;

/// <summary>Live objects, counted by kind.</summary>
internal sealed unsafe class LeakTally
{
    private const int Containers = -1;

    private readonly Dictionary<(Reachability Reachability, int SpanClass), (long Objects, long Bytes)> _rows = [];

    /// <summary>The objects counted.</summary>
    public long Objects { get; private set; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>Counts what is alive in a heap.</summary>
    public void Add(HeapGraph graph, CentralSet* set)
    {
        foreach (SpanNodes span in graph.Spans)
        {
            if (span.HeapIndex != set->Index)
            {
                continue;
            }

            for (int word = span.FirstWord; word < span.FirstWord + span.Words; word++)
            {
                for (Reachability reachability = Reachability.Lost; reachability <= Reachability.Reachable; reachability++)
                {
                    int objects = BitOperations.PopCount(graph.Find(word, reachability));
                    Add((reachability, span.ObjectClass), objects, objects * (long)span.SlotSize);
                }
            }
        }

        Add((Reachability.Reachable, Containers), set->Containers.Count, set->Containers.RegionBytes);
    }

    /// <summary>The rows, in the order of a report.</summary>
    public IReadOnlyList<LeakedObjects> ToGroups()
    {
        List<LeakedObjects> groups = [];
        foreach (((Reachability reachability, int spanClass), (long objects, long bytes)) in _rows)
        {
            string kind = spanClass == Containers ? "Tables and pools" : BlockKind.OfMany(spanClass);
            groups.Add(new LeakedObjects { Kind = kind, Reachability = reachability, Objects = objects, Bytes = bytes });
        }

        groups.Sort(static (a, b) => a.Reachability != b.Reachability ? a.Reachability.CompareTo(b.Reachability)
            : a.Bytes != b.Bytes ? b.Bytes.CompareTo(a.Bytes)
            : string.CompareOrdinal(a.Kind, b.Kind));
        return groups;
    }

    private void Add((Reachability Reachability, int SpanClass) key, long objects, long bytes)
    {
        if (objects != 0)
        {
            ref (long Objects, long Bytes) row = ref CollectionsMarshal.GetValueRefOrAddDefault(_rows, key, out _);
            row = (row.Objects + objects, row.Bytes + bytes);
            Objects += objects;
            Bytes += bytes;
        }
    }
}
