// The bounded ring between two threads, one that puts items in and one that takes them out: for items that hold references an array, for others native memory. Both work in the same way (NativeSpscRing.cs says
// how): each side has a line of the cache for itself and looks at the other's only when what it last saw of it is used up. A struct around either, so that the JIT inlines it into the loops.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace NativeHeap.Benchmarks.Measures.Buffers;

internal interface IRing<TItem>
    where TItem : struct
{
    bool TryAdd(TItem item);

    bool TryTake(out TItem item);
}

internal readonly struct NativeRing<TItem>(NativeSpscRing<TItem> ring) : IRing<TItem>
    where TItem : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAdd(TItem item) => ring.TryEnqueue(item);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTake(out TItem item) => ring.TryDequeue(out item);
}

internal readonly struct ManagedRing<TItem>(int capacity) : IRing<TItem>
    where TItem : struct
{
    private readonly TItem[] _items = new TItem[capacity];
    private readonly RingSides _sides = new() { Adder = { Limit = capacity } };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAdd(TItem item)
    {
        RingSides sides = _sides;
        TItem[] items = _items;
        long tail = sides.Adder.Index;
        if (tail == sides.Adder.Limit && !HasRoom(sides, items.Length))
        {
            return false;
        }

        items[(int)tail & (items.Length - 1)] = item;
        Volatile.Write(ref sides.Adder.Index, tail + 1);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTake(out TItem item)
    {
        RingSides sides = _sides;
        TItem[] items = _items;
        long head = sides.Taker.Index;
        if (head == sides.Taker.Limit && !HasItems(sides))
        {
            item = default;
            return false;
        }

        item = items[(int)head & (items.Length - 1)];
        Volatile.Write(ref sides.Taker.Index, head + 1);
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool HasRoom(RingSides sides, int capacity)
    {
        sides.Adder.Limit = Volatile.Read(ref sides.Taker.Index) + capacity;
        return sides.Adder.Index != sides.Adder.Limit;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool HasItems(RingSides sides)
    {
        sides.Taker.Limit = Volatile.Read(ref sides.Adder.Index);
        return sides.Taker.Index != sides.Taker.Limit;
    }
}

/// <summary>What each side writes, in lines of its own. Outside of the generic struct: a type in it cannot have an explicit layout.</summary>
internal sealed class RingSides
{
    public RingSide Adder;
    public RingSide Taker;
}

[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct RingSide
{
    [FieldOffset(128)]
    public long Index;

    [FieldOffset(136)]
    public long Limit;
}
