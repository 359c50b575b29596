// Objects of structs with generated stubs, for generic code: what T.Alloc(heap) is for code that names T.

using System.Runtime.CompilerServices;

using NativeHeap.CompilerServices;

namespace NativeHeap;

public sealed unsafe partial class Heap
{
    /// <summary>Allocates one uninitialised <typeparamref name="T"/>.</summary>
    /// <typeparam name="T">A struct with generated stubs.</typeparam>
    /// <returns>The object, aligned as its type needs. The caller frees it by <see cref="Free"/> or the type's own <c>Free(heap, pointer)</c>, or leaves it to the heap's end.</returns>
    /// <inheritdoc cref="Alloc(nuint)" path="/exception[@cref='OutOfMemoryException' or @cref='ObjectDisposedException']"/>
    [return: Owned]
    [return: OwnedBy("this")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe T* Alloc<T>()
        where T : unmanaged, INativeAllocated<T>
        => NativeStubs.Alloc<T, T>(this);
}
