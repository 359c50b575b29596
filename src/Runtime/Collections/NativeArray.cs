// The array: a fixed number of items in one block, and a header that knows when they are gone. ItemsState.cs is how it is built; here is its public face, with what depends on the items' type.
//
// A loop that wants the speed of an array takes the span first: the span's bounds are in registers, while the indexer asks the header each time.
//
// There is no Memory<T> of it. That needs a MemoryManager, a managed object each, which would either keep freed memory within reach of whoever holds it or need a reference count and
// with it a finalizer for those who forget; a pool of buffers is the place for that.

using System;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using NativeHeap.Collections;
using NativeHeap.Heaps;

namespace NativeHeap;

/// <summary>An array in native memory.</summary>
/// <typeparam name="T">The type of the items: any unmanaged struct.</typeparam>
/// <remarks>
/// <para>The struct is one word, which all copies share; keep it in a field, a class's or a native struct's, or a <c>using</c> declaration, and dispose of it once: or of its heap, which frees it as
/// everything else. Use of it afterwards throws <see cref="ObjectDisposedException"/>. <c>default</c> is no array: every member but <see cref="IsDefault"/> and <see cref="Dispose"/> throws
/// <see cref="InvalidOperationException"/>. An array of no items is <c>new NativeArray&lt;T&gt;(0)</c>.</para>
/// <para>Spans and references into it are valid until it is resized or disposed of; the compiler does not see to that. What the items own is not freed with them.</para>
/// <para>Not thread-safe: one thread at a time may resize or dispose of it, and only while no other uses it. The items are guarded by nobody.</para>
/// </remarks>
[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "An array, as the language has them.")]
[DebuggerDisplay("Length = {Length}")]
[DebuggerTypeProxy(typeof(NativeArray<>.DebuggerView))]
public readonly unsafe struct NativeArray<T> : IDisposable, IEquatable<NativeArray<T>>
    where T : unmanaged
{
    private readonly ContainerReference _container;

    /// <summary>Makes an array of zeros on <see cref="Heap.Shared"/>.</summary>
    /// <param name="length">The number of items.</param>
    /// <inheritdoc cref="NativeArray{T}(Heap, int, bool)" path="/exception"/>
    public NativeArray(int length)
        : this(Heap.Shared, length, clear: true)
    {
    }

    /// <summary>Makes an array of zeros.</summary>
    /// <param name="heap">The heap that it is to be part of.</param>
    /// <param name="length">The number of items.</param>
    /// <inheritdoc cref="NativeArray{T}(Heap, int, bool)" path="/exception"/>
    public NativeArray(Heap heap, int length)
        : this(heap, length, clear: true)
    {
    }

    /// <summary>Makes an array.</summary>
    /// <param name="heap">The heap that it is to be part of.</param>
    /// <param name="length">The number of items.</param>
    /// <param name="clear">Whether the items are to be zero; else they are what the memory happens to hold.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative, over <see cref="Array.MaxLength"/>, or so many items are over 2^46 bytes.</exception>
    /// <exception cref="OutOfMemoryException">The system has no memory, or a limit stands in the way.</exception>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    public NativeArray(Heap heap, int length, bool clear)
        : this(heap, length, clear, 1)
    {
    }

    /// <summary>Makes an array with an alignment.</summary>
    /// <param name="heap">The heap that it is to be part of.</param>
    /// <param name="length">The number of items.</param>
    /// <param name="clear">Whether the items are to be zero; else they are what the memory happens to hold.</param>
    /// <param name="alignment">Of the first item, in bytes: a power of two, at most <see cref="Heap.MaxAlignment"/>. What the type needs is honoured in any case.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative, over <see cref="Array.MaxLength"/>, or so many items are over 2^46 bytes; or the alignment is none.</exception>
    /// <inheritdoc cref="NativeArray{T}(Heap, int, bool)" path="/exception[@cref='OutOfMemoryException' or @cref='ObjectDisposedException']"/>
    public NativeArray(Heap heap, int length, bool clear, int alignment)
    {
        int maxCount = ItemsState.MaxCountOf(sizeof(T));
        if ((uint)length > (uint)maxCount)
        {
            throw CollectionErrors.BadCount(typeof(NativeArray<T>), nameof(length), length, maxCount);
        }

        if (alignment is <= 0 or > Heap.MaxAlignment || (alignment & (alignment - 1)) != 0)
        {
            throw HeapErrors.BadAlignment(nameof(alignment), (nuint)alignment);
        }

        ItemsState* array = ItemsState.Create(heap, sizeof(T), int.Max(alignment, ItemLayout<T>.Alignment));
        _container = new ContainerReference(array->Token);
        array->Fill(count: length, length, clear);
    }

    /// <summary>Makes an array as a copy of items, on <see cref="Heap.Shared"/>.</summary>
    /// <param name="items">The items.</param>
    /// <inheritdoc cref="NativeArray{T}(Heap, int, bool)" path="/exception"/>
    public NativeArray(ReadOnlySpan<T> items)
        : this(Heap.Shared, items)
    {
    }

    /// <summary>Makes an array as a copy of items.</summary>
    /// <param name="heap">The heap that it is to be part of.</param>
    /// <param name="items">The items.</param>
    /// <inheritdoc cref="NativeArray{T}(Heap, int, bool)" path="/exception"/>
    public NativeArray(Heap heap, ReadOnlySpan<T> items)
        : this(heap, items.Length, clear: false) => items.CopyTo(AsSpan());

    /// <summary>Whether this is <c>default</c>, which is no array.</summary>
    public bool IsDefault => _container.Token == 0;

    /// <summary>The number of items.</summary>
    public int Length => State->Count;

    private ItemsState* State
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (ItemsState*)_container.Require<NativeArray<T>>();
    }

    /// <summary>An item.</summary>
    /// <param name="index">From 0 to one less than <see cref="Length"/>.</param>
    /// <returns>A reference to it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such item.</exception>
    public ref T this[int index]
    {
        [return: Borrowed]
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            ItemsState* array = State;
            if ((uint)index >= (uint)array->Count)
            {
                ThrowBadIndex(array, index);
            }

            return ref ((T*)array->Items)[index];
        }
    }

    /// <summary>All items, to be read and written.</summary>
    /// <returns>A span of them.</returns>
    [return: Borrowed]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<T> AsSpan()
    {
        ItemsState* array = State;
        return new Span<T>(array->Items, array->Count);
    }

    /// <summary>The items from one on.</summary>
    /// <param name="start">The index of the first.</param>
    /// <returns>A span of them.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The index is negative, or over <see cref="Length"/>.</exception>
    [return: Borrowed]
    public Span<T> AsSpan(int start) => Slice(start, Length - start);

    /// <summary>Some of the items; what <c>array[2..5]</c> is.</summary>
    /// <param name="start">The index of the first.</param>
    /// <param name="length">How many.</param>
    /// <returns>A span of them.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Not all of them are there.</exception>
    [return: Borrowed]
    public Span<T> Slice(int start, int length)
    {
        ItemsState* array = State;
        return (uint)start <= (uint)array->Count && (uint)length <= (uint)(array->Count - start)
            ? new Span<T>((T*)array->Items + start, length)
            : throw CollectionErrors.BadRange(typeof(NativeArray<T>), nameof(start), start, length, array->Count);
    }

    /// <summary>The first item, for <c>fixed</c>, which costs nothing here; a null reference if there is none.</summary>
    /// <returns>A reference to it.</returns>
    [return: Borrowed]
    public ref T GetPinnableReference() => ref Unsafe.AsRef<T>(State->Items);

    /// <summary>Copies all items to the start of a span.</summary>
    /// <param name="destination">Receives them.</param>
    /// <exception cref="ArgumentException">The span is shorter than the array.</exception>
    public void CopyTo(Span<T> destination)
    {
        if (!AsSpan().TryCopyTo(destination))
        {
            throw CollectionErrors.TooShort(nameof(destination), destination.Length, Length);
        }
    }

    /// <summary>Changes the number of items, in place where the heap can. New ones are zero.</summary>
    /// <param name="length">The new number.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative, over <see cref="Array.MaxLength"/>, or so many items are over 2^46 bytes.</exception>
    /// <exception cref="OutOfMemoryException">The system has no memory, or a limit stands in the way; the array is as it was.</exception>
    [InvalidatesReferences(Always = false)]
    public void Resize(int length) => Resize(length, clear: true);

    /// <summary>Changes the number of items, in place where the heap can.</summary>
    /// <param name="length">The new number.</param>
    /// <param name="clear">Whether new ones are to be zero; else they are what the memory happens to hold.</param>
    /// <inheritdoc cref="Resize(int)" path="/exception"/>
    [InvalidatesReferences(Always = false)]
    public void Resize(int length, bool clear)
    {
        ItemsState* array = State;
        if ((uint)length > (uint)array->MaxCount)
        {
            throw CollectionErrors.BadCount(typeof(NativeArray<T>), nameof(length), length, array->MaxCount);
        }

        if (!array->TryReserve(length))
        {
            throw array->OutOfMemory(length);
        }

        // A handler of a soft limit may have ended the array.
        array = State;
        int count = array->Count;
        array->Count = length;
        if (length < count)
        {
            array->Trim(length);
        }
        else if (clear)
        {
            new Span<T>((T*)array->Items + count, length - count).Clear();
        }
    }

    /// <summary>Goes through the items, by reference. Valid until the array is resized or disposed of.</summary>
    [return: Borrowed]
    public Span<T>.Enumerator GetEnumerator() => AsSpan().GetEnumerator();

    /// <summary>Frees the array. Does nothing if it has been freed before, by a copy or its heap, or is <c>default</c>.</summary>
    /// <exception cref="HeapCorruptionException">An object was found to have been freed wrongly before.</exception>
    [InvalidatesReferences]
    public void Dispose()
    {
        if (_container.IsAlive)
        {
            State->Dispose();
        }
    }

    /// <summary>Whether both are the same array.</summary>
    public static bool operator ==(NativeArray<T> left, NativeArray<T> right) => left._container.Token == right._container.Token;

    /// <summary>Whether they are different arrays.</summary>
    public static bool operator !=(NativeArray<T> left, NativeArray<T> right) => left._container.Token != right._container.Token;

    /// <inheritdoc/>
    public bool Equals(NativeArray<T> other) => this == other;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is NativeArray<T> other && this == other;

    /// <inheritdoc/>
    public override int GetHashCode() => _container.Token.GetHashCode();

    [DoesNotReturn]
    private static void ThrowBadIndex(ItemsState* array, int index) => throw CollectionErrors.BadIndex(typeof(NativeArray<T>), nameof(index), index, array->Count);

    /// <summary>What a debugger shows of an array.</summary>
    internal sealed class DebuggerView(NativeArray<T> array)
    {
        [DebuggerBrowsable(DebuggerBrowsableState.RootHidden)]
        public T[] Items => array.AsSpan().ToArray();
    }
}
