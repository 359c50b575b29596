using System;
using System.Diagnostics.CodeAnalysis;

namespace NativeHeap;

/// <summary>What a heap does against whoever makes use of a program's mistakes. None of it is found in the code of the stubs, which is the same with all of it and without.</summary>
[Flags]
[SuppressMessage("Naming", "CA1714:Flags enums should have plural names", Justification = "Hardening is the whole, and has no plural.")]
public enum HeapHardening
{
    /// <summary>Nothing beside what always holds.</summary>
    None = 0,

    /// <summary>
    /// Slots come in an order that nobody can foretell: which of a span's free slots a thread is given, and in which order, is drawn by lot. So an overrun does not know what it meets. Costs some nanoseconds where a
    /// thread's cache is filled, nothing elsewhere, and memory: objects that are few lie on more pages. What a thread frees it is given first, as ever.
    /// </summary>
    RandomOrder = 1,

    /// <summary>
    /// What is freed is zero from then on, to the last byte of its slot or page, as is what ends with the heap by <see cref="Heap.Reset"/> or <see cref="Heap.Dispose"/>: secrets do not stay, and who reads through a stale pointer
    /// reads zeros. Every free takes the slow path, which tests the pointer before it writes; allocation is as fast as ever. Its memory holds old content of other heaps before it is first used, so that <see cref="Heap.AllocZeroed"/> clears as it always does.
    /// </summary>
    ZeroOnFree = 2,
}
