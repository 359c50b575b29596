// `iterate/...`: one pass over a million elements; of each, the second word is added to the first.
//
// The plain span lies in native memory as the table's values do, so that neither has its elements across lines of the cache.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NativeHeap.Benchmarks.Measures.Tables;

internal abstract class IterationRunner<T> : TableRunner
    where T : unmanaged
{
    protected const int Count = 1_000_000;

    protected static void Walk(Span<T> values)
    {
        foreach (ref T value in values)
        {
            Touch(ref value);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static void Touch(ref T value)
    {
        ref long words = ref Unsafe.As<T, long>(ref value);
        words += Unsafe.Add(ref words, 1);
    }
}

internal sealed unsafe class SpanIteration<T> : IterationRunner<T>
    where T : unmanaged
{
    private readonly T* _values = (T*)NativeMemory.AlignedAlloc(Count * (nuint)sizeof(T), 4096);

    public SpanIteration() => new Span<T>(_values, Count).Clear();

    public override int Pass()
    {
        Walk(new Span<T>(_values, Count));
        return Count;
    }
}

internal sealed class TableIteration<T> : IterationRunner<T>
    where T : unmanaged
{
    private readonly NativeTable<T> _table = Filled.Table<T>(Count, out _);

    public override int Pass()
    {
        Walk(_table.Values);
        return Count;
    }
}

/// <summary>With the handles at hand.</summary>
internal sealed class EntryIteration<T> : IterationRunner<T>
    where T : unmanaged
{
    private readonly NativeTable<T> _table = Filled.Table<T>(Count, out _);

    public override int Pass()
    {
        foreach (NativeEntry<T> entry in _table)
        {
            Touch(ref entry.Value);
        }

        return Count;
    }
}

internal sealed class PoolIteration<T> : IterationRunner<T>
    where T : unmanaged
{
    private readonly NativePool<T> _pool = Filled.Pool<T>(Count, out _);

    public override int Pass()
    {
        foreach (NativeEntry<T> entry in _pool)
        {
            Touch(ref entry.Value);
        }

        return Count;
    }
}
