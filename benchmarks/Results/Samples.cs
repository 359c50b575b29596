// What a command collects while it measures: values by what they are of, in the order in which each was first seen. What comes of
// them are rows, and nothing of a subject that never answered.

using System.Collections.Generic;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;

namespace NativeHeap.Benchmarks.Results;

internal sealed class Samples(string measure)
{
    private readonly OrderedDictionary<(string Cell, string Subject, string Unit), List<double>> _values = [];

    public void Add(string cell, string subject, string unit, double value)
    {
        if (!_values.TryGetValue((cell, subject, unit), out List<double>? taken))
        {
            _values[(cell, subject, unit)] = taken = [];
        }

        taken.Add(value);
    }

    public IReadOnlyList<Row> Rows => [.. _values.Select(of => new Row(measure, of.Key.Cell, of.Key.Subject, of.Key.Unit, Summary.Of(of.Value)))];
}
