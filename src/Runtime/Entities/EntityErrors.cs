// The errors of tables and pools, in the voice of HeapErrors: what was asked, which value is wrong, what the way out is. A handle that names nothing is told with both generations, its own
// and its slot's, and whether it can have been this container's at all. Nothing here is reached but to throw.

using System;
using System.Collections.Generic;
using System.IO;

using NativeHeap.Heaps;

using static NativeHeap.Heaps.ContainerErrors;

using static System.FormattableString;

namespace NativeHeap.Entities;

/// <summary>Makes the exceptions that users of tables and pools see.</summary>
internal static unsafe class EntityErrors
{
    /// <summary>A handle that names no element.</summary>
    /// <param name="container">The container's type.</param>
    /// <param name="index">The slot of the handle.</param>
    /// <param name="generation">The generation of the handle.</param>
    /// <param name="slots">How many slots the container has.</param>
    /// <param name="now">The generation of the slot, if there is one.</param>
    /// <param name="origin">The generation of the container's new slots.</param>
    public static KeyNotFoundException NoElement(Type container, uint index, uint generation, uint slots, uint now, uint origin)
    {
        string name = NameOf(container);
        if (generation == 0)
        {
            return new KeyNotFoundException($"The handle is null and names no element of this {name}. Test IsNull, or use TryGet.");
        }

        string which = Invariant($"The handle {index}:{generation} names no element of this {name}");
        if (index >= slots)
        {
            return new KeyNotFoundException(Invariant($"{which}: it has {slots:N0} slots, and none of index {index}. The handle is another container's, or older than a TrimExcess or Restore."));
        }

        string slot = Invariant($"slot {index} is at generation {now}, {(Generations.IsLive(now) ? "in use by another element" : "free")}");
        return new KeyNotFoundException(Generations.IsPast(generation, now, origin)
            ? $"{which} any more: its element was removed, and {slot}. Use TryGet where elements may be gone."
            : $"{which}: {slot}. The handle is another container's, or older than a TrimExcess or Restore.");
    }

    /// <summary>An addition to a full container.</summary>
    public static InvalidOperationException Full(Type container, int maxCapacity) =>
        new(Invariant($"This {NameOf(container)} holds {maxCapacity:N0} elements, which is the most it was made for. Remove some, or make it with a larger maxCapacity: it costs address space only."));

    /// <summary>An addition to a container whose slots have been used up, one after the other.</summary>
    public static InvalidOperationException Retired(Type container) =>
        new($"This {NameOf(container)} has used up the generations of all its slots. Move its elements to a new one, or remove them and call TrimExcess, which makes it begin anew.");

    /// <summary>More capacity than a container was made for.</summary>
    public static ArgumentOutOfRangeException OverMaxCapacity(string parameter, int capacity, int maxCapacity) =>
        new(parameter, capacity, Invariant($"The capacity of {capacity:N0} is over the most that the container was made for, {maxCapacity:N0}. Make it with a larger maxCapacity: it costs address space only."));

    /// <summary>A maximal capacity that cannot be.</summary>
    public static ArgumentOutOfRangeException BadMaxCapacity(string parameter, int maxCapacity, int valueSize) =>
        new(parameter, maxCapacity, Invariant($"The maximal capacity must be from 1 on, and its elements of {valueSize:N0} bytes may not be more than {Pages.PageHeap.MaxObjectSize:N0} bytes together."));

    /// <summary>A container that has changed under an enumerator.</summary>
    public static InvalidOperationException Modified(Type container) =>
        new($"Elements were added to or removed from this {NameOf(container)} while it was enumerated. To remove while going through all, walk Handles from the end to the start.");

    /// <summary>An address at which a container has no element.</summary>
    public static ArgumentException NotAnElement(Type container, string parameter, void* address) =>
        new(Invariant($"There is no element of this {NameOf(container)} at 0x{(nuint)address:x}: it was removed, or the pointer is into an element, to another container's, or to a copy."), parameter);

    /// <summary>A span that is too short for what is to be written to it.</summary>
    public static ArgumentException TooShort(string parameter, int length, int needed) =>
        new(Invariant($"The span has a length of {length:N0}, and {needed:N0} are to be written to it."), parameter);

    /// <summary>What is to be restored is not what this container, or any, was saved as.</summary>
    /// <param name="container">The container's type.</param>
    /// <param name="reason">What is wrong, as the end of a sentence.</param>
    public static InvalidDataException BadSave(Type container, string reason) =>
        new($"The input is not a saved {NameOf(container)} that could be restored: {reason}. Nothing has changed.");

    /// <summary>No memory for an addition, or for a container.</summary>
    public static Exception OutOfMemory(nuint size, Heap? heap) => HeapErrors.OutOfMemory(size, heap);
}
