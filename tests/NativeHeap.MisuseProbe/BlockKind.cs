// The blocks that a pattern is tried with: each of the three sizes that mimalloc-bench compiles its patterns for, by the stubs of a type and by the untyped members.

using System;
using System.Collections.Generic;

namespace NativeHeap.MisuseProbe;

/// <summary>A way to allocate blocks of a size, and to free them.</summary>
internal sealed unsafe class BlockKind
{
    private readonly Func<Heap, nint> _alloc;
    private readonly Action<Heap, nint> _free;

    private BlockKind(string size, bool isTyped, int bytes, Func<Heap, nint> alloc, Action<Heap, nint> free)
    {
        Size = size;
        IsTyped = isTyped;
        Bytes = bytes;
        _alloc = alloc;
        _free = free;
    }

    /// <summary>All there are.</summary>
    public static IReadOnlyList<BlockKind> All { get; } =
    [
        new("8 B", true, sizeof(Small), static heap => (nint)Small.Alloc(heap), static (heap, block) => Small.Free(heap, (Small*)block)),
        new("4 KiB", true, sizeof(Medium), static heap => (nint)Medium.Alloc(heap), static (heap, block) => Medium.Free(heap, (Medium*)block)),
        new("256 KiB", true, sizeof(Large), static heap => (nint)Large.Alloc(heap), static (heap, block) => Large.Free(heap, (Large*)block)),
        Untyped("8 B", sizeof(Small)),
        Untyped("4 KiB", sizeof(Medium)),
        Untyped("256 KiB", sizeof(Large)),
    ];

    /// <summary>Its size, as the table names it.</summary>
    public string Size { get; }

    /// <summary>Whether its blocks come from stubs.</summary>
    public bool IsTyped { get; }

    /// <summary>Its size, in bytes.</summary>
    public int Bytes { get; }

    public override string ToString() => $"{Size} {(IsTyped ? "by stubs" : "untyped")}";

    /// <summary>Allocates a block.</summary>
    public byte* Alloc(Heap heap) => (byte*)_alloc(heap);

    /// <summary>Frees a block.</summary>
    public void Free(Heap heap, byte* block) => _free(heap, (nint)block);

    private static BlockKind Untyped(string name, int bytes) =>
        new(name, false, bytes, heap => (nint)heap.Alloc((nuint)bytes), static (heap, block) => heap.Free((void*)block));
}
