// The rows of `micro` for people, in the manner of BenchmarkDotNet: a line for each subject of a cell.
//
// The baseline of a cell is NativeHeap: it is the one subject that is there on every machine and in every cell, and so a ratio reads as
// "so many times NativeHeap's time". Here, as in BenchmarkDotNet, a ratio above 1 means that the other is slower.

using System.Collections.Generic;
using System.Linq;

using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Micro;

internal static class MicroTable
{
    public static IEnumerable<Section> Of(IReadOnlyList<Row> rows)
    {
        Row[] times = [.. rows.Where(row => row.Measure == MicroCommand.Measure && row.Unit == MicroCommand.Nanoseconds)];
        Table table = new("operation and size", "subject", "ns", "ratio", "spread", "GC bytes");
        foreach (Row row in times)
        {
            double? baseline = times.Median(MicroCommand.Measure, row.Cell, Subject.NativeHeapName, MicroCommand.Nanoseconds);
            double? bytes = rows.Median(MicroCommand.Measure, row.Cell, row.Subject, MicroCommand.Bytes);
            table.Add(row.Cell, row.Subject, Table.Figure(row.Value.Median), Table.Figure(row.Value.Median / baseline), Table.Share(row.Spread), Table.Figure(bytes));
        }

        return times.Length == 0
            ? []
            :
            [
                new(
                    MicroCommand.Measure,
                    "ns an operation by BenchmarkDotNet, median of the iterations",
                    table,
                    "pair: allocate, free. window: 256 of each, time of one. zeroed: the same as pair, cleared. untyped: as pair, the size not known before. realloc: untyped, doubled before it is freed.",
                    "owns: whether an address is the heap's. replace: untyped, freed and allocated anew. Both among so many blocks of 64 bytes, in a shuffled order; NativeHeap (contiguous) is a process with that layout of arenas.",
                    "ratio: the subject's time over NativeHeap's, the baseline: above 1 it is slower. spread: (max - min) / median.",
                    "GC bytes: allocated on the garbage collector's heap by an operation.",
                    "A method is one call; the cost of calling an empty one is taken off. What takes less than a cycle is 0."),
            ];
    }
}
