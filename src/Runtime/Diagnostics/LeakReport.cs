// What is alive in a heap, by kind, for whoever thinks that nothing should be: the text that a test fails with, or that a program writes at its end.
//
//     Objects = sum over Groups = the heap's LiveObjects, if nobody is at work in it;   Bytes likewise, but that guarded samples count as the slots in whose place they are
//     Groups: the lost before the indirectly lost before the reachable (HeapGraph.cs says which are which), and of each the most bytes first
//
// In a checked heap each block knows who allocated it, its type, and the line where the stubs tell it. In another what is known is the size class of its span and whether its type has pointers: objects of one type are in one group,
// with those of other types of that class, and large objects are one group. Tables and pools are another.

using System;
using System.Collections.Generic;
using System.Text;

using NativeHeap.Central;
using NativeHeap.Diagnostics;

using static System.FormattableString;

namespace NativeHeap;

/// <summary>What is alive in a heap: <c>heap.GetLeakReport()</c>. Values of one moment.</summary>
public sealed unsafe class LeakReport
{
    private readonly string? _heapName;
    private readonly bool _isApproximate;
    private readonly bool _isDifference;

    internal LeakReport(Heap heap, CentralSet* set, HeapGraph? graph)
    {
        _heapName = heap.Name;
        LeakTally tally = new();
        if (graph != null)
        {
            tally.Add(graph, set);
            HeapStatistics statistics = StatisticsReader.ReadHeap(set, [], out _);
            _isApproximate = statistics.IsApproximate || statistics.LiveObjects != tally.Objects;
        }

        Groups = tally.ToGroups();
        Objects = tally.Objects;
        Bytes = tally.Bytes;
    }

    private LeakReport(LeakReport later, IReadOnlyList<LeakedObjects> groups)
    {
        _heapName = later._heapName;
        _isApproximate = later._isApproximate;
        _isDifference = true;
        Groups = groups;
        foreach (LeakedObjects group in groups)
        {
            Objects += group.Objects;
            Bytes += group.Bytes;
        }
    }

    /// <summary>What is alive by reachability and kind, the lost first and of each the most bytes first; empty if nothing is.</summary>
    public IReadOnlyList<LeakedObjects> Groups { get; }

    /// <summary>The number of objects of all groups; a table or a pool counts as one.</summary>
    public long Objects { get; }

    /// <summary>The bytes of their slots and pages.</summary>
    public long Bytes { get; }

    /// <summary>What there is more of than in an earlier report of the same heap, kind by kind: what was allocated between the two and not freed.</summary>
    /// <param name="earlier">That report; null for one of an empty heap.</param>
    /// <param name="ignored">Says of groups of the result that they are not to be in it; null for none.</param>
    /// <returns>
    /// The difference, as a report. Objects are told apart by their kinds only: one that was freed makes up for another of its kind that was not. Where objects of a kind differ in size, their bytes are the average's.
    /// </returns>
    public LeakReport Since(LeakReport? earlier, Func<LeakedObjects, bool>? ignored = null)
    {
        Dictionary<string, long> more = [];
        Dictionary<(string, Reachability), long> before = [];
        foreach (LeakedObjects group in Groups)
        {
            more[group.Kind] = more.GetValueOrDefault(group.Kind) + group.Objects;
        }

        foreach (LeakedObjects group in earlier?.Groups ?? [])
        {
            more[group.Kind] = more.GetValueOrDefault(group.Kind) - group.Objects;
            before[(group.Kind, group.Reachability)] = group.Objects;
        }

        List<LeakedObjects> groups = [];
        foreach (LeakedObjects group in Groups)
        {
            // What has only become lost, or reachable, since then is no more than before.
            long objects = long.Min(more[group.Kind], group.Objects - before.GetValueOrDefault((group.Kind, group.Reachability)));
            if (objects > 0)
            {
                more[group.Kind] -= objects;
                LeakedObjects row = group with { Objects = objects, Bytes = (long)((Int128)group.Bytes * objects / group.Objects) };
                if (ignored?.Invoke(row) != true)
                {
                    groups.Add(row);
                }
            }
        }

        return new(this, groups);
    }

    /// <summary>The report as lines of text: the heap's, and one for each reachability and each group.</summary>
    public override string ToString()
    {
        string heap = _heapName == null ? "The heap" : $"The heap '{_heapName}'";
        string since = _isDifference ? " that it did not hold before" : "";
        if (Groups.Count == 0)
        {
            return $"{heap} holds nothing{since}.";
        }

        StringBuilder text = new(Invariant($"{heap} holds {(_isApproximate ? "about " : "")}{Amount(Objects, Bytes)}{since}:"));
        foreach (Reachability reachability in Enum.GetValues<Reachability>())
        {
            long objects = 0;
            long bytes = 0;
            StringBuilder lines = new();
            foreach (LeakedObjects group in Groups)
            {
                if (group.Reachability == reachability)
                {
                    objects += group.Objects;
                    bytes += group.Bytes;
                    _ = lines.AppendLine().Append("    ").Append(group);
                }
            }

            if (objects != 0)
            {
                _ = text.AppendLine().Append("  ").Append(NameOf(reachability)).Append(": ").Append(Amount(objects, bytes)).Append(lines);
            }
        }

        return text.ToString();
    }

    internal static string Amount(long objects, long bytes) => Invariant($"{objects:N0} {(objects == 1 ? "object" : "objects")}, {Size(bytes)}");

    private static string NameOf(Reachability reachability) => reachability switch
    {
        Reachability.Lost => "lost",
        Reachability.IndirectlyLost => "indirectly lost",
        _ => "reachable",
    };

    private static string Size(long bytes) => bytes switch
    {
        < 1 << 10 => Invariant($"{bytes} bytes"),
        < 1 << 20 => Invariant($"{bytes / 1024.0:N1} KiB"),
        _ => Invariant($"{bytes / (1024.0 * 1024):N1} MiB"),
    };
}

/// <summary>Objects of one kind that are alive: a row of a <see cref="LeakReport"/>.</summary>
public readonly record struct LeakedObjects
{
    /// <summary>What they are, in words: their type, and where they were allocated, or their size class.</summary>
    public string Kind { get; init; }

    /// <summary>Their type; null if it is not known, as in a heap that is not checked, or they are untyped blocks.</summary>
    public string? Type { get; init; }

    /// <summary>The path of the source file in which they were allocated, as the compiler has it; null if it is not known. Of a stack without symbols the name of the method.</summary>
    public string? File { get; init; }

    /// <summary>The line in it; 0 if it is not known.</summary>
    public int Line { get; init; }

    /// <summary>Who leads to them.</summary>
    public Reachability Reachability { get; init; }

    /// <summary>How many.</summary>
    public long Objects { get; init; }

    /// <summary>The bytes of their slots or pages.</summary>
    public long Bytes { get; init; }

    /// <summary>The row as a line of text.</summary>
    public override string ToString() => $"{Kind}: {LeakReport.Amount(Objects, Bytes)}";
}
