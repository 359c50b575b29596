// One timed stretch of work, and the form in which a worker sends it to the program that started it.

using System.Globalization;

namespace NativeHeap.Benchmarks.Measuring;

/// <param name="Nanoseconds">Time an operation.</param>
/// <param name="CollectionsPerMillion">Garbage collections, of any generation, in a million operations.</param>
internal readonly record struct Sample(double Nanoseconds, double CollectionsPerMillion)
{
    public static Sample Parse(string line)
    {
        string[] parts = line.Split(' ');
        return new(double.Parse(parts[0], CultureInfo.InvariantCulture), double.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Nanoseconds:R} {CollectionsPerMillion:R}");
}
