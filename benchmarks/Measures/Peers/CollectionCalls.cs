// Ten million calls of the collections, a thousand items in each but where they grow.

using System;

namespace NativeHeap.Benchmarks.Measures.Peers;

internal static class CollectionCalls
{
    private const int Live = 1_000;

    private static long s_sink;

    public static void Boxes(int count)
    {
        for (int i = 0; i < count; i++)
        {
            using NativeBox<long> box = new(i);
            using NativeBox<long> moved = box.Move();
            s_sink += moved.Value;
        }
    }

    public static void Arrays(int count)
    {
        for (int done = 0; done < count; done += Live)
        {
            using NativeArray<int> array = new(Live);
            for (int i = 0; i < Live; i++)
            {
                array[i] = i;
            }

            array.AsSpan().Reverse();
        }
    }

    public static void ChurnList(int count)
    {
        using NativeList<int> list = [];
        for (int done = 0; done < count; done += Live)
        {
            for (int i = 0; i < Live; i++)
            {
                list.Add(i * 7 % Live);
            }

            list.Sort();
            foreach (int item in list)
            {
                s_sink += item;
            }

            s_sink += list.IndexOf(Live - 1) + list.BinarySearch(done % Live);
            list.RemoveAtSwapBack(0);
            list.RemoveAt(0);
            list.Clear();
        }
    }

    public static void GrowList(int count)
    {
        using NativeList<int> list = [];
        for (int i = 0; i < count; i++)
        {
            list.Add(i);
        }

        list.Clear();
        list.TrimExcess();
    }

    public static void ChurnDictionary(int count)
    {
        using NativeDictionary<int, long> map = new();
        for (int i = 0; i < count; i++)
        {
            map[i] = i;
            map.GetValueRefOrAddDefault(i - 1, out _)++;
            s_sink += map.TryGetValue(i / 2, out long value) ? value : 1;
            _ = map.Remove(i - Live);
        }

        foreach (NativeDictionary<int, long>.Entry entry in map)
        {
            s_sink += entry.Value;
        }
    }

    public static void GrowDictionary(int count)
    {
        using NativeDictionary<int, long> map = new();
        for (int i = 0; i < count; i++)
        {
            map.Add(i, i);
        }

        map.Clear();
        map.TrimExcess();
    }
}
