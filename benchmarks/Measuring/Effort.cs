// How much time a measurement may take. `--quick` measures the same cells, with fewer and shorter samples.

using System;

namespace NativeHeap.Benchmarks.Measuring;

/// <param name="Turns">How often everything is measured with fresh processes: what differs from one process to the next (code, addresses) is then in the spread.</param>
/// <param name="Rounds">How many samples each subject gives in a turn.</param>
/// <param name="LargeRounds">The same where a single pass takes seconds.</param>
/// <param name="SampleTime">The least time of one sample.</param>
internal sealed record Effort(int Turns, int Rounds, int LargeRounds, TimeSpan SampleTime)
{
    public static Effort Quick { get; } = new(1, 5, 1, TimeSpan.FromMilliseconds(4));

    public static Effort Full { get; } = new(3, 5, 2, TimeSpan.FromMilliseconds(10));
}
