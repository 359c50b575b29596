// The subjects that hand out addresses: our stubs, the C libraries, and what .NET itself offers.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NativeHeap.Benchmarks.Subjects;

internal readonly unsafe struct StubAllocation<T> : IAllocation<nint>
    where T : unmanaged, IBlock<T>
{
    public static void Prepare(int live)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Alloc() => (nint)T.Alloc();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(nint item) => T.Free((T*)item);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref long Words(nint item) => ref Unsafe.AsRef<long>((void*)item);
}

/// <summary>The stubs that name a heap.</summary>
internal readonly unsafe struct HeapAllocation<T> : IAllocation<nint>
    where T : unmanaged, IBlock<T>
{
    private static readonly Heap s_heap = new();

    public static void Prepare(int live)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Alloc() => (nint)T.Alloc(s_heap);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(nint item) => T.Free(s_heap, (T*)item);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref long Words(nint item) => ref Unsafe.AsRef<long>((void*)item);
}

internal readonly unsafe struct LibraryAllocation<TLibrary, T> : IAllocation<nint>
    where TLibrary : struct, ILibrary
    where T : unmanaged
{
    public static void Prepare(int live)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Alloc() => (nint)Functions<TLibrary>.Malloc((nuint)sizeof(T));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(nint item) => Functions<TLibrary>.Free((void*)item);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref long Words(nint item) => ref Unsafe.AsRef<long>((void*)item);
}

internal readonly unsafe struct NativeMemoryAllocation<T> : IAllocation<nint>
    where T : unmanaged
{
    public static void Prepare(int live)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Alloc() => (nint)NativeMemory.Alloc((nuint)sizeof(T));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(nint item) => NativeMemory.Free((void*)item);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref long Words(nint item) => ref Unsafe.AsRef<long>((void*)item);
}
