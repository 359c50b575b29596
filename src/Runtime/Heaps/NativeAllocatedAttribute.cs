// What a user writes to ask for stubs; the generator reads it by name, and the analyzers. What it can ask for beside them:
//
//     Alignment    of each object        (SizeClasses: the smallest class that is a multiple of it)
//     Isolated     memory of its own     (IsolatedType.cs)

using System;

namespace NativeHeap;

/// <summary>
/// Asks for typed allocation stubs on an unmanaged struct: <c>Alloc</c>, <c>AllocZeroed</c>, <c>Free</c>, <c>AllocBatch</c>,
/// <c>FreeBatch</c> and <c>Rent</c>, with the size class a constant in the code. On an assembly, for a struct that is not this project's to annotate.
/// </summary>
/// <remarks>
/// Each stands for the shared heap; with a <see cref="Heap"/> as its first argument, for that one.
/// The struct, and every type it is nested in, must be <c>partial</c>. The pointer stubs appear only in projects that allow
/// unsafe code; <c>Rent</c> is always there.
/// <para>
/// What an object owns is freed by a method that the stubs declare, for the struct's author to implement: <c>static partial void OnFreeing(ref Order value)</c>. It is called by <c>Free</c> and
/// <c>FreeBatch</c>, by an owner, and by the tables and pools that remove an object, in all of which a type without it costs nothing; not by <see cref="Heap.Free"/>, which does not know the type, nor
/// when a heap ends with all that is in it. It may do anything; what it throws goes to the caller, with the object freed nevertheless.
/// </para>
/// <para>
/// The stubs of a struct of another assembly are extension members (C# 14), of a class that is internal to this project and called after the struct, <c>NativeHeap.Matrix4x4Allocation</c>; before C# 14
/// they are static methods of that class. The struct has no <c>OnFreeing</c>: what owns something is a struct of one's own. Two projects may name the same struct; if they ask for different alignments, an
/// object goes back by the stubs of the project that it is from, or by <see cref="Heap.Free"/>.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// [NativeAllocated]
/// public partial struct Order { public long Id; public long Price; public int Quantity; }
///
/// using NativeOwner&lt;Order&gt; order = Order.Rent();
/// order.Value.Price = 101_250;
///
/// [assembly: NativeAllocated(typeof(Matrix4x4), Alignment = 64)]
///
/// using NativeOwner&lt;Matrix4x4&gt; world = Matrix4x4.Rent();
/// </code>
/// </example>
[AttributeUsage(AttributeTargets.Struct | AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class NativeAllocatedAttribute : Attribute
{
    /// <summary>Asks for the stubs of the struct that the attribute stands on.</summary>
    public NativeAllocatedAttribute()
    {
    }

    /// <summary>Asks, on an assembly, for the stubs of a struct of another one.</summary>
    /// <param name="type">The struct, or an enum: unmanaged, and closed if it is generic.</param>
    public NativeAllocatedAttribute(Type type) => Type = type;

    /// <summary>The struct of another assembly; null for the one that the attribute stands on.</summary>
    public Type? Type { get; }

    /// <summary>
    /// The alignment of each object, in bytes: a power of two, at most 2 MiB. 0, the default, is the struct's natural
    /// alignment, which is honoured in any case: a smaller value changes nothing.
    /// </summary>
    public int Alignment { get; set; }

    /// <summary>Whether the type's objects have memory that no other type ever shares: an address that was once such an object is nothing else until the process ends, so that a stale pointer never sees another type.</summary>
    /// <remarks>
    /// The objects are in a heap of their own, which only these stubs use, at the process's check level; it stands in <c>Heap.All</c> under the type's name, for statistics and reports. There are no stubs that name a heap, and the struct
    /// is no <see cref="INativeAllocated{TSelf}"/>, so that generic code cannot allocate it elsewhere. Memory that the objects do not need goes back to the operating system; its addresses, and what limits count, stay at the type's peak. For
    /// structs of at most 32 KiB (NH0015). Values in arrays, lists, tables or boxes, and fields of this type, are in the memory of what they are in.
    /// </remarks>
    public bool Isolated { get; set; }
}
