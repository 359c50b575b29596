// What is alive in a heap, by kind, for whoever thinks that nothing should be: the text that a test fails with, or that a program writes at its end.
//
//     Objects = sum over Groups = the heap's LiveObjects at one reading;   Bytes likewise;   Groups by falling Bytes
//
// A block does not know its type. What is known is the size class of its span and whether its type has pointers: objects of one type are in one group, with those of other types of that class. Large objects are one group, tables and
// pools another.

using System;
using System.Collections.Generic;
using System.Text;

using NativeHeap.SizeClasses;

using static System.FormattableString;

namespace NativeHeap;

/// <summary>What is alive in a heap: <c>heap.GetLeakReport()</c>. Values of one moment.</summary>
public sealed class LeakReport
{
    private readonly string? _heapName;
    private readonly bool _isApproximate;

    internal LeakReport(string? heapName, in HeapStatistics heap, ReadOnlySpan<SizeClassStatistics> rows)
    {
        _heapName = heapName;
        _isApproximate = heap.IsApproximate;
        List<LeakedObjects> groups = [];
        foreach (SizeClassStatistics row in rows)
        {
            Add(groups, Invariant($"Blocks of up to {row.SlotBytes:N0} bytes {(row.HasPointers ? "that may hold pointers" : "without pointers")}"), row.LiveObjects, row.LiveBytes);
        }

        Add(groups, Invariant($"Blocks of more than {SizeClass.MaxSmallSize:N0} bytes"), heap.LargeObjects, heap.LargeBytes);
        Add(groups, "Tables and pools", heap.Containers, heap.ContainerBytes);
        groups.Sort(static (a, b) => b.Bytes.CompareTo(a.Bytes));
        Groups = groups;
        Objects = heap.LiveObjects;
        Bytes = heap.LiveBytes;
    }

    /// <summary>What is alive by kind, most bytes first; empty if nothing is.</summary>
    public IReadOnlyList<LeakedObjects> Groups { get; }

    /// <summary>The number of objects of all groups; a table or a pool counts as one.</summary>
    public long Objects { get; }

    /// <summary>The bytes of their slots and pages.</summary>
    public long Bytes { get; }

    /// <summary>The report as lines of text: the heap's, and one for each group.</summary>
    public override string ToString()
    {
        string heap = _heapName == null ? "The heap" : $"The heap '{_heapName}'";
        if (Groups.Count == 0)
        {
            return $"{heap} holds nothing.";
        }

        StringBuilder text = new(Invariant($"{heap} holds {(_isApproximate ? "about " : "")}{Amount(Objects, Bytes)}:"));
        foreach (LeakedObjects group in Groups)
        {
            _ = text.AppendLine().Append("  ").Append(group);
        }

        return text.ToString();
    }

    internal static string Amount(long objects, long bytes) => Invariant($"{objects:N0} {(objects == 1 ? "object" : "objects")}, {Size(bytes)}");

    private static void Add(List<LeakedObjects> groups, string kind, long objects, long bytes)
    {
        if (objects != 0)
        {
            groups.Add(new LeakedObjects { Kind = kind, Objects = objects, Bytes = bytes });
        }
    }

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
    /// <summary>What they are: their size class, for one.</summary>
    public string Kind { get; init; }

    /// <summary>How many.</summary>
    public long Objects { get; init; }

    /// <summary>The bytes of their slots or pages.</summary>
    public long Bytes { get; init; }

    /// <summary>The row as a line of text.</summary>
    public override string ToString() => $"{Kind}: {LeakReport.Amount(Objects, Bytes)}";
}
