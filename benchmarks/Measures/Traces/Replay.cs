// The replay: a recorded program's calls, made again, and the writes that any program makes to what it has allocated.
//
// The first byte of an object is written, every 64th up to 256, and the last, as by the replayer in C: a program that allocates also uses, and pays
// for memory that is not in the caches or not there yet. For the measure of memory every page is written as well.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using NativeHeap.Benchmarks.Subjects;
using NativeHeap.Recording;

namespace NativeHeap.Benchmarks.Measures.Traces;

/// <summary>How much of an object is written.</summary>
internal interface IReach
{
    static abstract bool EveryPage { get; }
}

internal readonly struct FewLines : IReach
{
    public static bool EveryPage => false;
}

internal readonly struct EveryPage : IReach
{
    static bool IReach.EveryPage => true;
}

internal sealed unsafe class Replay<TAllocator, TReach>
    where TAllocator : struct, IUntyped
    where TReach : struct, IReach
{
    private const uint LineSize = 64;
    private const uint LinesEnd = 256;
    private const uint PageSize = 4096;

    private readonly Trace _trace;
    private readonly void** _blocks;
    private bool _stop;

    public Replay(Trace trace)
    {
        _trace = trace;
        _blocks = (void**)NativeMemory.Alloc((nuint)trace.Slots, (nuint)sizeof(void*));

        // Written, not merely zero: its pages are there before anything is measured.
        new Span<nint>(_blocks, trace.Slots).Fill(-1);
        new Span<nint>(_blocks, trace.Slots).Clear();
    }

    /// <summary>The events from <paramref name="first"/> on, in the order of the file.</summary>
    public void Run(int first, int count)
    {
        void** blocks = _blocks;
        TraceEvent* end = _trace.Events + first + count;
        for (TraceEvent* e = _trace.Events + first; e < end; e++)
        {
            Step(e, blocks);
        }
    }

    /// <summary>Frees what the slots hold.</summary>
    public void Free(int[] slots)
    {
        foreach (int slot in slots)
        {
            TAllocator.Free(_blocks[slot]);
        }
    }

    /// <summary>One thread's events of a trace that is dealt out.</summary>
    public void Run(ThreadedTrace threaded, int thread)
    {
        void** blocks = _blocks;
        ThreadedEvent* end = threaded.Start(thread) + threaded.CountOf(thread);
        for (ThreadedEvent* e = threaded.Start(thread); e < end; e++)
        {
            threaded.WaitForTurn(e, ref _stop);
            Step(&e->Event, blocks);
            threaded.EndTurn(e);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(TraceEvent* e, void** blocks)
    {
        void** place = blocks + e->Slot;
        uint size = e->Size;
        void* block;
        switch (e->Op)
        {
            case TraceOp.Free:
                TAllocator.Free(*place);
                return;
            case TraceOp.Alloc:
                block = TAllocator.Alloc(size);
                break;
            case TraceOp.AllocZeroed:
                block = TAllocator.AllocZeroed(size);
                break;
            case TraceOp.AllocAligned:
                block = TAllocator.AllocAligned(size, e->Alignment);
                break;
            default:
                block = TAllocator.Realloc(*place, size);
                break;
        }

        *place = block;
        if (block != null)
        {
            Touch((byte*)block, TAllocator.Present(size));
        }
        else if (size != 0)
        {
            ThrowRefused();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Touch(byte* block, uint size)
    {
        if (size == 0)
        {
            return;
        }

        *block = 1;
        uint end = uint.Min(size, LinesEnd);
        for (uint i = LineSize; i < end; i += LineSize)
        {
            block[i] = 1;
        }

        block[size - 1] = 1;
        if (TReach.EveryPage)
        {
            for (ulong i = PageSize; i < size; i += PageSize)
            {
                block[i] = 1;
            }
        }
    }

    // C's allocators return null where NativeHeap throws.
    private static void ThrowRefused() => throw new InsufficientMemoryException("The allocator has no memory.");
}
