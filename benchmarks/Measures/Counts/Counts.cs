using System.Globalization;
using System.Linq;

namespace NativeHeap.Benchmarks.Measures.Counts;

/// <summary>What was counted in one run, and the form in which a worker sends it.</summary>
/// <param name="Objects">Objects freed.</param>
/// <param name="Locks">Locks taken.</param>
/// <param name="Atomics">Atomic operations, those that took a lock included.</param>
internal readonly record struct Counts(long Objects, long Locks, long Atomics)
{
    public static Counts Parse(string line)
    {
        long[] numbers = [.. line.Split(' ').Select(text => long.Parse(text, CultureInfo.InvariantCulture))];
        return new(numbers[0], numbers[1], numbers[2]);
    }

    public static Counts operator -(Counts left, Counts right) => new(left.Objects - right.Objects, left.Locks - right.Locks, left.Atomics - right.Atomics);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Objects} {Locks} {Atomics}");
}
