// An owner is two words: the object's address, and where it goes when it is freed.
//
//     origin     63         32 31        24 23          0
//                [ the lease of its heap, all but ...   ]       CentralSet.Lease: its lower half is the index of the heap, which takes two bytes, and is 0 for the shared heap
//                              [ span    ]                      the span class that the object was allocated with
//                              [ class 8 ]
//
// The class is the stubs' and not the type's: a struct of another assembly has no place for it, and its stubs may ask for more alignment than another's. Rent is inlined, and the JIT then knows
// the class, and of the shared heap the whole word, and drops the questions.

using System;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using NativeHeap.CompilerServices;

namespace NativeHeap;

/// <summary>
/// Owns one object and frees it when disposed: what <c>Rent</c> returns, meant for a <c>using</c> declaration.
/// </summary>
/// <typeparam name="T">The type of the object: a struct with generated stubs, its own or its project's.</typeparam>
/// <remarks>
/// A ref struct: it lives on the stack, and in safe code the compiler refuses to let a reference to <see cref="Value"/> outlive it. It can still be
/// copied; two copies own the same object, and disposing both frees it twice. Hand ownership on by <see cref="Move"/>
/// or <see cref="Detach"/>; the analyzers report the copies that go wrong (NH1022). Not thread-safe, as the object isn't.
/// </remarks>
[SuppressMessage("Design", "CA1000:Do not declare static members on generic types", Justification = "Created by Rent of the type itself.")]
[DebuggerDisplay("{DebuggerText,nq}")]
public unsafe ref struct NativeOwner<T> : IDisposable
    where T : unmanaged
{
    private const int SpanClassShift = 24;
    private const ulong SpanClassBits = 0xffUL << SpanClassShift;
    private const ulong HeapIndexBits = (1UL << SpanClassShift) - 1;

    private readonly ulong _origin;
    private T* _pointer;

    internal NativeOwner(T* pointer, ulong lease, int spanClass)
        : this(pointer, lease | ((ulong)(uint)spanClass << SpanClassShift))
    {
    }

    private NativeOwner(T* pointer, ulong origin)
    {
        _pointer = pointer;
        _origin = origin;
    }

    private readonly string? DebuggerText => IsNull ? "no object" : Value.ToString();

    private readonly int SpanClass => (int)((_origin & SpanClassBits) >> SpanClassShift);

    /// <summary>Whether there is no object: never had one, handed on, or disposed.</summary>
    public readonly bool IsNull => _pointer == null;

    /// <summary>The object.</summary>
    /// <exception cref="NullReferenceException">The owner has none (<see cref="IsNull"/>), and the reference is read or written.</exception>
    [UnscopedRef]
    public readonly ref T Value => ref Unsafe.AsRef<T>(_pointer);

    /// <summary>The object's address, which the owner still frees when disposed: it must not be used after that.</summary>
    /// <returns>The address; null if the owner has no object.</returns>
    [return: Borrowed]
    public readonly unsafe T* DangerousGetPointer() => _pointer;

    /// <summary>Hands the object to the caller, who frees it with the type's <c>Free</c>, or <c>Free(heap, pointer)</c> if it was rented of a heap. The owner is empty afterwards.</summary>
    /// <returns>The address; null if the owner had no object.</returns>
    [return: Owned]
    public unsafe T* Detach()
    {
        T* pointer = _pointer;
        _pointer = null;
        return pointer;
    }

    /// <summary>Hands the object to another owner. This one is empty afterwards, and disposing it does nothing.</summary>
    /// <returns>The new owner.</returns>
    [return: Owned]
    public NativeOwner<T> Move() => new(Detach(), _origin);

    /// <summary>
    /// Frees the object. Does nothing if there is none, so a second call on the same variable is harmless; nor if the object has ended already, with all others of its heap.
    /// </summary>
    [InvalidatesReferences]
    [TakesOwnership]
    public void Dispose()
    {
        if ((_origin & HeapIndexBits) == 0)
        {
            NativeStubs.Free(Detach(), SpanClass);
        }
        else
        {
            NativeStubs.Free(Detach(), _origin & ~SpanClassBits, SpanClass);
        }
    }
}
