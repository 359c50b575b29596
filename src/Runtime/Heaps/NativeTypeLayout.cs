// What a stub says of its type, and how far it is believed.
//
// The generator computes size, alignment and size class from Roslyn's symbols and passes them as constants. They may be wrong for
// the process that runs them: a library compiled against another version of the size classes, another pointer width, a
// changed struct in a referenced assembly. So the claim is compared with sizeof(T) and with the table of this runtime:
//
//     the claim holds  <=>  Size == sizeof(T) <= SlotSize == table[SpanClass >> 1]  and  the alignment divides SlotSize and a page
//
// Every term is a constant for the JIT, so the whole comparison folds to one branch's worth of nothing, and where it fails, or
// where the generator could not know the size (SpanClass < 0), the class is computed from sizeof(T): a constant, too, after folding.

using System;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

using NativeHeap.SizeClasses;

namespace NativeHeap.CompilerServices;

/// <summary>The layout of a struct as its generated stubs claim it. For generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "A bundle of arguments; nothing compares two.")]
public readonly struct NativeTypeLayout
{
    /// <summary>A layout known when the stubs were generated.</summary>
    /// <param name="spanClass">Twice the size class, plus one if the struct holds no pointer.</param>
    /// <param name="slotSize">The size of that class's slots, in bytes; 0 for class 0, large objects.</param>
    /// <param name="size">The size of the struct, in bytes.</param>
    /// <param name="alignment">The alignment its objects need, in bytes: a power of two.</param>
    public NativeTypeLayout(int spanClass, int slotSize, int size, int alignment)
    {
        SpanClass = spanClass;
        SlotSize = slotSize;
        Size = size;
        Alignment = alignment;
    }

    internal int SpanClass { get; }

    internal int SlotSize { get; }

    internal int Size { get; }

    internal int Alignment { get; }

    /// <summary>A layout that only the running process knows.</summary>
    /// <param name="alignment">The alignment asked for by the user, in bytes, or 1: the natural alignment is added.</param>
    /// <param name="noScan">Whether the struct is known to hold no pointer.</param>
    /// <returns>A layout that makes the runtime compute the class from the size of the type.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeTypeLayout Unknown(int alignment, bool noScan) => new(noScan ? -1 : -2, 0, 0, alignment);

    /// <summary>The span class of <typeparamref name="T"/>'s objects: a constant once compiled.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe int SpanClassOf<T>()
        where T : unmanaged, INativeAllocated<T>
    {
        NativeTypeLayout claim = T.NativeLayout;
        if (claim.SpanClass >= 0
            && claim.Size == sizeof(T)
            && claim.SpanClass < SizeClass.SpanClassCount
            && claim.SlotSize == SizeClass.SlotSize(claim.SpanClass >> 1)
            && claim.Size <= claim.SlotSize
            && (claim.SlotSize & (AlignmentOf<T>() - 1)) == 0
            && AlignmentOf<T>() <= SizeClass.PageSize)
        {
            return claim.SpanClass;
        }

        bool noScan = (claim.SpanClass & 1) != 0;
        return SizeClass.ToSpanClass(SizeClass.ClassOf(sizeof(T), AlignmentOf<T>()), noScan);
    }

    /// <summary>The alignment of <typeparamref name="T"/>'s objects, in bytes: the greater of what was asked for and what its fields need.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static unsafe int AlignmentOf<T>()
        where T : unmanaged, INativeAllocated<T>
    {
        // sizeof(Probe) = alignment + size + padding, with padding < alignment: the difference lies in [alignment, 2 * alignment).
        int natural = 1 << BitOperations.Log2((uint)(sizeof(Probe<T>) - sizeof(T)));
        return Math.Max(natural, T.NativeLayout.Alignment);
    }

#pragma warning disable CS0649 // Only the size of the struct is asked for; no instance exists.
    private struct Probe<T>
        where T : unmanaged
    {
        public byte Lead;
        public T Value;
    }
#pragma warning restore CS0649
}
