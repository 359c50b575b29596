// A cell of M11 of one subject.

using NativeHeap.Benchmarks.Measuring;

namespace NativeHeap.Benchmarks.Measures.Tables;

internal abstract class TableRunner : PassRunner
{
    /// <summary>The elements of a pass that goes over a part of what there is: enough for the clock's own time not to count.</summary>
    protected const int Stretch = 16_384;

    /// <summary>What is read goes here, so that the JIT keeps the reads.</summary>
    protected static long Sink { get; set; }
}
