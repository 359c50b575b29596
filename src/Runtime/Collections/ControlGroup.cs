// Sixteen control bytes of a hash table, one for each slot of a group: what of the table a lookup looks at first.
//
//     0 .. 127      the slot is in use, and these are seven bits of its key's hash, its tag
//     Empty         the slot is free, and no key that belongs here has gone on to another group
//     Removed       the slot is free, but was in use while the group was full: a lookup goes on
//
// All sixteen are compared at once, and only a slot whose tag is the key's is looked at: of those that hold another key, one in 128. The scheme is that of Abseil's Swiss tables (M. Kulukundis,
// "Designing a fast, efficient, cache-friendly hash table, step by step", CppCon 2017), with groups that begin at multiples of sixteen, so that what was removed from a group with an empty slot is empty at once.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace NativeHeap.Collections;

/// <summary>The control bytes of a group of slots.</summary>
internal readonly unsafe struct ControlGroup
{
    /// <summary>The slots of a group.</summary>
    public const int Slots = 16;

    /// <summary>The byte of a slot that ends a lookup.</summary>
    public const byte Empty = 0x80;

    /// <summary>The byte of a free slot that does not.</summary>
    public const byte Removed = 0xFE;

    private readonly Vector128<byte> _bytes;

    private ControlGroup(Vector128<byte> bytes) => _bytes = bytes;

    /// <summary>A group that is in no table's block, for tables that have none: a lookup ends there without asking.</summary>
    public static byte* None => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(NoneBytes));

    /// <summary>The slots that are in use, a bit each.</summary>
    public uint Used
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ~_bytes.ExtractMostSignificantBits() & 0xFFFF;
    }

    /// <summary>The slots that can be taken, a bit each.</summary>
    public uint Free
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _bytes.ExtractMostSignificantBits();
    }

    /// <summary>Whether a lookup ends here.</summary>
    public bool HasEmpty
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128.EqualsAny(_bytes, Vector128.Create(Empty));
    }

    // Constant data of the program, which does not move and which nobody writes.
    private static ReadOnlySpan<byte> NoneBytes => [Empty, Empty, Empty, Empty, Empty, Empty, Empty, Empty, Empty, Empty, Empty, Empty, Empty, Empty, Empty, Empty];

    /// <summary>Reads a group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ControlGroup Read(byte* group) => new(Vector128.Load(group));

    /// <summary>The slots in use whose tag is one, a bit each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Matches(Vector128<byte> tag) => Vector128.Equals(_bytes, tag).ExtractMostSignificantBits();
}
