// A walk over the blocks of a heap, in the order of their addresses, that allocates nothing and stops nobody.
//
//     arena map, page after page -> the heap's spans -> UsedSlots, a copy of what is live in one -> its slots
//
// Between two spans it holds no lock, and within one it goes by its copy. So the program may do what it likes meanwhile, free the very block it is at included: a block that another thread frees
// or allocates at that time may be visited or not. What is parked in depots and bins is free, and is not visited.
//
// Blocks do not know their types. What is known is the span class: those of a kind without pointers (noscan) are objects of structs with stubs; the others may be that or untyped. A walk over T visits the
// span class of T, and all of it: they are Ts where the heap has nothing else of that class, as one that was made for Ts alone.

using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

using NativeHeap.Central;
using NativeHeap.Heaps;
using NativeHeap.Pages;
using NativeHeap.SizeClasses;

namespace NativeHeap;

/// <summary>A block that a walk has come to.</summary>
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "What is said of a block at one moment; blocks are compared by their addresses.")]
public readonly unsafe struct HeapBlock
{
    internal HeapBlock(byte* address, nuint usableSize, int spanClass)
    {
        Address = address;
        UsableSize = usableSize;
        MayHoldPointers = SizeClass.MayHoldPointers(spanClass);
    }

    /// <summary>Its first byte.</summary>
    public unsafe void* Address { get; }

    /// <summary>The size that it may be used to, in bytes, as <see cref="Heap.UsableSize"/> says.</summary>
    public nuint UsableSize { get; }

    /// <summary>Whether it may hold pointers: true for an untyped block; false for an object of a struct with stubs that has no pointer among its fields.</summary>
    public bool MayHoldPointers { get; }
}

