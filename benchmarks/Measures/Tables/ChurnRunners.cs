// `churn/...`: as many elements as the cell says stay alive; one at random is removed, by the handle or id that the program has kept of it, and another added and written. An operation is
// both together.

using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Tables;

internal abstract class ChurnRunner(int count) : TableRunner
{
    private readonly Random _random = Seeded();
    private readonly int[] _picks = new int[Stretch];

    // A collection comes once in some hundred thousand objects; a sample has several of them, or its median would be that of the time between.
    protected override long LeastOperations => 2_000_000;

    public override void Prepare()
    {
        foreach (ref int pick in _picks.AsSpan())
        {
            pick = _random.Next(count);
        }
    }

    public override int Pass()
    {
        Replace(_picks);
        return _picks.Length;
    }

    protected abstract void Replace(ReadOnlySpan<int> picks);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static void Write<T>(ref T value, long word) => Unsafe.As<T, long>(ref value) = word;
}

/// <summary>What a program without native memory has: a class object an entity, in a dictionary by its id.</summary>
internal sealed class DictionaryChurn<T> : ChurnRunner
    where T : unmanaged
{
    private readonly Dictionary<long, Boxed<T>> _objects;
    private readonly long[] _ids;
    private long _lastId;

    public DictionaryChurn(int count)
        : base(count)
    {
        _objects = new(count);
        _ids = new long[count];
        foreach (ref long id in _ids.AsSpan())
        {
            id = ++_lastId;
            _objects.Add(id, new());
        }
    }

    protected override void Replace(ReadOnlySpan<int> picks)
    {
        Dictionary<long, Boxed<T>> objects = _objects;
        long[] ids = _ids;
        foreach (int pick in picks)
        {
            _ = objects.Remove(ids[pick]);
            Boxed<T> added = new();
            Write(ref added.Value, pick);
            objects.Add(ids[pick] = ++_lastId, added);
        }
    }
}

internal sealed class TableChurn<T> : ChurnRunner
    where T : unmanaged
{
    private readonly NativeTable<T> _table;
    private readonly NativeHandle<T>[] _handles;

    public TableChurn(int count)
        : base(count)
        => _table = Filled.Table(count, out _handles);

    protected override void Replace(ReadOnlySpan<int> picks)
    {
        NativeTable<T> table = _table;
        NativeHandle<T>[] handles = _handles;
        foreach (int pick in picks)
        {
            _ = table.Remove(handles[pick]);
            Write(ref table.Add(out handles[pick]), pick);
        }
    }
}

internal sealed class PoolChurn<T> : ChurnRunner
    where T : unmanaged
{
    private readonly NativePool<T> _pool;
    private readonly NativeHandle<T>[] _handles;

    public PoolChurn(int count)
        : base(count)
        => _pool = Filled.Pool(count, out _handles);

    protected override void Replace(ReadOnlySpan<int> picks)
    {
        NativePool<T> pool = _pool;
        NativeHandle<T>[] handles = _handles;
        foreach (int pick in picks)
        {
            _ = pool.Remove(handles[pick]);
            Write(ref pool.Add(out handles[pick]), pick);
        }
    }
}
