namespace NativeHeap;

/// <summary>Where a <see cref="NativeMemoryPool"/> has its buffers.</summary>
public enum BufferBacking
{
    /// <summary>In native memory, blocks of a heap. For everything that takes <see cref="System.Memory{T}"/> or spans.</summary>
    Native,

    /// <summary>
    /// In arrays of the garbage collector's pinned object heap, which it never moves. For what insists on arrays, as Kestrel's sockets do when they send more than one segment at once. A heap's limits and
    /// statistics do not count them; the pool's do.
    /// </summary>
    PinnedObjectHeap,
}
