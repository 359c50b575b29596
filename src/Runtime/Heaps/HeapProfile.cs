namespace NativeHeap;

/// <summary>What a heap is to be good at.</summary>
public enum HeapProfile
{
    /// <summary>Speed, and memory that goes back to the operating system when it has been idle for a while. The default.</summary>
    Balanced,

    /// <summary>
    /// No waiting for the operating system: memory is touched when the heap takes it, before it is handed out, and what is free stays with the heap, until <see cref="Heap.Trim"/> or the heap itself needs it. With
    /// <see cref="Heap.Prewarm{T}(int)"/> and <see cref="Heap.EndWarmUp"/> what follows takes no page fault and no call of the system.
    /// </summary>
    /// <remarks>
    /// Blocks over 32 KiB are the exception: freed, they are pages of the process, which any heap may take and the scavenger gives back. With <c>NATIVEHEAP_PROFILE=LowLatency</c> for the whole process no background thread
    /// does so, and <c>NATIVEHEAP_LOCK_MEMORY</c> keeps the system from paging out what it has given.
    /// </remarks>
    LowLatency,

    /// <summary>
    /// Little memory: threads park at most 8 KiB a size class, and what is idle goes back to the operating system as soon as the scavenger comes by, not only when it has been idle between two of its passes.
    /// </summary>
    Compact,
}
