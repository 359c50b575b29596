using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Threading.Tasks;

namespace Gateway.Streams;

/// <summary>Pipes over a <see cref="BlockingStream"/>, called without waiting for a task: there is none.</summary>
[SuppressMessage("Reliability", "CA2012:Use ValueTasks correctly", Justification = "Over a blocking stream these are complete when they are returned, and are read once.")]
internal static class BlockingPipes
{
    public static ReadResult Read(this PipeReader reader)
    {
        ValueTask<ReadResult> read = reader.ReadAsync();
        return read.IsCompleted ? read.GetAwaiter().GetResult() : read.AsTask().GetAwaiter().GetResult();
    }

    public static void Flush(this PipeWriter writer)
    {
        ValueTask<FlushResult> flush = writer.FlushAsync();
        _ = flush.IsCompleted ? flush.GetAwaiter().GetResult() : flush.AsTask().GetAwaiter().GetResult();
    }
}
