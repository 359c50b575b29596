// HeapLocks for managed objects. A thread that waits for a lock is parked at the lock's address, which must not change meanwhile: so the words lie in an array that the collector does not move.
//
// Each has a cache line of its own. They live for as long as somebody holds this.

using System;

namespace NativeHeap.Platform;

/// <summary>Some locks at addresses that stay.</summary>
internal readonly struct PinnedLocks
{
    // Of a cache line, in locks.
    private const int Stride = 16;

    private readonly HeapLock[] _locks;

    /// <summary>Makes them.</summary>
    /// <param name="count">How many.</param>
    public PinnedLocks(int count) => _locks = GC.AllocateArray<HeapLock>(count * Stride, pinned: true);

    /// <summary>One of them.</summary>
    public ref HeapLock this[int index] => ref _locks[index * Stride];
}
