// `map/...`: a dictionary beside the BCL's, with values of eight bytes, and keys of eight or sixteen, in a random order.
//
//     hit, miss    the value of a key that is there, or is not
//     churn        a key removed and another added
//     fill         a dictionary made, filled and dropped, by the key
//
// Both are driven by the same code, through a struct that the JIT sees through.

using System;
using System.Collections.Generic;

namespace NativeHeap.Benchmarks.Measures.Tables;

/// <summary>A dictionary to be measured.</summary>
internal interface IMap<TSelf, TKey>
    where TSelf : struct, IMap<TSelf, TKey>
{
    static abstract TSelf Make();

    void Add(TKey key, long value);

    bool TryGetValue(TKey key, out long value);

    bool Remove(TKey key);

    void Drop();
}

internal readonly struct NativeMap<TKey>(NativeDictionary<TKey, long> dictionary) : IMap<NativeMap<TKey>, TKey>
    where TKey : unmanaged
{
    public static NativeMap<TKey> Make() => new(new NativeDictionary<TKey, long>());

    public void Add(TKey key, long value) => dictionary.Add(key, value);

    public bool TryGetValue(TKey key, out long value) => dictionary.TryGetValue(key, out value);

    public bool Remove(TKey key) => dictionary.Remove(key);

    public void Drop() => dictionary.Dispose();
}

internal readonly struct ManagedMap<TKey>(Dictionary<TKey, long> dictionary) : IMap<ManagedMap<TKey>, TKey>
    where TKey : unmanaged
{
    public static ManagedMap<TKey> Make() => new([]);

    public void Add(TKey key, long value) => dictionary.Add(key, value);

    public bool TryGetValue(TKey key, out long value) => dictionary.TryGetValue(key, out value);

    public bool Remove(TKey key) => dictionary.Remove(key);

    public void Drop()
    {
    }
}

/// <summary>A key of sixteen bytes.</summary>
internal readonly record struct WideKey(long First, long Second);

/// <summary>As many keys as there are entries, and as many that are none.</summary>
internal abstract class MapRunner<TMap, TKey> : TableRunner
    where TMap : struct, IMap<TMap, TKey>
{
    private readonly TKey[] _keys;
    private readonly TKey[] _others;
    private int _next;

    protected MapRunner(int count, Func<int, TKey> makeKey)
    {
        _keys = new TKey[count];
        _others = new TKey[count];
        for (int i = 0; i < count; i++)
        {
            _keys[i] = makeKey(i);
            _others[i] = makeKey(count + i);
        }

        Seeded().Shuffle(_keys);
        Seeded().Shuffle(_others);
        Map = Filled();
    }

    protected TMap Map { get; }

    protected ReadOnlySpan<TKey> Keys => _keys;

    public override int Pass()
    {
        int count = Math.Min(Stretch, _keys.Length - _next);
        Run(_keys.AsSpan(_next, count), _others.AsSpan(_next, count));
        _next = (_next + count) % _keys.Length;
        return count;
    }

    protected abstract void Run(ReadOnlySpan<TKey> keys, ReadOnlySpan<TKey> others);

    protected TMap Filled()
    {
        var map = TMap.Make();
        foreach (TKey key in _keys)
        {
            map.Add(key, 1);
        }

        return map;
    }

    protected static long Sum(TMap map, ReadOnlySpan<TKey> keys)
    {
        long sum = 0;
        foreach (TKey key in keys)
        {
            sum += map.TryGetValue(key, out long value) ? value : 0;
        }

        return sum;
    }
}

internal sealed class MapHits<TMap, TKey>(int count, Func<int, TKey> makeKey) : MapRunner<TMap, TKey>(count, makeKey)
    where TMap : struct, IMap<TMap, TKey>
{
    protected override void Run(ReadOnlySpan<TKey> keys, ReadOnlySpan<TKey> others) => Sink += Sum(Map, keys);
}

internal sealed class MapMisses<TMap, TKey>(int count, Func<int, TKey> makeKey) : MapRunner<TMap, TKey>(count, makeKey)
    where TMap : struct, IMap<TMap, TKey>
{
    protected override void Run(ReadOnlySpan<TKey> keys, ReadOnlySpan<TKey> others) => Sink += Sum(Map, others);
}

/// <summary>Keys go and others come, and the other way round in the next round.</summary>
internal sealed class MapChurn<TMap, TKey>(int count, Func<int, TKey> makeKey) : MapRunner<TMap, TKey>(count, makeKey)
    where TMap : struct, IMap<TMap, TKey>
{
    protected override void Run(ReadOnlySpan<TKey> keys, ReadOnlySpan<TKey> others)
    {
        TMap map = Map;
        for (int i = 0; i < keys.Length; i++)
        {
            bool isThere = map.Remove(keys[i]);
            _ = !isThere && map.Remove(others[i]);
            map.Add(isThere ? others[i] : keys[i], i);
        }
    }
}

internal sealed class MapFill<TMap, TKey>(int count, Func<int, TKey> makeKey) : MapRunner<TMap, TKey>(count, makeKey)
    where TMap : struct, IMap<TMap, TKey>
{
    // A collection now and then is the price of what is dropped.
    protected override long LeastOperations => 2_000_000;

    public override int Pass()
    {
        Filled().Drop();
        return Keys.Length;
    }

    protected override void Run(ReadOnlySpan<TKey> keys, ReadOnlySpan<TKey> others) => throw new NotSupportedException();
}
