// How a measuring loop sees a pool of buffers: a struct without fields whose static members the JIT inlines into the loop, as IAllocation's are into those of typed objects. TItem is what the program keeps of a
// rented buffer, always a struct, since the JIT shares code between reference types.

using System;

namespace NativeHeap.Benchmarks.Subjects;

internal interface IBuffers<TItem>
    where TItem : struct
{
    static abstract TItem Rent(int length);

    static abstract void Return(TItem item);

    /// <summary>The memory, as the pool's users get at it.</summary>
    static abstract Span<byte> SpanOf(TItem item);
}
