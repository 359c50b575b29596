// The subjects that live on the GC's heap, each called the way its users call it.
//
// ObjectPool is given room for every object that will be live, the most favourable setting: with its default, twice the number of
// cores, it would mostly measure `new`. ArrayPool.Shared has no setting; beyond its per-core stacks it allocates.

using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using Microsoft.Extensions.ObjectPool;

namespace NativeHeap.Benchmarks.Subjects;

/// <summary>What a program without native memory would allocate: a class object that holds the block.</summary>
internal sealed class Boxed<T>
    where T : unmanaged
{
    public T Value;
}

internal readonly record struct BoxedItem<T>(Boxed<T> Object)
    where T : unmanaged;

internal readonly record struct ArrayItem(byte[] Array);

internal readonly unsafe struct ArrayPoolAllocation<T> : IAllocation<ArrayItem>
    where T : unmanaged
{
    public static void Prepare(int live)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ArrayItem Alloc() => new(ArrayPool<byte>.Shared.Rent(sizeof(T)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(ArrayItem item) => ArrayPool<byte>.Shared.Return(item.Array);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref long Words(ArrayItem item) => ref Unsafe.As<byte, long>(ref MemoryMarshal.GetArrayDataReference(item.Array));
}

internal readonly struct ObjectPoolAllocation<T> : IAllocation<BoxedItem<T>>
    where T : unmanaged
{
    private static ObjectPool<Boxed<T>> s_pool = null!;

    public static void Prepare(int live) => s_pool = new DefaultObjectPool<Boxed<T>>(new DefaultPooledObjectPolicy<Boxed<T>>(), live);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BoxedItem<T> Alloc() => new(s_pool.Get());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(BoxedItem<T> item) => s_pool.Return(item.Object);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref long Words(BoxedItem<T> item) => ref Unsafe.As<T, long>(ref item.Object.Value);
}

internal readonly struct NewAllocation<T> : IAllocation<BoxedItem<T>>
    where T : unmanaged
{
    public static void Prepare(int live)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static BoxedItem<T> Alloc() => new(new Boxed<T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Free(BoxedItem<T> item) => Abandon(item.Object);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref long Words(BoxedItem<T> item) => ref Unsafe.As<T, long>(ref item.Object.Value);

    // A call that the JIT cannot look into: without it the object of a hot pair would not escape and be put on the stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Abandon(Boxed<T> unused)
    {
    }
}
