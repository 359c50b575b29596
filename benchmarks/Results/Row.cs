// One line of results: what was measured, where, of whom. Goals are computed from rows and nothing else, so that a
// result file can be judged by whoever reads it.

using System.Collections.Generic;

using NativeHeap.Benchmarks.Measuring;

namespace NativeHeap.Benchmarks.Results;

internal sealed record Row(string Measure, string Cell, string Subject, string Unit, Summary Value);

/// <summary>Everything that a command found out.</summary>
/// <param name="Rows">The measured values.</param>
/// <param name="Versions">What was measured: the libraries by name.</param>
/// <param name="Goals">The goals of the command, judged.</param>
internal sealed record Report(IReadOnlyList<Row> Rows, IReadOnlyDictionary<string, string> Versions, IReadOnlyList<Goal> Goals);
