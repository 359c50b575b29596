// The pools of buffers, each called the way its users call it, with its defaults.
//
// NativeHeap is there three times: as the MemoryPool<byte> that it is, through its own type (RentExact), and with its buffers in pinned arrays, for those who insist on arrays (Pinned). Kestrel's pool is internal to
// ASP.NET Core, which hands it out by its factory; its buffers are all of 4,096 bytes. RecyclableMemoryStream has streams and no buffers: one whose blocks hold the length, got and disposed of. DotNext's pool is
// the one over native memory.

using System;
using System.Buffers;
using System.Runtime.CompilerServices;

using DotNext.Buffers;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IO;

namespace NativeHeap.Benchmarks.Subjects;

internal readonly record struct OwnerItem(IMemoryOwner<byte> Owner);

internal readonly record struct NativeOwnerItem(NativeMemoryOwner Owner);

internal readonly record struct StreamItem(RecyclableMemoryStream Stream);

/// <summary>A pool that is a <see cref="MemoryPool{T}"/>.</summary>
internal interface IMemoryPoolSource
{
    static abstract MemoryPool<byte> Pool { get; }
}

internal readonly struct MemoryPoolBuffers<TSource> : IBuffers<OwnerItem>
    where TSource : struct, IMemoryPoolSource
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OwnerItem Rent(int length) => new(TSource.Pool.Rent(length));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Return(OwnerItem item) => item.Owner.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Span<byte> SpanOf(OwnerItem item) => item.Owner.Memory.Span;
}

internal readonly struct NativeSource : IMemoryPoolSource
{
    public static MemoryPool<byte> Pool => NativeMemoryPool.Shared;
}

internal readonly struct PinnedSource : IMemoryPoolSource
{
    private static readonly NativeMemoryPool s_pool = new(new NativeMemoryPoolOptions { Backing = BufferBacking.PinnedObjectHeap });

    public static MemoryPool<byte> Pool => s_pool;
}

internal readonly struct SharedSource : IMemoryPoolSource
{
    public static MemoryPool<byte> Pool => MemoryPool<byte>.Shared;
}

internal readonly struct KestrelSource : IMemoryPoolSource
{
    /// <summary>The length of all of its buffers.</summary>
    public const int Length = 4096;

    private static readonly MemoryPool<byte> s_pool = WebApplication.CreateSlimBuilder().Build().Services.GetRequiredService<IMemoryPoolFactory<byte>>().Create();

    public static MemoryPool<byte> Pool => s_pool;
}

internal readonly struct DotNextSource : IMemoryPoolSource
{
    private static readonly UnmanagedMemoryPool<byte> s_pool = new(int.MaxValue);

    public static MemoryPool<byte> Pool => s_pool;
}

internal readonly struct NativeExactBuffers : IBuffers<NativeOwnerItem>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static NativeOwnerItem Rent(int length) => new(NativeMemoryPool.Shared.RentExact(length));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Return(NativeOwnerItem item) => item.Owner.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Span<byte> SpanOf(NativeOwnerItem item) => item.Owner.Span;
}

internal readonly struct ArrayPoolBuffers : IBuffers<ArrayItem>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ArrayItem Rent(int length) => new(ArrayPool<byte>.Shared.Rent(length));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Return(ArrayItem item) => ArrayPool<byte>.Shared.Return(item.Array);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Span<byte> SpanOf(ArrayItem item) => item.Array;
}

internal readonly struct StreamBuffers : IBuffers<StreamItem>
{
    private static readonly RecyclableMemoryStreamManager s_manager = new();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static StreamItem Rent(int length) => new(s_manager.GetStream(tag: null, length));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Return(StreamItem item) => item.Stream.Dispose();

    // Nothing is advanced: it is the same block each time.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Span<byte> SpanOf(StreamItem item) => item.Stream.GetSpan();
}

/// <summary>Messages counted by reference, which are not of the pool.</summary>
internal readonly struct MessageBuffers : IBuffers<MessageBuffer>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MessageBuffer Rent(int length) => MessageBuffer.Rent(length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Return(MessageBuffer item) => item.Release();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Span<byte> SpanOf(MessageBuffer item) => item.Span;
}

/// <summary>Objects of a type with stubs, whatever the length that is asked for.</summary>
internal readonly unsafe struct ObjectBuffers<T> : IBuffers<nint>
    where T : unmanaged, IBlock<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Rent(int length) => (nint)T.Alloc();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Return(nint item) => T.Free((T*)item);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Span<byte> SpanOf(nint item) => new((void*)item, sizeof(T));
}
