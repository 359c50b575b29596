namespace NativeHeap;

/// <summary>What a heap is to do beside the usual. Read once, when the heap is made.</summary>
public sealed class HeapOptions
{
    /// <summary>
    /// The file to which the heap's allocations are recorded, until <see cref="Heap.StopRecording"/>, the heap's disposal or the end of the process; null for none.
    /// </summary>
    /// <remarks>
    /// The file is an allocation trace in the format NHT1, compressed with Brotli if its name ends in <c>.br</c>, and replaces one of that name. While it is recorded, a heap serves no call from
    /// a thread's own cache: each costs some hundreds of nanoseconds more (600 in <c>samples/OrderBook</c>, on a busy machine), and nothing else about the heap changes. All heaps of a process are
    /// recorded into one file when the environment variable <c>NATIVEHEAP_RECORD</c> names it; one that has a file of its own is recorded there alone.
    /// </remarks>
    public string? RecordTo { get; init; }
}
