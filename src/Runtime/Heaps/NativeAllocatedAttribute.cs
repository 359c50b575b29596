using System;

namespace NativeHeap;

/// <summary>
/// Asks for typed allocation stubs on an unmanaged struct: <c>Alloc</c>, <c>AllocZeroed</c>, <c>Free</c>, <c>AllocBatch</c>,
/// <c>FreeBatch</c> and <c>Rent</c>, with the size class a constant in the code.
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
/// </remarks>
/// <example>
/// <code>
/// [NativeAllocated]
/// public partial struct Order { public long Id; public long Price; public int Quantity; }
///
/// using NativeOwner&lt;Order&gt; order = Order.Rent();
/// order.Value.Price = 101_250;
/// </code>
/// </example>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class NativeAllocatedAttribute : Attribute
{
    /// <summary>
    /// The alignment of each object, in bytes: a power of two, at most 2 MiB. 0, the default, is the struct's natural
    /// alignment, which is honoured in any case: a smaller value changes nothing.
    /// </summary>
    public int Alignment { get; set; }
}
