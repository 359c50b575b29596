// Tables and pools as they are after a while in use: full, and then as many removals and additions as there are elements, at random. So the positions of elements have nothing to
// do any more with the order of their handles.

using System;

namespace NativeHeap.Benchmarks.Measures.Tables;

internal static class Filled
{
    public static NativeTable<T> Table<T>(int count, out NativeHandle<T>[] handles)
        where T : unmanaged
    {
        NativeTable<T> table = new(count);
        handles = new NativeHandle<T>[count];
        foreach (ref NativeHandle<T> handle in handles.AsSpan())
        {
            _ = table.Add(out handle);
        }

        Random random = new(54_321);
        for (int i = 0; i < count; i++)
        {
            ref NativeHandle<T> handle = ref handles[random.Next(count)];
            _ = table.Remove(handle);
            _ = table.Add(out handle);
        }

        return table;
    }

    public static NativePool<T> Pool<T>(int count, out NativeHandle<T>[] handles)
        where T : unmanaged
    {
        NativePool<T> pool = new(count);
        handles = new NativeHandle<T>[count];
        foreach (ref NativeHandle<T> handle in handles.AsSpan())
        {
            _ = pool.Add(out handle);
        }

        Random random = new(54_321);
        for (int i = 0; i < count; i += 2)
        {
            ref NativeHandle<T> first = ref handles[random.Next(count)];
            ref NativeHandle<T> second = ref handles[random.Next(count)];
            bool both = pool.Remove(first) & pool.Remove(second);
            _ = pool.Add(out first);
            if (both)
            {
                _ = pool.Add(out second);
            }
        }

        return pool;
    }
}
