// Who owns an object is part of a method's signature. These attributes say it; the analyzers go by them alone and know no
// method by name, so your own helpers are followed as the generated stubs are, across assemblies too.
//
//     [return: Owned]          the caller receives an object that it must free or hand on
//     [return: OwnedBy("h")]   and beside that: what is not freed ends with the heap that was passed as h, by its Dispose or Reset
//     [TakesOwnership] T* p    the callee frees or keeps the object: the caller must not use it again
//     [Borrowed] T* p          the callee only uses the object during the call: the caller still owns it
//     [return: Borrowed]       the result refers into the object that the member is called on, which goes on owning it
//     [InvalidatesReferences]  and this is a member that ends such results: it moves or frees what they refer to

using System;

namespace NativeHeap;

/// <summary>The object handed out here belongs to the receiver, who must free it or hand it on.</summary>
[AttributeUsage(AttributeTargets.ReturnValue | AttributeTargets.Parameter)]
public sealed class OwnedAttribute : Attribute;

/// <summary>
/// The object handed out here ends, if it has not been freed before, with the heap that was passed in a parameter of the method: by <see cref="Heap.Dispose"/> or whatever else ends all of the
/// heap's objects. Stands beside <see cref="OwnedAttribute"/>: the receiver may free the object, and need not.
/// </summary>
/// <param name="heap">The parameter's name; <c>this</c> for the object that the method is called on.</param>
[AttributeUsage(AttributeTargets.ReturnValue | AttributeTargets.Parameter)]
public sealed class OwnedByAttribute(string heap) : Attribute
{
    /// <summary>The name of the parameter that the heap is passed in; <c>this</c> for the object that the method is called on.</summary>
    public string Heap { get; } = heap;
}

/// <summary>The object passed here belongs to the callee from now on: the caller must not use it again. On a method, the object is <c>this</c>.</summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Method)]
public sealed class TakesOwnershipAttribute : Attribute;

/// <summary>The object is lent: on a parameter, for the time of the call; on a return value, for as long as its owner keeps it. The borrower must not free it.</summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.ReturnValue)]
public sealed class BorrowedAttribute : Attribute;

/// <summary>
/// A call ends what the object's members have handed out as <see cref="BorrowedAttribute">borrowed</see>: references, spans, pointers and enumerators are not to be used afterwards. The object is the
/// one that the method is called on; on a parameter, the one that is passed.
/// </summary>
/// <remarks>Of a method that returns a <see cref="bool"/>, it is the <see langword="true"/> that says that it has been done.</remarks>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Parameter)]
public sealed class InvalidatesReferencesAttribute : Attribute
{
    /// <summary>Whether each call does it. Else it depends on what the caller may well know, such as whether there is room for one more.</summary>
    public bool Always { get; init; } = true;

    /// <summary>The name of the parameter that limits it to what was handed out since the argument was: a mark to go back to. Null for all that was handed out.</summary>
    public string? Since { get; init; }
}
