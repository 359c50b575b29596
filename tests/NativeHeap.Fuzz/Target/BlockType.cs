// What a block is allocated as: one of the types, or nothing.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace NativeHeap.Fuzz;

/// <summary>The stubs of a type, without its name.</summary>
internal sealed unsafe class BlockType
{
    private readonly Func<Heap, bool, nint> _alloc;
    private readonly Action<Heap, nint> _free;
    private readonly Action<Heap, nint[]> _allocBatch;
    private readonly Action<Heap, nint[]> _freeBatch;

    private BlockType(int size, int alignment, Func<Heap, bool, nint> alloc, Action<Heap, nint> free, Action<Heap, nint[]> allocBatch, Action<Heap, nint[]> freeBatch)
    {
        Size = size;
        Alignment = alignment;
        _alloc = alloc;
        _free = free;
        _allocBatch = allocBatch;
        _freeBatch = freeBatch;
    }

    /// <summary>All types.</summary>
    public static IReadOnlyList<BlockType> All { get; } =
    [
        new(
            sizeof(Tick),
            sizeof(long),
            static (heap, zeroed) => (nint)(zeroed ? Tick.AllocZeroed(heap) : Tick.Alloc(heap)),
            static (heap, block) => Tick.Free(heap, (Tick*)block),
            static (heap, blocks) => Tick.AllocBatch(heap, MemoryMarshal.Cast<nint, NativePointer<Tick>>(blocks.AsSpan())),
            static (heap, blocks) => Tick.FreeBatch(heap, MemoryMarshal.Cast<nint, NativePointer<Tick>>(blocks.AsSpan()))),
        new(
            sizeof(Node),
            sizeof(long),
            static (heap, zeroed) => (nint)(zeroed ? Node.AllocZeroed(heap) : Node.Alloc(heap)),
            static (heap, block) => Node.Free(heap, (Node*)block),
            static (heap, blocks) => Node.AllocBatch(heap, MemoryMarshal.Cast<nint, NativePointer<Node>>(blocks.AsSpan())),
            static (heap, blocks) => Node.FreeBatch(heap, MemoryMarshal.Cast<nint, NativePointer<Node>>(blocks.AsSpan()))),
        new(
            sizeof(Lane),
            64,
            static (heap, zeroed) => (nint)(zeroed ? Lane.AllocZeroed(heap) : Lane.Alloc(heap)),
            static (heap, block) => Lane.Free(heap, (Lane*)block),
            static (heap, blocks) => Lane.AllocBatch(heap, MemoryMarshal.Cast<nint, NativePointer<Lane>>(blocks.AsSpan())),
            static (heap, blocks) => Lane.FreeBatch(heap, MemoryMarshal.Cast<nint, NativePointer<Lane>>(blocks.AsSpan()))),
        new(
            sizeof(Frame),
            1,
            static (heap, zeroed) => (nint)(zeroed ? Frame.AllocZeroed(heap) : Frame.Alloc(heap)),
            static (heap, block) => Frame.Free(heap, (Frame*)block),
            static (heap, blocks) => Frame.AllocBatch(heap, MemoryMarshal.Cast<nint, NativePointer<Frame>>(blocks.AsSpan())),
            static (heap, blocks) => Frame.FreeBatch(heap, MemoryMarshal.Cast<nint, NativePointer<Frame>>(blocks.AsSpan()))),
        new(
            sizeof(Picture),
            1,
            static (heap, zeroed) => (nint)(zeroed ? Picture.AllocZeroed(heap) : Picture.Alloc(heap)),
            static (heap, block) => Picture.Free(heap, (Picture*)block),
            static (heap, blocks) => Picture.AllocBatch(heap, MemoryMarshal.Cast<nint, NativePointer<Picture>>(blocks.AsSpan())),
            static (heap, blocks) => Picture.FreeBatch(heap, MemoryMarshal.Cast<nint, NativePointer<Picture>>(blocks.AsSpan()))),
    ];

    /// <summary>The size of an object, in bytes.</summary>
    public int Size { get; }

    /// <summary>What its address is a multiple of.</summary>
    public int Alignment { get; }

    public nint Alloc(Heap heap, bool zeroed) => _alloc(heap, zeroed);

    public void Free(Heap heap, nint block) => _free(heap, block);

    public void AllocBatch(Heap heap, nint[] blocks) => _allocBatch(heap, blocks);

    public void FreeBatch(Heap heap, nint[] blocks) => _freeBatch(heap, blocks);
}
