// The objects that are allocated: one struct for each measured size, with generated stubs like any user's struct.
//
// IBlock lets one generic loop call the stubs of all of them; it is public because BenchmarkDotNet's classes have to be. The stubs implement it as they are, public static methods of
// the struct, so what is measured is the generated code and no wrapper around it: a static abstract call on
// a struct is resolved when the loop is compiled.

using System;
using System.Diagnostics.CodeAnalysis;

namespace NativeHeap.Benchmarks.Subjects;

public unsafe interface IBlock<TSelf> : INativeAllocated<TSelf>
    where TSelf : unmanaged, IBlock<TSelf>
{
    static abstract TSelf* Alloc();

    static abstract TSelf* Alloc(Heap heap);

    static abstract TSelf* AllocZeroed();

    static abstract void Free(TSelf* pointer);

    static abstract void Free(Heap heap, TSelf* pointer);

    static abstract void AllocBatch(Span<NativePointer<TSelf>> destination);

    static abstract void FreeBatch(ReadOnlySpan<NativePointer<TSelf>> pointers);

    static abstract NativeOwner<TSelf> Rent();
}

[NativeAllocated]
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "Memory to be written to; nothing compares two.")]
public unsafe partial struct Block16 : IBlock<Block16>
{
    public fixed long Words[2];
}

[NativeAllocated]
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "Memory to be written to; nothing compares two.")]
public unsafe partial struct Block64 : IBlock<Block64>
{
    public fixed long Words[8];
}

[NativeAllocated]
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "Memory to be written to; nothing compares two.")]
public unsafe partial struct Block256 : IBlock<Block256>
{
    public fixed long Words[32];
}

[NativeAllocated]
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "Memory to be written to; nothing compares two.")]
public unsafe partial struct Block1024 : IBlock<Block1024>
{
    public fixed long Words[128];
}

[NativeAllocated]
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "Memory to be written to; nothing compares two.")]
public unsafe partial struct Block4096 : IBlock<Block4096>
{
    public fixed long Words[512];
}
