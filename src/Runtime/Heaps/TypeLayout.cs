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

using NativeHeap.CompilerServices;
using NativeHeap.SizeClasses;

namespace NativeHeap.Heaps;

/// <summary>The layout of a struct with stubs, as constants of the running process.</summary>
internal static unsafe class TypeLayout
{
    /// <summary>The span class of <typeparamref name="T"/>'s objects, as its stubs have it.</summary>
    /// <typeparam name="T">The struct.</typeparam>
    /// <typeparam name="TLayout">Who states the layout: the struct itself, or what its stubs have for it.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SpanClassOf<T, TLayout>()
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
    {
        if (LayoutWord.Version(TLayout.NativeLayout) == SizeClass.TableVersion
            && LayoutWord.Size(TLayout.NativeLayout) == sizeof(T)
            && LayoutWord.SpanClass(TLayout.NativeLayout) < SizeClass.SpanClassCount
            && AlignmentBound<T>() <= 2 * LayoutWord.Alignment(TLayout.NativeLayout))
        {
            return LayoutWord.SpanClass(TLayout.NativeLayout);
        }

        return SizeClass.ToSpanClass(SizeClass.ClassOf(sizeof(T), AlignmentOf<T, TLayout>()), LayoutWord.NoScan(TLayout.NativeLayout));
    }

    /// <summary>The span class of the objects of a struct with stubs of its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SpanClassOf<T>()
        where T : unmanaged, INativeAllocated<T>
        => SpanClassOf<T, T>();

    /// <summary>The alignment of <typeparamref name="T"/>'s objects, in bytes: the greater of what was asked for and what its fields need.</summary>
    /// <inheritdoc cref="SpanClassOf{T, TLayout}"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int AlignmentOf<T, TLayout>()
        where T : unmanaged
        where TLayout : unmanaged, INativeLayoutClaim
        => Math.Max(NaturalAlignmentOf<T>(), LayoutWord.Alignment(TLayout.NativeLayout));

    /// <summary>The alignment of the objects of a struct with stubs of its own, in bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int AlignmentOf<T>()
        where T : unmanaged, INativeAllocated<T>
        => AlignmentOf<T, T>();

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
