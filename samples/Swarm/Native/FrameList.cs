// A list for the length of a frame: in a bump allocator, twice as long whenever it is full. What it outgrows is freed with all else when the frame's memory is.

using System;
using System.Runtime.CompilerServices;

using NativeHeap;

namespace Swarm.Native;

internal unsafe struct FrameList<T>
    where T : unmanaged
{
    private const int FirstCapacity = 64;

    private T* _items;
    private int _count;
    private int _capacity;

    public readonly ReadOnlySpan<T> Items => new(_items, _count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ThreadFrames frames, in T item)
    {
        if (_count == _capacity)
        {
            Grow(frames.Local.Current);
        }

        _items[_count++] = item;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(BumpAllocator memory)
    {
        _capacity = Math.Max(FirstCapacity, 2 * _capacity);
        Span<T> longer = memory.AllocSpan<T>(_capacity);
        Items.CopyTo(longer);
        _items = (T*)Unsafe.AsPointer(ref longer[0]);
    }
}
