// How a heap comes and goes, and how all of its objects end at once.
//
//     new       takes an index, with the set of central caches that a disposed heap has left there, or a new one
//     Reset     every object ends; spans of slots, magazines and the sizes of the threads' bins stay, as far as they were needed: what follows is like what was before
//     Dispose   every object ends, all spans go back to the page heap, and the index with its emptied set waits for the next heap
//
// Both ends go in one order: calls by the heap stop (Dispose: its index becomes one that no table has), the threads' caches forget the slots they hold, the recorder hears
// of it, and the set ends the objects (CentralSet.EndAll). They touch the bins of other threads, so no other thread may be using the heap meanwhile; they take a time that
// grows with spans, magazines and threads, not with objects.
//
// The lease is what an owner goes by, or whatever else outlives a call and must know whether an object of the heap has ended with the others: it is the heap's only until then.

using System;
using System.Diagnostics.CodeAnalysis;
using System.IO;

using NativeHeap.Central;
using NativeHeap.Heaps;
using NativeHeap.Maintenance;
using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.Threads;

namespace NativeHeap;

public sealed unsafe partial class Heap
{
    private const int SharedIndex = PageHeap.SharedHeapIndex;
    private const int DisposedIndex = -1;
    private const ulong NoLease = ulong.MaxValue;

    private readonly CentralSet* _set;
    private ulong _lease;
    private nint _index;

    /// <summary>Makes a heap of its own. Costs what it comes to hold; there can be 65,536.</summary>
    /// <exception cref="OutOfMemoryException">The system has no memory.</exception>
    /// <exception cref="InvalidOperationException">There are 65,536 heaps already.</exception>
    public Heap()
        : this(new HeapOptions())
    {
    }

    /// <summary>Makes a heap of its own. Costs what it comes to hold; there can be 65,536.</summary>
    /// <param name="options">What it is to do beside the usual.</param>
    /// <exception cref="IOException">The file to record to cannot be written.</exception>
    /// <inheritdoc cref="Heap()" path="/exception"/>
    public Heap(HeapOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _set = HeapProcess.EnsureStarted() && ProcessGuards.Prepare(options.GuardedSampleBytes) ? HeapProcess.Indexes->Take() : null;
        if (_set == null)
        {
            throw HeapProcess.IsStarted && HeapProcess.Indexes->Count == HeapIndexes.MaxHeaps
                ? HeapErrors.TooManyHeaps()
                : HeapErrors.OutOfMemory((nuint)sizeof(CentralSet));
        }

        _index = _set->Index;
        _lease = _set->Lease;
        Name = options.Name;
        OnPressure = options.OnPressure;
        TakeSet();
        SetLimits(options);
        ProcessProfile.Apply(options.Profile ?? ProcessProfile.Profile, _set);
        ProcessChecks.Apply(options.Check, _set, options.QuarantineBytes);
        Corruption.Apply(options.FailsFast, _set);
        ProcessHardening.Apply(options.Hardening, _set);
        ProcessGuards.Apply(options.GuardedSampleBytes, _set);
        StartRecording(options.RecordTo);
    }

    private Heap(int index)
    {
        _index = index;
        Name = nameof(Shared);
    }

    /// <summary>The heap of the generated stubs. It cannot be disposed of.</summary>
    public static Heap Shared { get; } = new(SharedIndex);

    /// <summary>Its index in the threads' tables of caches; one that no table has once it is disposed of.</summary>
    internal nint Index => _index;

    /// <summary>The lease of what it allocates now; one that is never given if it has been disposed of.</summary>
    internal ulong Lease => _lease;

    /// <summary>The heap's central caches, to change them; null for the shared heap before the start.</summary>
    internal CentralSet* Set => _index == SharedIndex ? HeapProcess.Shared : _index >= 0 ? _set : throw (_index == DisposedIndex ? HeapErrors.Disposed() : HeapErrors.Isolated(Name!));

    /// <summary>Called before all objects end at once, while they are there: managed objects of higher floors that have some end then, too.</summary>
    internal event Action? Ending;

    /// <summary>Looks at all that a heap of <see cref="CheckLevel.Full"/> has in use and in quarantine, whether something was written where no object is, or to one that was freed. Of other heaps there is nothing to look at.</summary>
    /// <remarks>No other thread may be using the heap. Takes a time that grows with what it holds. What is found is mended, so that the next call does not find it again.</remarks>
    /// <exception cref="HeapCorruptionException">Something was: the first that is found.</exception>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    public void Verify()
    {
        if (CheckedRoutes.FindWrites(SetToRead) is { } written)
        {
            throw written;
        }
    }

