// How much time a measurement may take. `--quick` measures the same cells, with fewer and shorter samples.

using System;

namespace NativeHeap.Benchmarks.Measuring;

/// <param name="Rounds">How often the subjects take their turn where all of them can stay in memory together.</param>
/// <param name="SampleTime">The least time of one sample.</param>
/// <param name="LargeTurns">How often they take their turn where each must leave before the next one comes.</param>
/// <param name="SamplesPerLargeTurn">How many samples each takes in such a turn.</param>
internal sealed record Effort(int Rounds, TimeSpan SampleTime, int LargeTurns, int SamplesPerLargeTurn)
{
    public static Effort Quick { get; } = new(5, TimeSpan.FromMilliseconds(4), 1, 1);

    public static Effort Full { get; } = new(15, TimeSpan.FromMilliseconds(20), 3, 2);
}
