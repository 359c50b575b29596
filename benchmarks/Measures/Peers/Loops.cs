// The four loops that are timed, once for all subjects: compiled for each (allocation, item, touch) with the allocation's code inlined.
//
// Touching means: the first and the middle word are written after allocation, the first is read before the free. The sum of what was read is
// returned, so that the JIT keeps the reads. Elements are reached without bounds checks, which would cost every
// subject the same and so draw every ratio towards one.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Peers;

internal interface ITouch
{
    static abstract bool Touches { get; }
}

internal readonly struct Touched : ITouch
{
    public static bool Touches => true;
}

internal readonly struct Untouched : ITouch
{
    public static bool Touches => false;
}

internal static class Loops<TAllocation, TItem, TBlock, TTouch>
    where TAllocation : struct, IAllocation<TItem>
    where TItem : struct
    where TBlock : unmanaged
    where TTouch : struct, ITouch
{
    public static long Hot(int pairs)
    {
        long sum = 0;
        for (int i = 0; i < pairs; i++)
        {
            sum += Release(Take(i));
        }

        return sum;
    }

    public static long Ordered(TItem[] live, int count)
    {
        ref TItem items = ref MemoryMarshal.GetArrayDataReference(live);
        Fill(ref items, count);
        long sum = 0;
        for (int i = 0; i < count; i++)
        {
            sum += Release(Unsafe.Add(ref items, i));
        }

        return sum;
    }

    public static long Random(TItem[] live, int[] order)
    {
        ref TItem items = ref MemoryMarshal.GetArrayDataReference(live);
        Fill(ref items, order.Length);
        long sum = 0;
        foreach (int i in order)
        {
            sum += Release(Unsafe.Add(ref items, i));
        }

        return sum;
    }

    public static long Replace(TItem[] live, int[] picks, int start, int count)
    {
        ref TItem items = ref MemoryMarshal.GetArrayDataReference(live);
        ref int pick = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(picks), start);
        long sum = 0;
        for (int i = 0; i < count; i++)
        {
            ref TItem item = ref Unsafe.Add(ref items, Unsafe.Add(ref pick, i));
            sum += Release(item);
            item = Take(i);
        }

        return sum;
    }

    /// <summary>Allocates what Replace replaces.</summary>
    public static void Populate(TItem[] live) => Fill(ref MemoryMarshal.GetArrayDataReference(live), live.Length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fill(ref TItem items, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Unsafe.Add(ref items, i) = Take(i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TItem Take(int value)
    {
        TItem item = TAllocation.Alloc();
        if (TTouch.Touches)
        {
            ref long words = ref TAllocation.Words(item);
            words = value;
            Unsafe.AddByteOffset(ref words, Unsafe.SizeOf<TBlock>() / 2) = value;
        }

        return item;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Release(TItem item)
    {
        long read = TTouch.Touches ? TAllocation.Words(item) : 0;
        TAllocation.Free(item);
        return read;
    }
}
