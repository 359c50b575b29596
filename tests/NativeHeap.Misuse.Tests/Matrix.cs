extern alias probe;

using System.Collections.Generic;
using System.Linq;

using probe::NativeHeap.MisuseProbe;

namespace NativeHeap.Misuse.Tests;

/// <summary>What becomes of every pattern at every level. Made once, for all tests.</summary>
public sealed class Matrix
{
    private readonly Dictionary<Mode, IReadOnlyList<Outcome>> _outcomes;

    /// <summary>Runs all cells, two levels at a time.</summary>
    public Matrix() => _outcomes = Mode.All
        .AsParallel()
        .WithDegreeOfParallelism(2)
        .Select(static mode => (mode, outcomes: ProbeRun.Run(mode)))
        .ToDictionary(static pair => pair.mode, static pair => pair.outcomes);

    /// <summary>The cells of a pattern in a mode.</summary>
    internal IReadOnlyList<(Cell Cell, Outcome Outcome)> Of(Pattern pattern, Mode mode) =>
        [.. Cell.All.Zip(_outcomes[mode]).Where(pair => pair.First.Pattern == pattern)];
}
