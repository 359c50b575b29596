// Stands in for the generated stubs until the generator is merged.
using System.Runtime.CompilerServices;

using NativeHeap;
using NativeHeap.CompilerServices;

namespace OrderBook.Book;

internal partial struct Order : INativeAllocated<Order>
{
    static NativeTypeLayout INativeAllocated<Order>.NativeLayout => NativeTypeLayout.Unknown(1, false);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Order* Alloc() => NativeStubs.Alloc<Order>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Free(Order* pointer) => NativeStubs.Free(pointer);
}

internal partial struct Level : INativeAllocated<Level>
{
    static NativeTypeLayout INativeAllocated<Level>.NativeLayout => NativeTypeLayout.Unknown(1, false);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Level* Alloc() => NativeStubs.Alloc<Level>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Free(Level* pointer) => NativeStubs.Free(pointer);
}
