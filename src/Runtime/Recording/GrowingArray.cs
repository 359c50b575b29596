// An array that grows by doubling, of memory straight from the system: a recording must not allocate from the heap that it records, nor managed memory on a thread that
// allocates. New items are zeroed. It moves when it grows, so whoever uses it holds the lock that guards it.

using System;

using NativeHeap.Platform;

namespace NativeHeap.Recording;

/// <summary>A growing array of native memory. Zeroed is empty.</summary>
internal unsafe struct GrowingArray<T>
    where T : unmanaged
{
    private const uint FirstBytes = 64 * 1024;

    private T* _items;
    private uint _length;

    /// <summary>The number of items there is room for.</summary>
    public readonly uint Length => _length;

    /// <summary>An item, which must be within <see cref="Length"/>.</summary>
    public readonly ref T this[uint index] => ref _items[index];

    /// <summary>Makes room for an index.</summary>
    /// <returns>Whether there is room; if not, the system has no memory and the array is as it was.</returns>
    public bool TryReach(uint index)
    {
        if (index < _length)
        {
            return true;
        }

        ulong length = _length == 0 ? FirstBytes / (uint)sizeof(T) : 2UL * _length;
        while (length <= index)
        {
            length *= 2;
        }

        var items = length > uint.MaxValue ? null : (T*)VirtualMemory.Alloc((nuint)length * (nuint)sizeof(T));
        if (items == null)
        {
            return false;
        }

        Buffer.MemoryCopy(_items, items, (nuint)length * (nuint)sizeof(T), (nuint)_length * (nuint)sizeof(T));
        Release();
        _items = items;
        _length = (uint)length;
        return true;
    }

    /// <summary>Gives the memory back.</summary>
    public void Release()
    {
        if (_items != null)
        {
            _ = VirtualMemory.Free(_items, (nuint)_length * (nuint)sizeof(T));
        }

        this = default;
    }
}
