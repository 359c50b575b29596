using System;
using System.Collections.Generic;

using NativeHeap.Tests.Heaps;

using Xunit;

namespace NativeHeap.Tests.Torture;

/// <summary>A table of one thread's: it grows, shrinks, and is checked element by element when it is disposed of.</summary>
internal sealed class TortureTable : IDisposable
{
    private const int MaxCapacity = 50_000;

    private readonly List<(NativeHandle<Order> Handle, long Id)> _elements = [];
    private NativeTable<Order> _table;

    /// <summary>Adds or removes some elements, trims it, or starts anew.</summary>
    public void Use(TortureThread thread)
    {
        if (_table.IsDefault)
        {
            _ = thread.Attempt(() => _table = new NativeTable<Order>(MaxCapacity));
            return;
        }

        switch (thread.Random.Next(8))
        {
            case 0:
                _table.TrimExcess();
                break;
            case 1:
                Dispose();
                break;
            case 2 or 3:
                Remove(thread.Random, thread.Random.Next(2_000));
                break;
            default:
                for (int left = thread.Random.Next(2_000); left > 0 && _elements.Count < MaxCapacity && TryAdd(thread); left--)
                {
                }

                break;
        }
    }

    public void Dispose()
    {
        Assert.True(_table.IsDefault || _table.Count == _elements.Count);
        foreach ((NativeHandle<Order> handle, long id) in _elements)
        {
            Assert.Equal(id, _table[handle].Id);
        }

        _table.Dispose();
        _table = default;
        _elements.Clear();
    }

    private bool TryAdd(TortureThread thread)
    {
        long id = thread.Random.NextInt64();
        NativeHandle<Order> handle = default;
        bool added = thread.Attempt(() => _table.Add(new Order { Id = id }, out handle));
        if (added)
        {
            _elements.Add((handle, id));
        }

        return added;
    }

    private void Remove(Random random, int count)
    {
        for (; count > 0 && _elements.Count != 0; count--)
        {
            int index = random.Next(_elements.Count);
            Assert.True(_table.Remove(_elements[index].Handle, out Order removed));
            Assert.Equal(_elements[index].Id, removed.Id);
            _elements[index] = _elements[^1];
            _elements.RemoveAt(_elements.Count - 1);
        }
    }
}
