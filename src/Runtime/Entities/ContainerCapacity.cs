// How many elements a table or a pool is made for: addresses are reserved for all of them at once, so the number is bounded by what a region may hold, and where none is given it is one that
// costs no program its address space.

using System;

using NativeHeap.Central;
using NativeHeap.Heaps;
using NativeHeap.Pages;

namespace NativeHeap.Entities;

/// <summary>The maximal capacity of containers in address regions.</summary>
internal static unsafe class ContainerCapacity
{
    private const long DefaultValueBytes = 1L << 32;
    private const int LeastDefault = 1 << 16;
    private const int MostDefault = 1 << 24;

    /// <summary>The most elements of a container for which no number is given.</summary>
    public static int Default(int valueSize) => (int)long.Clamp(DefaultValueBytes / valueSize, LeastDefault, MostDefault);

    /// <summary>The set for a new container, or null when the system has no memory for it; throws if there cannot be such a container.</summary>
    public static CentralSet* RequireSet(Heap heap, int maxCapacity, int valueSize)
    {
        ArgumentNullException.ThrowIfNull(heap);
        return maxCapacity >= 1 && (nuint)(uint)maxCapacity * (uint)valueSize <= PageHeap.MaxObjectSize
            ? ContainerRoutes.SetOf(heap)
            : throw EntityErrors.BadMaxCapacity(nameof(maxCapacity), maxCapacity, valueSize);
    }
}