    /// <summary>Gives all that this thread's caches hold, in every heap, back to the central caches and the page heap, and what ended threads have left as well.</summary>
    /// <remarks>For a thread that goes idle or is about to end. Not needed for correctness: an ended thread's cache is taken over.</remarks>
    /// <exception cref="HeapCorruptionException">An object was found to have been freed wrongly before.</exception>
    public static void FlushThread()
    {
        if (!HeapProcess.IsStarted)
        {
            return;
        }

        ThreadRecord* thread = ThreadRecord.Current;
        void* bad = thread == null ? null : HeapProcess.Registry->Flush(thread);
        _ = EndedThreads.Collect(HeapProcess.Registry, int.MaxValue);
        if (bad != null)
        {
            throw HeapErrors.WrongFree(bad);
        }
    }

    /// <summary>Frees all that the heap holds, at once, in a time that grows with its spans and not with its objects, and keeps the memory for what the heap allocates next.</summary>
    /// <remarks>
    /// No other thread may be using the heap, and none of its blocks may be used afterwards; an owner of one frees nothing when it is disposed of later. Its tables, pools and collections end, too. It is memory that ends here, not objects: no type's <c>OnFreeing</c> is called,
    /// and what objects own outside of the heap is theirs to free before. Blocks over 32 KiB go back to the page
    /// heap. Of the others the heap keeps, size class by size class, the pages that were in use at one time since the last call, or since it was made; those that it needed no more
    /// go to the page heap, too. <see cref="Trim"/> takes what is kept.
    /// </remarks>
    /// <exception cref="InvalidOperationException">This is the shared heap.</exception>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    /// <exception cref="HeapCorruptionException">The heap's check level is <see cref="CheckLevel.Full"/>, and something was written where no object is, or to one that was freed. The heap is reset nevertheless.</exception>
    [InvalidatesReferences]
    public void Reset()
    {
        CentralSet* set = _index != SharedIndex ? Set : throw HeapErrors.SharedHeapHasNoEnd("be reset");
        HeapCorruptionException? written = CheckedRoutes.FindWrites(set);
        Ending?.Invoke();
        HeapProcess.Registry->Clear(set->Index);
        if (set->Recorder != null)
        {
            set->Recorder->FreeAll(set->Index);
        }

        set->Reset();
        _lease = set->Lease;
        if (written != null)
        {
            throw written;
        }
    }

    /// <summary>Frees all that the heap holds, at once, in a time that grows with its spans and not with its objects. A second call does nothing.</summary>
    /// <remarks>
    /// No other thread may be using the heap, and none of its blocks may be used afterwards; an owner of one frees nothing when it is disposed of later. It is memory that ends here, not objects: no type's <c>OnFreeing</c> is
    /// called, and what objects own outside of the heap is theirs to free before. Any later call on the heap throws
    /// <see cref="ObjectDisposedException"/>.
    /// </remarks>
    /// <exception cref="InvalidOperationException">This is the shared heap, or an isolated type's.</exception>
    /// <exception cref="IOException">The heap's recording could not be written whole (<see cref="HeapOptions.RecordTo"/>). The heap is disposed of nevertheless.</exception>
    /// <exception cref="HeapCorruptionException">The heap's check level is <see cref="CheckLevel.Full"/>, and something was written where no object is, or to one that was freed. The heap is disposed of nevertheless.</exception>
    [InvalidatesReferences]
    [SuppressMessage("Design", "CA1065:Do not raise exceptions in unexpected locations", Justification = "Disposing of the shared heap is a mistake in the program, and silence would hide it.")]
    public void Dispose()
    {
        if (_index == SharedIndex)
        {
            throw HeapErrors.SharedHeapHasNoEnd("be disposed of");
        }

        if (_index == IsolatedIndex)
        {
            throw HeapErrors.Isolated(Name!);
        }

        if (_index != DisposedIndex)
        {
            HeapCorruptionException? written = CheckedRoutes.FindWrites(_set);
            Ending?.Invoke();
            _index = DisposedIndex;
            _lease = NoLease;
            HeapProcess.Registry->Abandon(_set->Index);
            DelayInjection.Pass(DelayPoint.HeapAbandoned);
            LeaveRecording();
            _set->ReleaseAll();
            DelayInjection.Pass(DelayPoint.HeapAbandoned);
            LeaveSet();
            HeapProcess.Indexes->Return(_set);
            StopRecording();
            if (written != null)
            {
                throw written;
            }
        }
    }
}
