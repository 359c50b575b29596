// What a debugger shows. It is named in strings, which no compiler reads: here each is evaluated, on an object that is there, and of all types that hold native memory.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;

using Xunit;

namespace NativeHeap.Tests.Diagnostics;

public sealed partial class DebuggerTests
{
    // Of threads' frames and of a scope, the allocators themselves are looked at.
    private static readonly Type[] s_shownByTheirAllocators = [typeof(ThreadFrames), typeof(BumpScope)];

    [Fact]
    public void Every_type_that_holds_native_memory_is_shown()
    {
        IEnumerable<Type> owners = typeof(Heap).Assembly.GetExportedTypes().Where(static t => t.GetInterfaces().Contains(typeof(IDisposable)) && !t.IsInterface && !t.IsNested);
        Assert.Equal([], owners.Where(static t => t.GetCustomAttribute<DebuggerDisplayAttribute>() == null).Except(s_shownByTheirAllocators).Select(static t => t.Name));
    }

    [Fact]
    public void Collections_are_shown_by_number_and_items()
    {
        using NativeArray<int> array = new([1, 2, 3]);
        using NativeList<int> list = [4, 5];
        using NativeDictionary<int, int> dictionary = new();
        dictionary.Add(6, 7);
        using NativeTable<int> table = new();
        _ = table.Add(8, out NativeHandle<int> handle);
        using NativePool<int> pool = new();
        _ = pool.Add(9, out NativeHandle<int> inPool);
        using NativeBox<int> box = new(10);

        Assert.Equal("Length = 3", Shown(array));
        Assert.Equal([1, 2, 3], ItemsShown<int>(array));
        Assert.Equal("Count = 2", Shown(list));
        Assert.Equal([4, 5], ItemsShown<int>(list));
        Assert.Equal("Count = 1", Shown(dictionary));
        Assert.Equal([new(6, 7)], ItemsShown<KeyValuePair<int, int>>(dictionary));
        Assert.Equal("Count = 1", Shown(table));
        Assert.Equal([new(handle, 8)], ItemsShown<KeyValuePair<NativeHandle<int>, int>>(table));
        Assert.Equal("Count = 1", Shown(pool));
        Assert.Equal([new(inPool, 9)], ItemsShown<KeyValuePair<NativeHandle<int>, int>>(pool));
        Assert.Equal("10", Shown(box));
    }

    [Fact]
    public void What_is_gone_says_so()
    {
        NativeList<int> list = [1];
        NativeBox<int> box = new(1);
        list.Dispose();
        box.Dispose();
        _ = Assert.Throws<ObjectDisposedException>(() => Shown(list));
        _ = Assert.Throws<ObjectDisposedException>(() => ItemsShown<int>(list));
        Assert.Equal("no object", Shown(box));
    }

    [Fact]
    public void Buffers_are_shown_by_what_is_in_them()
    {
        using MessageBuffer message = MessageBuffer.Rent(100);
        using NativeSpscRing<int> single = new(8);
        using NativeMpscRing<int> several = new(8);
        using NativeMemoryPool pool = new();
        using NativeBufferWriter writer = new(pool);
        Assert.True(single.TryEnqueue(1));
        Assert.True(several.TryEnqueue(1));
        writer.GetSpan(1)[0] = 1;
        writer.Advance(1);

        Assert.Equal("Length = 100, ReferenceCount = 1", Shown(message));
        Assert.Equal("Count = 1 of 8", Shown(single));
        Assert.Equal("Count = 1 of 8", Shown(several));
        Assert.Equal("WrittenCount = 1", Shown(writer));
        Assert.Equal("1 rented, 0 of 4096 bytes pooled", Shown(pool));
        using DetachedSequence detached = writer.Detach();
        Assert.Equal("Length = 1", Shown(detached));
    }

    [Fact]
    public unsafe void Allocators_are_shown_by_what_is_used()
    {
        using BumpAllocator bump = new();
        using FrameAllocator frames = new();
        using FreeListAllocator ranges = new(4096);
        using CompactingAllocator compacting = new();
        _ = bump.Alloc(64);

        Assert.StartsWith("64 of ", Shown(bump), StringComparison.Ordinal);
        Assert.Equal("Frame = 0", Shown(frames));
        Assert.Equal("0 of 4096 bytes used", Shown(ranges));
        Assert.StartsWith("0 blocks, 0 of ", Shown(compacting), StringComparison.Ordinal);
        Assert.EndsWith(" bytes", Shown(Heap.Shared), StringComparison.Ordinal);
    }

    private static string Shown(object value) =>
        Expression().Replace(value.GetType().GetCustomAttribute<DebuggerDisplayAttribute>()!.Value!, match => Evaluate(value, match.Groups[1].Value));

    // Properties and methods without parameters, one of the other.
    private static string Evaluate(object value, string expression)
    {
        object? result = value;
        foreach (string name in expression.Split('.'))
        {
            const BindingFlags Any = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DoNotWrapExceptions;
            Type type = result!.GetType();
            MethodInfo getter = name.EndsWith("()", StringComparison.Ordinal) ? type.GetMethod(name[..^2], Any, [])! : type.GetProperty(name, Any)!.GetMethod!;
            result = getter.Invoke(result, Any, null, null, null);
        }

        return Convert.ToString(result, CultureInfo.InvariantCulture)!;
    }

    private static T[] ItemsShown<T>(object value)
    {
        Type proxy = Type.GetType(value.GetType().GetCustomAttribute<DebuggerTypeProxyAttribute>()!.ProxyTypeName, throwOnError: true)!;
        object view = Activator.CreateInstance(proxy.MakeGenericType(value.GetType().GetGenericArguments()), value)!;
        PropertyInfo items = Assert.Single(proxy.GetProperties());
        Assert.Equal(DebuggerBrowsableState.RootHidden, items.GetCustomAttribute<DebuggerBrowsableAttribute>()!.State);
        return (T[])view.GetType().GetProperty(items.Name)!.GetMethod!.Invoke(view, BindingFlags.DoNotWrapExceptions, null, null, null)!;
    }

    [GeneratedRegex(@"\{([\w().]+)(?:,nq)?\}")]
    private static partial Regex Expression();
}
