extern alias probe;

using System.Collections.Generic;
using System.Linq;

using probe::NativeHeap.MisuseProbe;

namespace NativeHeap.Misuse.Tests;

/// <summary>What becomes of every pattern at every level. Made once, for all tests.</summary>
public sealed class Matrix
{
    private readonly Dictionary<CheckLevel, IReadOnlyList<Outcome>> _outcomes;

    /// <summary>Runs all cells, two levels at a time.</summary>
    public Matrix() => _outcomes = Levels
        .AsParallel()
        .WithDegreeOfParallelism(2)
        .Select(static level => (level, outcomes: ProbeRun.Run(level)))
        .ToDictionary(static pair => pair.level, static pair => pair.outcomes);

    /// <summary>The columns.</summary>
    public static IReadOnlyList<CheckLevel> Levels { get; } = [CheckLevel.Off, CheckLevel.Basic];

    /// <summary>The cells of a pattern at a level.</summary>
    internal IReadOnlyList<(Cell Cell, Outcome Outcome)> Of(Pattern pattern, CheckLevel level) =>
        [.. Cell.All.Zip(_outcomes[level]).Where(pair => pair.First.Pattern == pattern)];
}
