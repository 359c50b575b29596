// A replay that trusts nobody: every object is filled with a pattern of its own and checked whole before it is freed or moved, after it was moved, and at the
// end. An allocator that hands out memory twice, moves too little, or does not clear what it says it has cleared is found out; so is one whose
// addresses are not aligned. With several threads the slots' turns order all accesses to an object, so that a fault is the allocator's.
//
// The first fault ends the replay of all threads.

using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;

using NativeHeap.Benchmarks.Subjects;
using NativeHeap.Recording;

namespace NativeHeap.Benchmarks.Measures.Traces;

internal sealed unsafe class VerifiedReplay<TAllocator>(Trace trace)
    where TAllocator : struct, IUntyped
{
    // What an object of up to eight bytes is aligned to, and a larger one: C's rule on these systems, and NativeHeap's.
    private const nuint SmallAlignment = 8;
    private const nuint DefaultAlignment = 16;

    private readonly Holding* _holdings = (Holding*)NativeMemory.AllocZeroed((nuint)trace.Slots, (nuint)sizeof(Holding));
    private string? _fault;
    private bool _stop;

    /// <summary>The whole trace, in its order; the first fault, or null.</summary>
    public string? Run()
    {
        for (int i = 0; i < trace.Count && !_stop; i++)
        {
            Step(trace.Events + i, i);
        }

        CheckLiveAndFree();
        return _fault;
    }

    /// <summary>The same by several threads.</summary>
    public string? Run(ThreadedTrace threaded)
    {
        Thread[] players = [.. Enumerable.Range(0, threaded.Threads).Select(thread => new Thread(() => Play(threaded, thread)))];
        foreach (Thread player in players)
        {
            player.Start();
        }

        foreach (Thread player in players)
        {
            player.Join();
        }

        CheckLiveAndFree();
        return _fault;
    }

    private void Play(ThreadedTrace threaded, int thread)
    {
        ThreadedEvent* end = threaded.Start(thread) + threaded.CountOf(thread);
        for (ThreadedEvent* e = threaded.Start(thread); e < end && threaded.WaitForTurn(e, ref _stop); e++)
        {
            Step(&e->Event, e->Index);
            threaded.EndTurn(e);
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever is thrown at a correct program is a fault, to be named with its event.")]
    private void Step(TraceEvent* e, int index)
    {
        try
        {
            Perform(e, index);
        }
        catch (Exception thrown)
        {
            Report(e, index, $"throws {thrown.GetType().Name}: {thrown.Message}");
        }
    }

    private void Perform(TraceEvent* e, int index)
    {
        Holding* held = _holdings + e->Slot;
        byte* block;
        switch (e->Op)
        {
            case TraceOp.Free:
                CheckContent(e, index, held->Block, held->Size, held->Owner, "before free");
                block = held->Block;
                *held = default;
                TAllocator.Free(block);
                return;
            case TraceOp.Alloc:
                block = (byte*)TAllocator.Alloc(e->Size);
                break;
            case TraceOp.AllocZeroed:
                block = (byte*)TAllocator.AllocZeroed(e->Size);
                CheckZero(e, index, block);
                break;
            case TraceOp.AllocAligned:
                block = (byte*)TAllocator.AllocAligned(e->Size, e->Alignment);
                break;
            default:
                CheckContent(e, index, held->Block, held->Size, held->Owner, "before realloc");
                block = (byte*)TAllocator.Realloc(held->Block, e->Size);
                CheckContent(e, index, block, block == null ? 0 : uint.Min(held->Size, e->Size), held->Owner, "after realloc");
                break;
        }

        Hold(e, index, held, block);
    }

    private void Hold(TraceEvent* e, int index, Holding* held, byte* block)
    {
        if (block == null && e->Size != 0)
        {
            Report(e, index, "returns null");
            return;
        }

        nuint alignment = e->Op == TraceOp.AllocAligned ? e->Alignment : e->Size > SmallAlignment ? DefaultAlignment : SmallAlignment;
        if (((nuint)block & (alignment - 1)) != 0)
        {
            Report(e, index, string.Create(CultureInfo.InvariantCulture, $"returns {(nuint)block:x}, which is not aligned to {alignment}"));
        }

        *held = new() { Block = block, Owner = index, Size = block == null ? 0 : e->Size };
        ObjectPattern.Fill(block, held->Size, index);
    }

    private void CheckZero(TraceEvent* e, int index, byte* block)
    {
        long offset = block == null ? -1 : ObjectPattern.FindNonZero(block, e->Size);
        if (offset >= 0)
        {
            Report(e, index, string.Create(CultureInfo.InvariantCulture, $"of {e->Size} bytes is not zero at offset {offset}, address {(nuint)block:x}"));
        }
    }

    private void CheckContent(TraceEvent* e, int index, byte* block, uint size, int owner, string when)
    {
        long offset = ObjectPattern.FindForeign(block, size, owner);
        if (offset >= 0)
        {
            Report(e, index, string.Create(
                CultureInfo.InvariantCulture,
                $"finds foreign content {when}: offset {offset} of {size} bytes at {(nuint)block:x}, which event {owner} allocated"));
        }
    }

    private void CheckLiveAndFree()
    {
        for (int slot = 0; slot < trace.Slots && !_stop; slot++)
        {
            if (_holdings[slot].Block != null)
            {
                TraceEvent last = new() { Op = TraceOp.Free, Slot = (uint)slot };
                Step(&last, trace.Count);
            }
        }
    }

    private void Report(TraceEvent* e, int index, string what)
    {
        string fault = string.Create(CultureInfo.InvariantCulture, $"event {index}, slot {e->Slot}: {e->Op} {what}");
        _ = Interlocked.CompareExchange(ref _fault, fault, null);
        Volatile.Write(ref _stop, true);
    }

    /// <summary>What a slot holds; Owner is the event that filled it.</summary>
    private struct Holding
    {
        public byte* Block;
        public int Owner;
        public uint Size;
    }
}
