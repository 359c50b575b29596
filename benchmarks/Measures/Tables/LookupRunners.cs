// `lookup/...`: the first word of each element, in a random order that is given as handles, or as indexes of an array.

using System;
using System.Runtime.CompilerServices;

namespace NativeHeap.Benchmarks.Measures.Tables;

internal abstract class LookupRunner<TKey> : TableRunner
{
    private TKey[] _keys = [];
    private int _next;

    protected void SetKeys(TKey[] keys)
    {
        _keys = keys;
        Seeded().Shuffle(keys);
    }

    public override int Pass()
    {
        int count = Math.Min(Stretch, _keys.Length - _next);
        Sink += Read(_keys.AsSpan(_next, count));
        _next = (_next + count) % _keys.Length;
        return count;
    }

    protected abstract long Read(ReadOnlySpan<TKey> keys);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static long FirstWord<T>(ref T value) => Unsafe.As<T, long>(ref value);
}

internal sealed class ArrayLookup<T> : LookupRunner<int>
    where T : unmanaged
{
    private readonly T[] _values;

    public ArrayLookup(int count)
    {
        _values = new T[count];

        // Written: what never was is one page of zeros, which never misses the cache.
        _values.AsSpan().Fill(new T());
        int[] indexes = new int[count];
        for (int i = 0; i < count; i++)
        {
            indexes[i] = i;
        }

        SetKeys(indexes);
    }

    protected override long Read(ReadOnlySpan<int> keys)
    {
        T[] values = _values;
        long sum = 0;
        foreach (int key in keys)
        {
            sum += FirstWord(ref values[key]);
        }

        return sum;
    }
}

internal sealed class TableLookup<T> : LookupRunner<NativeHandle<T>>
    where T : unmanaged
{
    private readonly NativeTable<T> _table;

    public TableLookup(int count)
    {
        _table = Filled.Table(count, out NativeHandle<T>[] handles);
        SetKeys(handles);
    }

    protected override long Read(ReadOnlySpan<NativeHandle<T>> keys)
    {
        NativeTable<T> table = _table;
        long sum = 0;
        foreach (NativeHandle<T> key in keys)
        {
            sum += FirstWord(ref table[key]);
        }

        return sum;
    }
}

internal sealed class PoolLookup<T> : LookupRunner<NativeHandle<T>>
    where T : unmanaged
{
    private readonly NativePool<T> _pool;

    public PoolLookup(int count)
    {
        _pool = Filled.Pool(count, out NativeHandle<T>[] handles);
        SetKeys(handles);
    }

    protected override long Read(ReadOnlySpan<NativeHandle<T>> keys)
    {
        NativePool<T> pool = _pool;
        long sum = 0;
        foreach (NativeHandle<T> key in keys)
        {
            sum += FirstWord(ref pool[key]);
        }

        return sum;
    }
}

/// <summary>What a table does for a lookup and nothing else: two arrays of native memory, and one comparison.</summary>
internal sealed unsafe class BareLookup<T> : LookupRunner<ulong>
    where T : unmanaged
{
    private readonly ulong* _slots;
    private readonly T* _values;

    public BareLookup(int count)
    {
        _slots = (ulong*)HeapMemory.Alloc((nuint)count * sizeof(ulong));
        _values = (T*)HeapMemory.Alloc((nuint)count * (nuint)sizeof(T));
        new Span<T>(_values, count).Fill(new T());
        ulong[] keys = new ulong[count];
        int[] positions = new int[count];
        for (int i = 0; i < count; i++)
        {
            positions[i] = i;
        }

        new Random(54_321).Shuffle(positions);
        for (int i = 0; i < count; i++)
        {
            ulong generation = (ulong)(i | 1) << 32;
            _slots[i] = generation | (uint)positions[i];
            keys[i] = generation | (uint)i;
        }

        SetKeys(keys);
    }

    protected override long Read(ReadOnlySpan<ulong> keys)
    {
        ulong* slots = _slots;
        T* values = _values;
        long sum = 0;
        foreach (ulong key in keys)
        {
            ulong slot = slots[(uint)key];
            if ((slot ^ key) >> 32 != 0)
            {
                throw new InvalidOperationException("A key of another time.");
            }

            sum += FirstWord(ref values[(uint)slot]);
        }

        return sum;
    }
}
