// A HeapLock for managed objects. A thread that waits for a lock is parked at the lock's address, which must not change meanwhile: so the word lies in an array that the collector does not move, and
// lives for as long as somebody holds this.

using System;
using System.Runtime.CompilerServices;

namespace NativeHeap.Platform;

/// <summary>A lock at an address that stays.</summary>
internal readonly struct PinnedLock
{
    // Of a cache line, in locks: the word has one of its own.
    private const int Line = 16;

    private readonly HeapLock[] _word = GC.AllocateArray<HeapLock>(Line, pinned: true);

    /// <summary>Makes it, free.</summary>
    public PinnedLock()
    {
    }

    /// <inheritdoc cref="HeapLock.Enter"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Enter() => _word[0].Enter();

    /// <inheritdoc cref="HeapLock.Exit"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Exit() => _word[0].Exit();
}
