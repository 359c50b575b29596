// What bounds the others from below. Neither is an allocator: the bump pointer never takes anything back but starts over at the
// end of its region, and the thread-static array only hands the same few blocks round.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NativeHeap.Benchmarks.Subjects;

internal readonly unsafe struct BumpAllocation<T> : IAllocation<nint>
    where T : unmanaged
{
    private static T* s_start;
    private static T* s_next;
    private static T* s_end;

    // Room for exactly the live objects: in a window the region starts over when the window does.
    public static void Prepare(int live)
    {
        s_start = (T*)NativeMemory.AlignedAlloc((nuint)live * (nuint)sizeof(T), 4096);
        s_next = s_start;
        s_end = s_start + live;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Alloc()
    {
        T* block = s_next;
        if (block == s_end)
        {
            block = s_start;
        }

        s_next = block + 1;
        return (nint)block;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(nint item)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref long Words(nint item) => ref Unsafe.AsRef<long>((void*)item);
}

/// <summary>
/// The cheapest cache a thread can have in plain C#, pop and push, as anybody would write it: what M1.hot compares with.
/// </summary>
internal readonly unsafe struct ThreadStaticArrayAllocation<T> : IAllocation<nint>
    where T : unmanaged
{
    private const int Capacity = 64;

    public static void Prepare(int live)
    {
        nint[] blocks = new nint[Capacity];
        foreach (ref nint block in blocks.AsSpan())
        {
            block = (nint)NativeMemory.Alloc((nuint)sizeof(T));
        }

        BlockStack.Items = blocks;
        BlockStack.Count = Capacity / 2;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Alloc() => BlockStack.Items![--BlockStack.Count];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(nint item) => BlockStack.Items![BlockStack.Count++] = item;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref long Words(nint item) => ref Unsafe.AsRef<long>((void*)item);
}

/// <summary>Outside the generic struct: thread statics of a generic type are reached by a slower way.</summary>
internal static class BlockStack
{
    [ThreadStatic]
    public static nint[]? Items;

    [ThreadStatic]
    public static int Count;
}
