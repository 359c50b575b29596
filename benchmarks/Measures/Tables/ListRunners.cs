// `list/...`: a list beside the BCL's, of numbers of eight bytes: made, filled one by one and dropped; summed by index; gone through.

using System.Collections.Generic;

namespace NativeHeap.Benchmarks.Measures.Tables;

internal sealed class NativeListFill(int count) : TableRunner
{
    public override int Pass()
    {
        using NativeList<long> list = new();
        for (int i = 0; i < count; i++)
        {
            list.Add(i);
        }

        return count;
    }
}

internal sealed class ManagedListFill(int count) : TableRunner
{
    public override int Pass()
    {
        List<long> list = [];
        for (int i = 0; i < count; i++)
        {
            list.Add(i);
        }

        return count;
    }
}

internal abstract class NativeListRunner : TableRunner
{
    protected NativeListRunner(int count)
    {
        List = new(count);
        for (int i = 0; i < count; i++)
        {
            List.Add(i);
        }
    }

    protected NativeList<long> List { get; }
}

internal abstract class ManagedListRunner : TableRunner
{
    protected ManagedListRunner(int count)
    {
        List = new(count);
        for (int i = 0; i < count; i++)
        {
            List.Add(i);
        }
    }

    protected List<long> List { get; }
}

internal sealed class NativeListByIndex(int count) : NativeListRunner(count)
{
    public override int Pass()
    {
        NativeList<long> list = List;
        long sum = 0;
        for (int i = 0; i < list.Count; i++)
        {
            sum += list[i];
        }

        Sink += sum;
        return list.Count;
    }
}

internal sealed class ManagedListByIndex(int count) : ManagedListRunner(count)
{
    public override int Pass()
    {
        List<long> list = List;
        long sum = 0;
        for (int i = 0; i < list.Count; i++)
        {
            sum += list[i];
        }

        Sink += sum;
        return list.Count;
    }
}

internal sealed class NativeListWalk(int count) : NativeListRunner(count)
{
    public override int Pass()
    {
        long sum = 0;
        foreach (ref long item in List)
        {
            sum += item;
        }

        Sink += sum;
        return List.Count;
    }
}

internal sealed class ManagedListWalk(int count) : ManagedListRunner(count)
{
    public override int Pass()
    {
        long sum = 0;
        foreach (long item in List)
        {
            sum += item;
        }

        Sink += sum;
        return List.Count;
    }
}
