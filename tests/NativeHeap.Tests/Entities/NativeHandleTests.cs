using System;
using System.Collections.Generic;
using System.Globalization;

using Xunit;

namespace NativeHeap.Tests.Entities;

/// <summary>Handles as values.</summary>
public sealed unsafe class NativeHandleTests
{
    [Fact]
    public void Default_is_null()
    {
        NativeHandle<long> handle = default;
        Assert.True(handle.IsNull);
        Assert.Equal(NativeHandle<long>.Null, handle);
        Assert.Equal(0u, handle.ToUInt64());
        Assert.Equal("null", handle.ToString());
    }

    [Fact]
    public void A_handle_is_eight_bytes_and_a_number()
    {
        Assert.Equal(8, sizeof(NativeHandle<Guid>));
        NativeHandle<Guid> handle = NativeHandle<Guid>.FromUInt64(0x80000003_00000011);
        Assert.Equal((17u, 0x80000003u), (handle.Index, handle.Generation));
        Assert.Equal(0x80000003_00000011u, handle.ToUInt64());
        Assert.False(handle.IsNull);
    }

    [Theory]
    [InlineData(0x00000001_00000001, 0x00000001_00000002, -1)]
    [InlineData(0x00000003_00000001, 0x00000001_00000002, -1)]
    [InlineData(0x00000003_00000002, 0x00000001_00000002, 1)]
    [InlineData(0x00000001_ffffffff, 0x00000003_00000000, 1)]
    [InlineData(0x00000001_00000002, 0x00000001_00000002, 0)]
    public void Handles_are_equal_or_in_order(long left, long right, int order)
    {
        NativeHandle<int> a = NativeHandle<int>.FromUInt64((ulong)left);
        NativeHandle<int> b = NativeHandle<int>.FromUInt64((ulong)right);
        Assert.Equal(order, Math.Sign(a.CompareTo(b)));
        Assert.Equal(order, Math.Sign(((IComparable)a).CompareTo(b)));
        Assert.Equal((order == 0, order != 0, order == 0), (a == b, a != b, a.Equals((object)b)));
        Assert.Equal((order < 0, order <= 0, order > 0, order >= 0), (a < b, a <= b, a > b, a >= b));
        Assert.True(order != 0 || a.GetHashCode() == b.GetHashCode());
        Assert.Equal(1, ((IComparable)a).CompareTo(null));
        Assert.Throws<ArgumentException>(() => ((IComparable)a).CompareTo(5));
    }

    [Fact]
    public void A_handle_writes_itself_in_every_culture_alike()
    {
        NativeHandle<int> handle = NativeHandle<int>.FromUInt64((2_654_435_769UL << 32) | 17);
        Assert.Equal("17:2654435769", handle.ToString());
        Assert.Equal("a 17:2654435769 b", string.Create(CultureInfo.InvariantCulture, $"a {handle} b"));
        Span<char> text = stackalloc char[13];
        Assert.True(handle.TryFormat(text, out int written));
        Assert.Equal("17:2654435769", text[..written].ToString());
        Assert.False(handle.TryFormat(text[..12], out _));
        Assert.True(default(NativeHandle<int>).TryFormat(text, out written) && text[..written].SequenceEqual("null"));
    }

    [Fact]
    public void A_struct_may_hold_handles_of_itself_and_a_dictionary_may_be_keyed_by_them()
    {
        using NativeTable<Link> table = new(100);
        table.Add(out NativeHandle<Link> first);
        table.Add(new Link { Next = first, Key = 5 }, out NativeHandle<Link> second);
        table[first].Next = second;
        Dictionary<NativeHandle<Link>, int> map = new() { [first] = 1, [second] = 2 };
        Assert.Equal((1, 2), (map[table[second].Next], map[table[first].Next]));
        Assert.Equal(16, sizeof(Link));
    }

    private struct Link
    {
        public NativeHandle<Link> Next;
        public long Key;
    }
}
