// Allocators with a fault each, over a buffer that they do not reuse: whatever the verifier says of them, they deserve for that one fault.

using System;
using System.Runtime.InteropServices;
using System.Threading;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Tests.Traces;

/// <summary>Right in everything; its heirs replace a function by a wrong one.</summary>
internal unsafe interface IOneFault : IUntyped
{
    static void* IUntyped.Alloc(nuint size) => FreshMemory.Take(size);

    static void* IUntyped.AllocZeroed(nuint size) => FreshMemory.Take(size);

    static void* IUntyped.AllocAligned(nuint size, nuint alignment) => FreshMemory.Take(size, alignment);

    static void* IUntyped.Realloc(void* block, nuint size) => FreshMemory.Move(block, size);

    static void IUntyped.Free(void* block)
    {
    }

    static void IUntyped.FreeSized(void* block, nuint size)
    {
    }
}

internal readonly unsafe struct NoFault : IOneFault;

/// <summary>A block begins in the middle of the one before.</summary>
internal readonly unsafe struct Overlapping : IOneFault
{
    private static byte* s_middle;

    static void* IUntyped.Alloc(nuint size)
    {
        byte* block = s_middle == null ? (byte*)FreshMemory.Take(size) : s_middle;
        s_middle = block + ((size / 2) & ~(nuint)15);
        return block;
    }
}

/// <summary>Every block is the same one.</summary>
internal readonly unsafe struct HandedOutTwice : IOneFault
{
    private static readonly void* s_block = NativeMemory.Alloc(1 << 16);

    static void* IUntyped.Alloc(nuint size) => s_block;
}

/// <summary>Writes into the last block that it has handed out, as an allocator does that takes it for free.</summary>
internal readonly unsafe struct WritesIntoBlocks : IOneFault
{
    private static byte* s_last;

    static void* IUntyped.Alloc(nuint size)
    {
        if (s_last != null)
        {
            *s_last ^= 1;
        }

        s_last = (byte*)FreshMemory.Take(size) + size - 1;
        return s_last - size + 1;
    }
}

/// <summary>What should be zero is not, in its last byte.</summary>
internal readonly unsafe struct Dirty : IOneFault
{
    static void* IUntyped.AllocZeroed(nuint size)
    {
        byte* block = (byte*)FreshMemory.Take(size);
        block[size == 0 ? 0 : size - 1] = 1;
        return block;
    }
}

internal readonly unsafe struct Misaligned : IOneFault
{
    static void* IUntyped.Alloc(nuint size) => (byte*)FreshMemory.Take(size + 8) + 8;
}

internal readonly unsafe struct MisalignedWhereAsked : IOneFault
{
    static void* IUntyped.AllocAligned(nuint size, nuint alignment) => (byte*)FreshMemory.Take(size + (alignment / 2), alignment) + (alignment / 2);
}

/// <summary>Moves a block and forgets its last byte.</summary>
internal readonly unsafe struct Forgetful : IOneFault
{
    static void* IUntyped.Realloc(void* block, nuint size) => FreshMemory.Move(block, size, forgotten: 1);
}

internal readonly unsafe struct Refusing : IOneFault
{
    static void* IUntyped.Realloc(void* block, nuint size) => null;
}

internal readonly unsafe struct Throwing : IOneFault
{
    static void IUntyped.Free(void* block) => throw new InvalidOperationException("It does not like to.");
}

/// <summary>Zeroed memory that is handed out from its start on. A block's size stands before it.</summary>
internal static unsafe class FreshMemory
{
    private const nuint Length = 1 << 28;
    private const nuint Spare = 64;

    private static readonly byte* s_start = (byte*)NativeMemory.AllocZeroed(Length);
    private static readonly Lock s_lock = new();
    private static byte* s_next = s_start;
    private static byte* s_furthest = s_start;

    /// <summary>Begins again. Nobody may hold a block, but for faulty allocators, which may have written to one of a time before the last.</summary>
    public static void Restart()
    {
        s_furthest = (byte*)nuint.Max((nuint)s_furthest, (nuint)s_next);
        NativeMemory.Clear(s_start, (nuint)(s_furthest - s_start));
        s_next = s_start;
    }

    public static void* Take(nuint size, nuint alignment = 16)
    {
        lock (s_lock)
        {
            alignment = nuint.Max(alignment, 16);
            byte* block = (byte*)(((nuint)s_next + Spare + alignment - 1) & ~(alignment - 1));
            s_next = block + nuint.Max(size, 1);
            if (s_next > s_start + Length)
            {
                throw new InvalidOperationException("The memory is too short for the trace.");
            }

            ((nuint*)block)[-1] = size;
            return block;
        }
    }

    public static void* Move(void* block, nuint size, int forgotten = 0)
    {
        nuint old = ((nuint*)block)[-1];
        void* moved = Take(size);
        nuint kept = nuint.Min(old, size);
        NativeMemory.Copy(block, moved, kept - nuint.Min(kept, (nuint)forgotten));
        return moved;
    }
}
