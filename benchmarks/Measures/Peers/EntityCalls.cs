// Ten million calls of tables and pools, a thousand elements in each but where they grow.

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Peers;

internal static unsafe class EntityCalls
{
    private const int Live = 1_000;

    private static long s_sink;

    public static void ChurnTable(int count)
    {
        using NativeTable<Block64> table = new(Live);
        NativeHandle<Block64>* handles = stackalloc NativeHandle<Block64>[Live];
        for (int i = 0; i < Live; i++)
        {
            _ = table.Add(out handles[i]);
        }

        for (int i = 0; i < count; i++)
        {
            ref NativeHandle<Block64> handle = ref handles[i % Live];
            _ = table.Remove(handle);
            _ = table.Add(out handle);
        }
    }

    public static void LookUpInTable(int count)
    {
        using NativeTable<Block64> table = new(Live);
        _ = table.Add(out NativeHandle<Block64> first);
        _ = table.Add(out NativeHandle<Block64> second);
        _ = table.Remove(first);
        for (int i = 0; i < count; i++)
        {
            s_sink += table[second].Words[0] + (table.TryGet(first, out Block64 copy) ? copy.Words[0] : 0) + (table.Contains(second) ? 1 : 0);
        }
    }

    public static void IterateTable(int count)
    {
        using NativeTable<Block64> table = new(Live);
        for (int i = 0; i < Live; i++)
        {
            _ = table.Add(out _);
        }

        for (int done = 0; done < count; done += Live)
        {
            foreach (ref Block64 value in table.Values)
            {
                value.Words[0]++;
            }

            foreach (NativeEntry<Block64> entry in table)
            {
                entry.Value.Words[0]++;
            }
        }
    }

    public static void GrowTable(int count)
    {
        using NativeTable<Block64> table = new(count);
        for (int i = 0; i < count; i++)
        {
            _ = table.Add(out _);
        }

        table.Clear();
        table.TrimExcess();
    }

    public static void ChurnPool(int count)
    {
        using NativePool<Block64> pool = new(Live);
        NativeHandle<Block64>* handles = stackalloc NativeHandle<Block64>[Live];
        for (int i = 0; i < Live; i++)
        {
            _ = pool.Add(out handles[i]);
        }

        for (int i = 0; i < count; i++)
        {
            ref NativeHandle<Block64> handle = ref handles[i % Live];
            _ = pool.Remove(handle);
            _ = pool.Add(out handle);
        }
    }

    public static void LookUpInPool(int count)
    {
        using NativePool<Block64> pool = new(Live);
        _ = pool.Add(out NativeHandle<Block64> first);
        _ = pool.Add(out NativeHandle<Block64> second);
        _ = pool.Remove(first);
        for (int i = 0; i < count; i++)
        {
            s_sink += pool[second].Words[0] + (pool.TryGet(first, out Block64 copy) ? copy.Words[0] : 0) + (long)pool.GetPointerOrNull(second) + pool.GetHandle(ref pool[second]).Index;
        }
    }

    public static void IteratePool(int count)
    {
        using NativePool<Block64> pool = new(Live);
        for (int i = 0; i < Live; i++)
        {
            _ = pool.Add(out _);
        }

        for (int done = 0; done < count; done += Live)
        {
            foreach (NativePoolPartition<Block64> part in pool.Partitions(4))
            {
                foreach (NativeEntry<Block64> entry in part)
                {
                    entry.Value.Words[0]++;
                }
            }
        }
    }

    public static void GrowPool(int count)
    {
        using NativePool<Block64> pool = new(count);
        for (int i = 0; i < count; i++)
        {
            _ = pool.Add(out _);
        }

        pool.Clear();
        pool.TrimExcess();
    }
}
