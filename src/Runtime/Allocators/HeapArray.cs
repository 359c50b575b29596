// A growing array of a heap's memory, for what the allocators of this folder keep beside the memory that they hand out: chunks, marks, blocks, handles. It doubles
// and its items move: nobody keeps a pointer to one over a call that may add.
//
//     0 <= Count <= Capacity;   an empty array has no memory

using System;

namespace NativeHeap.Allocators;

/// <summary>A growing array of a heap's memory. Zeroed is empty.</summary>
internal unsafe struct HeapArray<T>
    where T : unmanaged
{
    private const int FirstBytes = 1024;

    private T* _items;
    private int _capacity;

    /// <summary>The number of items.</summary>
    public int Count;

    /// <summary>An item, which must be below <see cref="Count"/>.</summary>
    public readonly ref T this[int index] => ref _items[index];

    /// <summary>The bytes obtained from the heap.</summary>
    public readonly nuint Bytes => (nuint)_capacity * (nuint)sizeof(T);

    /// <summary>The bytes that it takes when it grows by an item.</summary>
    public readonly nuint NextBytes => (nuint)CapacityFor(1) * (nuint)sizeof(T);

    /// <summary>Adds an item for which <see cref="TryReserve"/> has made room.</summary>
    public void Add(in T item) => _items[Count++] = item;

    /// <summary>Whether there is room for more items.</summary>
    /// <param name="more">How many, beyond <see cref="Count"/>.</param>
    public readonly bool HasRoom(int more = 1) => _capacity - Count >= more;

    /// <summary>Makes room for more items.</summary>
    /// <param name="heap">The heap, the same at every call.</param>
    /// <param name="more">How many, beyond <see cref="Count"/>.</param>
    /// <returns>Whether there is room; if not, the heap has no memory and the array is as it was.</returns>
    public bool TryReserve(Heap heap, int more = 1)
    {
        // The heap may call a handler of a soft limit, which may use the array's owner: so what is needed is found out anew after each allocation.
        while (!HasRoom(more))
        {
            long capacity = CapacityFor(more);
            if (capacity > int.MaxValue || !heap.TryAlloc((nuint)capacity * (nuint)sizeof(T), out void* items))
            {
                return false;
            }

            void* unused = items;
            if (capacity > _capacity)
            {
                Buffer.MemoryCopy(_items, items, capacity * sizeof(T), (long)Count * sizeof(T));
                unused = _items;
                _items = (T*)items;
                _capacity = (int)capacity;
            }

            heap.Free(unused);
        }

        return true;
    }

    /// <summary>Gives the memory back to the heap.</summary>
    public void Release(Heap heap)
    {
        T* items = _items;
        this = default;
        heap.Free(items);
    }

    private readonly long CapacityFor(int more) => long.Max((long)Count + more, long.Max(2L * _capacity, FirstBytes / sizeof(T)));
}
