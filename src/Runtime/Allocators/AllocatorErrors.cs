// The errors of this floor, in one place and one voice, as HeapErrors are of the floor below: what was asked, which value is wrong, what the way out is. Nothing
// here is reached but to throw.

using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;

using static System.FormattableString;

namespace NativeHeap.Allocators;

/// <summary>Makes the exceptions that users of the allocators see.</summary>
internal static class AllocatorErrors
{
    /// <summary>An allocator used after its disposal.</summary>
    public static ObjectDisposedException Disposed(string allocator) =>
        new(allocator, $"The {allocator} has been disposed of, and all that it allocated with it.");

    /// <summary>A chunk size out of range.</summary>
    public static ArgumentOutOfRangeException BadChunkSize(string parameter, int size, int least, int most) =>
        new(parameter, size, Invariant($"The chunk size of {size:N0} bytes is not a power of two from {least:N0} to {most:N0}."));

    /// <summary>A mark that this allocator did not make.</summary>
    public static ArgumentException ForeignMark(string parameter, bool isDefault) => new(
        isDefault
            ? "The mark is the default value, which is no allocator's. Rewind to what Mark returned."
            : "The mark is of another BumpAllocator. Rewind the allocator that made it.",
        parameter);

    /// <summary>A mark behind which the allocator has gone since.</summary>
    public static ArgumentException StaleMark(string parameter, bool wasReset) => new(
        wasReset
            ? "The mark is from before a Reset, which freed all that it could go back to. Make a new one."
            : "The mark is no longer valid: the allocator has gone back behind it since, to an earlier mark or by the end of the scope in which it was made. Make a new one.",
        parameter);

    /// <summary>Something that would free the memory of an open scope.</summary>
    public static InvalidOperationException ScopeOpen(string operation) => new(
        $"{operation} would free what an open scope has allocated. Dispose of the scope first: begin scopes by 'using BumpScope scope = allocator.EnterScope();'.");

    /// <summary>A scope used while it is not the innermost open one.</summary>
    public static InvalidOperationException ScopeNotInnermost(bool isOpen) => new(
        isOpen
            ? "Another scope has begun inside of this one and is open. Allocate by the inner one, or dispose of it first: scopes end in the reverse order of their beginning."
            : "The scope has ended, and all that was allocated in it is freed.");

    /// <summary>A policy that there is not.</summary>
    public static ArgumentOutOfRangeException BadPolicy(string parameter, FitPolicy policy) =>
        new(parameter, policy, Invariant($"There is no fit policy {(int)policy}. Take one of {string.Join(", ", Enum.GetNames<FitPolicy>())}."));

    /// <summary>An alignment that is not a power of two, or beyond the limit.</summary>
    public static ArgumentOutOfRangeException BadAlignment(string parameter, nuint alignment, nuint most) =>
        new(parameter, alignment, Invariant($"The alignment of {alignment:N0} bytes is not a power of two from 1 to {most:N0}."));

    /// <summary>A block too short or too long to be divided.</summary>
    public static ArgumentOutOfRangeException BadLength(string parameter, nuint length, nuint granularity, nuint most) =>
        new(parameter, length, Invariant($"The block's length of {length:N0} bytes is not from {granularity:N0}, the granularity, to {most:N0}."));

    /// <summary>A block that does not start where its allocations may.</summary>
    public static ArgumentException MisalignedBlock(string parameter, nuint block, nuint granularity) =>
        new(Invariant($"The block at 0x{block:x} is not aligned to {granularity:N0} bytes, the granularity. Align it, or choose a smaller one."), parameter);

    /// <summary>No range for a request.</summary>
    [SuppressMessage("Usage", "CA2201:Do not raise reserved exception types", Justification = "Running out of memory is what it means, that of the block.")]
    public static OutOfMemoryException NoRange(nuint size, nuint alignment, in FreeListStatistics statistics) => new(Invariant(
        $"The block of {statistics.TotalBytes:N0} bytes has no free range for {size:N0} bytes at an alignment of {alignment:N0}, or there is no memory for the allocator's tables: {statistics.FreeBytes:N0} bytes are free in {statistics.FreeRanges:N0} ranges, the longest of {statistics.LargestFreeBytes:N0}. Free some allocations, or use a longer block."));

    /// <summary>An offset at which there is no allocation.</summary>
    public static ArgumentException NotAnAllocation(string parameter, nuint offset, bool isFree, nuint start) => new(
        isFree
            ? Invariant($"There is no allocation at offset {offset:N0}: it is in a free range. It has been freed before, or never was allocated.")
            : Invariant($"There is no allocation at offset {offset:N0}: it is {offset - start:N0} bytes into the one at {start:N0}. Free the offset that the allocation returned."),
        parameter);

    /// <summary>An offset, or an address, that is not in the block.</summary>
    public static ArgumentOutOfRangeException BeyondBlock(string parameter, nuint value, nuint length) =>
        new(parameter, value, Invariant($"0x{value:x} is not in the block, which has {length:N0} bytes. It is another allocator's."));

    /// <summary>An address asked of an allocator that knows offsets only.</summary>
    public static InvalidOperationException NoBlock() =>
        new("The allocator was made for offsets only. Make it with the block's address to have pointers.");

    /// <summary>A change during an enumeration.</summary>
    public static InvalidOperationException ModifiedMeanwhile() =>
        new("Something has been allocated or freed since the enumeration of the ranges began. Finish it first, or begin anew.");

    /// <summary>A maximum that no region can have.</summary>
    public static ArgumentOutOfRangeException BadMaximum(string parameter, long maximum, long most) =>
        new(parameter, maximum, Invariant($"The maximum of {maximum:N0} bytes is not from 1 to {most:N0}."));

    /// <summary>Blocks and holes up to the maximum.</summary>
    [SuppressMessage("Usage", "CA2201:Do not raise reserved exception types", Justification = "Running out of memory is what it means, that of the allocator.")]
    public static OutOfMemoryException NoRoom(nuint size, long maximum, int maxBlocks, in CompactingStatistics statistics) => new(Invariant(
        $"There is no room for {size:N0} bytes: the allocator was made for {maximum:N0} bytes in at most {maxBlocks:N0} blocks, freed ones included until a compaction; {statistics.Blocks:N0} blocks take {statistics.LiveBytes:N0} bytes, and {statistics.HoleBytes:N0} lie in holes between them. Call Compact, which makes the holes free, or make the allocator with a larger maximum: it costs address space only."));

    /// <summary>A handle that names no block.</summary>
    public static KeyNotFoundException NoBlock(string handle) => new(
        handle == "null"
            ? "The handle is null and names no block. Test IsNull, or use TryGetSpan."
            : $"The handle {handle} names no block of this CompactingAllocator: its block has been freed, or it is another allocator's. Use TryGetSpan where blocks may be gone.");

    /// <summary>Something that would free pinned blocks.</summary>
    public static InvalidOperationException Pinned(string operation, int blocks) =>
        new(Invariant($"{operation} would free {blocks:N0} pinned {(blocks == 1 ? "block" : "blocks")}, whose address somebody uses. Unpin first."));

    /// <summary>One unpin too many.</summary>
    public static InvalidOperationException NotPinned() => new("The block is not pinned. Call Unpin as often as Pin, and no more.");
}
