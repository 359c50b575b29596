// One cell: NativeHeap's row beside its peers', and the ratio that goals and tables are made of.
//
//     Ratio = the least of the peers' medians / NativeHeap's median        above 1, NativeHeap is the faster (or the smaller)
//
// Tables show the ratio to the fastest peer that was measured. A goal takes it only where all peers were: without one of them the
// fastest is not known.

using System;
using System.Collections.Generic;
using System.Linq;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Results;

internal sealed class Comparison
{
    private readonly bool _complete;

    public Comparison(IReadOnlyList<Row> rows, string measure, string cell, string unit, IEnumerable<string> peers)
    {
        Own = rows.Find(measure, cell, Subject.NativeHeapName, unit);
        Row?[] found = [.. peers.Select(peer => rows.Find(measure, cell, peer, unit))];
        Fastest = found.OfType<Row>().MinBy(row => row.Value.Median);
        _complete = !found.Contains(null);
    }

    public Row? Own { get; }

    public Row? Fastest { get; }

    /// <summary>Null if NativeHeap or every peer is missing, or a time was so disturbed that it is no figure.</summary>
    public double? Ratio
        => Fastest?.Value.Median / Own?.Value.Median is double ratio && ratio > 0 && double.IsFinite(ratio) ? ratio : null;

    /// <summary>The same, and null if any peer is missing.</summary>
    public double? RatioToAll => _complete ? Ratio : null;

    /// <summary>The spread of the wider of the two.</summary>
    public double Spread => Math.Max(Own?.Spread ?? 0, Fastest?.Spread ?? 0);
}
