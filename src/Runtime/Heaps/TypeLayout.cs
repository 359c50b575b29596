// What a stub says of its type, and how far it is believed.
//
// The generator computes size, alignment and size class from Roslyn's symbols and hands them over as a constant (SizeClasses/LayoutWord.cs). It may be wrong for
// the process that runs it: a library compiled against another table of size classes, another pointer width, a changed struct in a referenced assembly. So
//
//     the claim holds  <=>  its table is this one  and  its size is sizeof(T)  and  its alignment is at least the natural one
//
// (a claim made for this table has a class that fits its size and alignment). Every term is a constant for the JIT, so the whole comparison folds to
// nothing, and where it fails, or where the generator could not know, the class is computed from sizeof(T): a constant, too, after folding.

using System;
using System.Numerics;
using System.Runtime.CompilerServices;

using NativeHeap.SizeClasses;

namespace NativeHeap.Heaps;

/// <summary>The layout of a struct with stubs, as constants of the running process.</summary>
internal static unsafe class TypeLayout
{
    /// <summary>The span class of <typeparamref name="T"/>'s objects.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SpanClassOf<T>()
        where T : unmanaged, INativeAllocated<T>
    {
        if (LayoutWord.Version(T.NativeLayout) == SizeClass.TableVersion
            && LayoutWord.Size(T.NativeLayout) == sizeof(T)
            && LayoutWord.SpanClass(T.NativeLayout) < SizeClass.SpanClassCount
            && AlignmentBound<T>() <= 2 * LayoutWord.Alignment(T.NativeLayout))
        {
            return LayoutWord.SpanClass(T.NativeLayout);
        }

        return SizeClass.ToSpanClass(SizeClass.ClassOf(sizeof(T), AlignmentOf<T>()), LayoutWord.NoScan(T.NativeLayout));
    }

    /// <summary>The alignment of <typeparamref name="T"/>'s objects, in bytes: the greater of what was asked for and what its fields need.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int AlignmentOf<T>()
        where T : unmanaged, INativeAllocated<T>
        => Math.Max(NaturalAlignmentOf<T>(), LayoutWord.Alignment(T.NativeLayout));

    /// <summary>The alignment that the fields of any <typeparamref name="T"/> need, in bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int NaturalAlignmentOf<T>()
        where T : unmanaged
        => 1 << BitOperations.Log2((uint)AlignmentBound<T>() - 1);

    // sizeof(Probe) = alignment + size + padding with padding < alignment, so this lies in (alignment, 2 * alignment].
    private static int AlignmentBound<T>()
        where T : unmanaged
        => sizeof(Probe<T>) - sizeof(T) + 1;

#pragma warning disable CS0649 // Only the size of the struct is asked for; no instance exists.
    private struct Probe<T>
        where T : unmanaged
    {
        public byte Lead;
        public T Value;
    }
#pragma warning restore CS0649
}
