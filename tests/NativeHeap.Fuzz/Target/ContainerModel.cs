// The containers of a heap and what ought to be in them: a table, a list, a dictionary, a bump allocator. They end with the heap's blocks.

using System;
using System.Collections.Generic;

using Xunit;

namespace NativeHeap.Fuzz;

/// <summary>Containers and their models.</summary>
internal sealed unsafe class ContainerModel(HeapModel owner)
{
    private const int MostElements = 3_000;

    private readonly List<(NativeHandle<Node> Handle, long Key)> _elements = [];
    private readonly List<long> _items = [];
    private readonly Dictionary<int, long> _entries = [];
    private readonly List<(nint Address, int Length, byte Mark)> _bumped = [];
    private readonly List<(BumpMark Mark, int Count)> _marks = [];
    private NativeTable<Node> _table;
    private NativeList<long> _list;
    private NativeDictionary<int, long> _dictionary;
    private BumpAllocator? _bump;

    /// <summary>Whether there are any whose blocks are the heap's own.</summary>
    public bool HasCollections => !_list.IsDefault || !_dictionary.IsDefault || _bump != null;

    public void UseTable(ByteSource source)
    {
        if (_table.IsDefault && !owner.Attempt(() => _table = new NativeTable<Node>(owner.Heap, MostElements)))
        {
            return;
        }

        int count = 1 + source.Below(200);
        switch (source.Below(8))
        {
            case < 4:
                for (; count > 0 && _elements.Count < MostElements; count--)
                {
                    long key = (source.Byte() << 16) + _elements.Count;
                    NativeHandle<Node> handle = default;
                    if (!owner.Attempt(() => _table.Add(new Node { Key = key }, out handle)))
                    {
                        break;
                    }

                    _elements.Add((handle, key));
                }

                break;
            case < 6:
                for (; count > 0 && _elements.Count != 0; count--)
                {
                    int index = source.Below(_elements.Count);
                    Assert.True(_table.Remove(_elements[index].Handle, out Node removed) && removed.Key == _elements[index].Key, "A table lost an element.");
                    Assert.False(_table.Contains(_elements[index].Handle), "A table still knows what was removed.");
                    _elements[index] = _elements[^1];
                    _elements.RemoveAt(_elements.Count - 1);
                }

                break;
            case 6:
                _table.TrimExcess();
                break;
            default:
                _table.Clear();
                _elements.Clear();
                break;
        }

        Assert.Equal(_elements.Count, _table.Count);
        foreach ((NativeHandle<Node> handle, long key) in _elements)
        {
            Assert.True(_table[handle].Key == key, "An element is another.");
        }
    }

    public void UseList(ByteSource source)
    {
        if (_list.IsDefault && !owner.Attempt(() => _list = new NativeList<long>(owner.Heap)))
        {
            return;
        }

        int count = 1 + source.Below(300);
        switch (source.Below(8))
        {
            case < 3:
                for (; count > 0 && _items.Count < MostElements; count--)
                {
                    long item = _items.Count * 7L;
                    if (!owner.Attempt(() => _list.Add(item)))
                    {
                        break;
                    }

                    _items.Add(item);
                }

                break;
            case 3:
                int place = source.Below(_items.Count + 1);
                long[] range = new long[count];
                range.AsSpan().Fill(count);
                if (_items.Count < MostElements && owner.Attempt(() => _list.InsertRange(place, range)))
                {
                    _items.InsertRange(place, range);
                }

                break;
            case 4 when _items.Count != 0:
                int start = source.Below(_items.Count);
                int length = Math.Min(count, _items.Count - start);
                _list.RemoveRange(start, length);
                _items.RemoveRange(start, length);
                break;
            case 5:
                _ = owner.Attempt(_list.TrimExcess);
                break;
            case 6:
                _ = owner.Attempt(() => _list.EnsureCapacity(count * 8));
                break;
            case 7:
                _list.Dispose();
                _list = default;
                _items.Clear();
                return;
            default:
                break;
        }

        Assert.True(_list.AsSpan().SequenceEqual(_items.ToArray()), "A list holds something else.");
    }

    public void UseDictionary(ByteSource source)
    {
        if (_dictionary.IsDefault && !owner.Attempt(() => _dictionary = new NativeDictionary<int, long>(owner.Heap)))
        {
            return;
        }

        int way = source.Below(5);
        for (int left = 1 + source.Below(300); left > 0; left--)
        {
            int key = source.Below(1_000) + left;
            switch (way)
            {
                case < 3 when _entries.Count < MostElements:
                    if (owner.Attempt(() => _dictionary[key] = left))
                    {
                        _entries[key] = left;
                    }

                    break;
                case 3:
                    Assert.Equal(_entries.Remove(key), _dictionary.Remove(key));
                    break;
                default:
                    bool isThere = _dictionary.TryGetValue(key, out long value);
                    Assert.True(isThere == _entries.TryGetValue(key, out long expected) && value == expected, "A dictionary holds something else.");
                    break;
            }
        }

        Assert.Equal(_entries.Count, _dictionary.Count);
    }

    public void UseBump(ByteSource source)
    {
        BumpAllocator bump = _bump ??= new BumpAllocator(new BumpAllocatorOptions { Heap = owner.Heap, FirstChunkBytes = 4_096, MaximumChunkBytes = 32_768 });
        switch (source.Below(8))
        {
            case 0:
                _ = owner.Attempt(() => _marks.Add((bump.Mark(), _bumped.Count)));
                break;
            case 1 when _marks.Count != 0:
                int at = source.Below(_marks.Count);
                bump.Rewind(_marks[at].Mark);
                _bumped.RemoveRange(_marks[at].Count, _bumped.Count - _marks[at].Count);
                _marks.RemoveRange(at + 1, _marks.Count - at - 1);
                break;
            case 2:
                AssertBumped();
                bump.Reset();
                _bumped.Clear();
                _marks.Clear();
                break;
            default:
                for (int left = 1 + source.Below(40); left > 0 && _bumped.Count < MostElements; left--)
                {
                    int length = Math.Max(1, (int)nuint.Min(source.Size(), 40_000));
                    nuint alignment = (nuint)1 << source.Below(8);
                    byte mark = source.Byte();
                    nint address = 0;
                    if (!owner.Attempt(() => address = (nint)bump.AllocAligned((nuint)length, alignment)))
                    {
                        break;
                    }

                    Assert.True((nuint)address % alignment == 0, "What was bumped is not aligned.");
                    new Span<byte>((void*)address, length).Fill(mark);
                    _bumped.Add((address, length, mark));
                }

                break;
        }

        AssertBumped();
    }

    /// <summary>Forgets them, before all of the heap's blocks end at once.</summary>
    public void End()
    {
        AssertBumped();
        _bump?.Dispose();
        _bump = null;
        _table = default;
        _list = default;
        _dictionary = default;
        _elements.Clear();
        _items.Clear();
        _entries.Clear();
        _bumped.Clear();
        _marks.Clear();
    }

    private void AssertBumped()
    {
        foreach ((nint address, int length, byte mark) in _bumped)
        {
            Assert.True(!new ReadOnlySpan<byte>((void*)address, length).ContainsAnyExcept(mark), "What was bumped was written to by another.");
        }
    }
}
