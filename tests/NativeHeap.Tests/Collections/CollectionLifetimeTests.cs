using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;

using NativeHeap.Collections;
using NativeHeap.Tests.Entities;
using NativeHeap.Tests.Heaps;

using Xunit;

namespace NativeHeap.Tests.Collections;

/// <summary>Collections that are gone, by themselves or with their heap, and structs that never stood for one.</summary>
public sealed unsafe class CollectionLifetimeTests
{
    // Every member that needs the collection.
    private static readonly Dictionary<string, (IDisposable None, Func<Heap, IDisposable> Make, Action<IDisposable>[] Uses)> s_kinds = new()
    {
        ["NativeBox<Order>"] = (default(NativeBox<Order>), heap => new NativeBox<Order>(heap),
        [
            box => Box(box).Value.Id = 1, box => Box(box).Detach(), box => Box(box).Move(), box => Box(box).DangerousGetPointer(),
        ]),
        ["NativeArray<Int32>"] = (default(NativeArray<int>), heap => new NativeArray<int>(heap, 10),
        [
            array => Array(array)[0] = 1, array => _ = Array(array).Length, array => Array(array).AsSpan(), array => Array(array).AsSpan(1), array => Array(array).Slice(0, 1),
            array => Array(array).GetPinnableReference(), array => Array(array).CopyTo(new int[10]), array => Array(array).Resize(5), array => Array(array).Resize(5, clear: false),
            array => Array(array).GetEnumerator(),
        ]),
        ["NativeList<Int32>"] = (default(NativeList<int>), heap => new NativeList<int>(heap),
        [
            list => List(list)[0] = 1, list => _ = List(list).Count, list => _ = List(list).Capacity, list => List(list).AsSpan(), list => List(list).Slice(0, 0), list => List(list).Add(1),
            list => List(list).AddRange([1]), list => List(list).SetCount(1), list => List(list).Clear(), list => List(list).EnsureCapacity(1), list => List(list).TrimExcess(),
            list => List(list).CopyTo(default), list => List(list).GetEnumerator(), list => List(list).Insert(0, 1), list => List(list).InsertRange(0, [1]), list => List(list).RemoveAt(0),
            list => List(list).RemoveAtSwapBack(0), list => List(list).RemoveRange(0, 0), list => List(list).RemoveAll(&IsAny), list => List(list).IndexOf(1), list => List(list).Contains(1),
            list => List(list).Remove(1), list => List(list).Sort(), list => List(list).Sort(Comparer<int>.Default), list => List(list).BinarySearch(1),
            list => List(list).BinarySearch(1, Comparer<int>.Default), list => List(list).Reverse(),
        ]),
        ["NativeDictionary<Int32, Int64>"] = (default(NativeDictionary<int, long>), heap => new NativeDictionary<int, long>(heap, 10),
        [
            map => Map(map)[0] = 1, map => _ = Map(map)[0], map => _ = Map(map).Count, map => _ = Map(map).Capacity, map => Map(map).Add(1, 1), map => Map(map).TryAdd(1, 1),
            map => Map(map).TryGetValue(1, out _), map => Map(map).ContainsKey(1), map => Map(map).GetValueRefOrNullRef(1), map => Map(map).GetValueRefOrAddDefault(1, out _),
            map => Map(map).Remove(1), map => Map(map).Remove(1, out _), map => Map(map).Clear(), map => Map(map).EnsureCapacity(1), map => Map(map).TrimExcess(),
            map => Map(map).GetEnumerator(), map => _ = Map(map).Keys, map => _ = Map(map).Values, map => Map(map).GetAlternateLookup<int, NaturalEquality<int>>(default),
        ]),
    };

    public static TheoryData<string> Kinds { get; } = [.. s_kinds.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Disposal_ends_every_copy_and_again_does_nothing(string kind)
    {
        using Heap heap = new();
        IDisposable collection = s_kinds[kind].Make(heap);
        collection.Dispose();
        AssertGone(kind, collection);
        collection.Dispose();

        // The header serves others by now, which the copy has nothing to do with.
        IDisposable next = s_kinds[kind].Make(heap);
        long live = heap.GetStatistics().LiveObjects;
        AssertGone(kind, collection);
        collection.Dispose();
        Assert.Equal(live, heap.GetStatistics().LiveObjects);
        next.Dispose();
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Disposal_of_the_heap_or_its_reset_ends_its_collections(string kind)
    {
        // The headers of several blocks; not more, since every member of each of them throws.
        Heap heap = new();
        List<IDisposable> collections = [.. Enumerable.Range(0, 40).Select(_ => s_kinds[kind].Make(heap))];
        heap.Reset();
        collections.ForEach(collection => AssertGone(kind, collection));
        Assert.Equal((0L, 0L), (heap.GetStatistics().LiveObjects, heap.GetStatistics().LiveBytes));
        IDisposable next = s_kinds[kind].Make(heap);
        collections.ForEach(collection => collection.Dispose());
        heap.Dispose();
        AssertGone(kind, next);
        next.Dispose();
        Assert.Throws<ObjectDisposedException>(() => s_kinds[kind].Make(heap));
        TableChecks.AssertEquations();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Default_is_none_and_its_disposal_does_nothing(string kind)
    {
        IDisposable none = s_kinds[kind].None;
        foreach (Action<IDisposable> use in s_kinds[kind].Uses)
        {
            CollectionChecks.AssertSays<InvalidOperationException>(() => use(none), $"This {kind} is default, which is no container. Make one by new {kind}()");
        }

        none.Dispose();
    }

    // Headers come and go under a lock, blocks by threads' caches; each thread uses its own collections.
    [Fact]
    public void Threads_make_and_end_their_collections_at_the_same_time()
    {
        using Heap heap = new();
        Exception? failed = null;
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(seed => new Thread(() =>
        {
            try
            {
                Work(heap, seed);
            }
            catch (Exception error) when (failed == null)
            {
                failed = error;
            }
        }))];
        System.Array.ForEach(threads, thread => thread.Start());
        System.Array.ForEach(threads, thread => thread.Join());
        Assert.Null(failed);
        Assert.Equal(0, heap.GetStatistics().LiveObjects);
        Assert.Equal(0, heap.Set->Collections.Count);
    }

    private static void Work(Heap heap, int seed)
    {
        Random random = new(seed);
        Queue<NativeList<int>> lists = new();
        for (int i = 0; i < 20_000; i++)
        {
            NativeList<int> list = new(heap);
            list.SetCount(random.Next(20));
            list.AsSpan().Fill(i);
            lists.Enqueue(list);
            if (lists.Count > 50)
            {
                using NativeList<int> old = lists.Dequeue();
                Assert.True(old.AsSpan().IndexOfAnyExcept(i - 50) < 0);
            }
        }

        while (lists.TryDequeue(out NativeList<int> list))
        {
            list.Dispose();
        }
    }

    private static void AssertGone(string kind, IDisposable collection)
    {
        foreach (Action<IDisposable> use in s_kinds[kind].Uses)
        {
            CollectionChecks.AssertSays<ObjectDisposedException>(() => use(collection), kind);
        }
    }

    private static NativeBox<Order> Box(IDisposable box) => (NativeBox<Order>)box;

    private static NativeArray<int> Array(IDisposable array) => (NativeArray<int>)array;

    private static NativeList<int> List(IDisposable list) => (NativeList<int>)list;

    private static NativeDictionary<int, long> Map(IDisposable map) => (NativeDictionary<int, long>)map;

    private static bool IsAny(in int item) => true;
}