/// <summary>The live blocks of a heap in the order of their addresses, for <c>foreach</c>: <see cref="Heap.Walk()"/>.</summary>
[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "Enumerable and enumerator in one, for foreach alone.")]
public unsafe ref struct HeapWalk
{
    internal const int AllClasses = -1;

    private readonly Heap _heap;
    private readonly ulong _lease;
    private readonly int _spanClass;
    private readonly nuint _largeSize;
    private nuint _page;
    private UsedSlots _slots;
    private int _word;
    private ulong _bits;
    private byte* _block;

    /// <summary>Starts before the first block.</summary>
    /// <param name="heap">The heap.</param>
    /// <param name="spanClass">The span class to visit; <see cref="AllClasses"/> for all.</param>
    /// <param name="largeSize">Of large objects, those of this many bytes; 0 for all.</param>
    internal HeapWalk(Heap heap, int spanClass, nuint largeSize)
    {
        // Throws if the heap has been disposed of.
        _ = heap.SetToRead;
        _heap = heap;
        _lease = heap.Lease;
        _spanClass = spanClass;
        _largeSize = largeSize;
    }

    /// <summary>The block that the walk is at.</summary>
    public readonly HeapBlock Current => new(_block, _slots.Recorded == null ? _slots.SlotSize : AllocationRoutes.UsableBytes(_slots.Recorded, _block), _slots.SpanClass);

    internal readonly byte* Block => _block;

    /// <summary>The walk itself.</summary>
    /// <returns>A copy, at the same block.</returns>
    public readonly HeapWalk GetEnumerator() => this;

    /// <summary>Goes on to the next block.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="System.ObjectDisposedException">The heap has been disposed of since.</exception>
    /// <exception cref="System.InvalidOperationException">The heap has been reset since.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MoveNext()
    {
        if (_bits == 0 && !MoveToWord())
        {
            return false;
        }

        int slot = (_word * 64) + BitOperations.TrailingZeroCount(_bits);
        _bits &= _bits - 1;
        _block = _slots.Base + ((nuint)(uint)slot * _slots.SlotSize);
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool MoveToWord()
    {
        do
        {
            _word++;
            while (_word >= _slots.Words)
            {
                if (!MoveToSpan())
                {
                    return false;
                }
            }

            _bits = _slots.Bits[_word];
        }
        while (_bits == 0);
        return true;
    }

    private bool MoveToSpan()
    {
        if (_heap is null)
        {
            return false;
        }

        CentralSet* set = _heap.SetToRead;
        if (_heap.Lease != _lease)
        {
            throw HeapErrors.ResetWhileWalked();
        }

        _slots.Words = _word = 0;
        nuint from = _page;
        PageSpan* span = set == null ? null : HeapProcess.Pages->Map.NextSpan(ref _page, set->Index);
        if (span == null)
        {
            return false;
        }

        int spanClass = span->SpanClass;
        bool isLarge = SizeClass.FromSpanClass(spanClass) == SizeClass.Large;
        if ((_spanClass == span->ObjectClass || _spanClass == AllClasses) && (!isLarge || _largeSize == 0 || _largeSize == span->ByteCount || span->IsGuarded))
        {
            fixed (UsedSlots* slots = &_slots)
            {
                if (!LiveSpans.TryCopy(set, span, spanClass, from, _page, slots))
                {
                    slots->Words = 0;
                }
            }
        }

        return true;
    }
}

/// <summary>The live blocks of a struct's size class in a heap, in the order of their addresses, for <c>foreach</c>: <see cref="Heap.Walk{T}()"/>.</summary>
/// <typeparam name="T">The struct.</typeparam>
[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "Enumerable and enumerator in one, for foreach alone.")]
public unsafe ref struct HeapWalk<T>
    where T : unmanaged, INativeAllocated<T>
{
    private HeapWalk _walk;

    internal HeapWalk(Heap heap)
    {
        CentralSet* set = heap.SetToRead;
        (int spanClass, nuint size) = set == null ? (TypeLayout.SpanClassOf<T>(), (nuint)sizeof(T)) : CheckedRoutes.SlotFor(set, TypeLayout.SpanClassOf<T>(), (nuint)sizeof(T), (nuint)TypeLayout.AlignmentOf<T>());
        _walk = new(heap, spanClass, (size + SizeClass.PageSize - 1) & ~(nuint)(SizeClass.PageSize - 1));
    }

    /// <summary>The object that the walk is at.</summary>
    public readonly NativePointer<T> Current => (T*)_walk.Block;

    /// <inheritdoc cref="HeapWalk.GetEnumerator"/>
    public readonly HeapWalk<T> GetEnumerator() => this;

    /// <inheritdoc cref="HeapWalk.MoveNext"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MoveNext() => _walk.MoveNext();
}

public sealed unsafe partial class Heap
{
    /// <summary>Visits the blocks that are alive, in the order of their addresses, without allocating.</summary>
    /// <returns>What a <c>foreach</c> goes through.</returns>
    /// <remarks>
    /// Thread-safe, and stops nobody. A block that was allocated before the walk and is not freed during it is visited once; one that is allocated or freed meanwhile, by any thread, at most once.
    /// The block that the walk is at may be freed. Takes a time that grows with the heap's blocks, and with the spans of all heaps.
    /// </remarks>
    /// <exception cref="System.ObjectDisposedException">The heap has been disposed of.</exception>
    public HeapWalk Walk() => new(this, HeapWalk.AllClasses, largeSize: 0);

    /// <summary>Visits the blocks that are alive and of the size class of <typeparamref name="T"/>, in the order of their addresses, without allocating.</summary>
    /// <typeparam name="T">A struct with generated stubs.</typeparam>
    /// <returns>What a <c>foreach</c> goes through.</returns>
    /// <remarks>
    /// Blocks do not know their types: the heap must hold nothing else of that size class, for which it is enough that it holds nothing but <typeparamref name="T"/>s. Structs of other sizes may share
    /// the class; those with pointers among their fields and those without never do, and only with the former do untyped blocks.
    /// For the rest see <see cref="Walk()"/>.
    /// </remarks>
    /// <exception cref="System.ObjectDisposedException">The heap has been disposed of.</exception>
    public HeapWalk<T> Walk<T>()
        where T : unmanaged, INativeAllocated<T>
        => new(this);
}
