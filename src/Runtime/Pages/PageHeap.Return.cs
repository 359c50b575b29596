// The way of memory back to the system: free runs, one system call a time.
//
//     lock: find a run, take it as if to use it -> no lock: Unused -> lock: free it again, as returned
//
// So nobody waits for the system, and nobody can be given the run meanwhile. It counts as free all the time. A run lies within a chunk: 4 MiB at most, which is what an
// allocation can find missing for a moment.
//
// What the system keeps (it is locked in memory) stays free as it was, and its chunk is passed over until another of its pages becomes free.

using System.Threading;

using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Pages;

internal unsafe partial struct PageHeap
{
    // Free pages whose memory is, or may be, there.
    private readonly nuint ResidentPages => _pages.FreePages + _kept.PageCount + _pagesInHand - _index.ReturnedPages;

    /// <summary>Whether pages have become free since the last pass began, or that left some to the next.</summary>
    public readonly bool IsTouched => Volatile.Read(in _isTouched);

    /// <summary>Gives the runs that are kept whole to the page allocator.</summary>
    public void ReleaseKept()
    {
        _lock.Enter();
        _ = _kept.Release(nuint.MaxValue, ref _pages);
        _lock.Exit();
    }

    /// <summary>Begins a pass: what threads have in their page caches goes to the page allocator, and so do runs that were kept whole and not needed since the last.</summary>
    /// <param name="reach">How far the pass goes; to the full, all of them.</param>
    public void BeginReturn(PassReach reach)
    {
        _lock.Enter();
        _isTouched = false;
        _index.BeginPass();
        _ = TakeAllBack();
        _kept.ReleaseOld(in _index, reach, ref _pages);
        _lock.Exit();
    }

    /// <summary>Ends a pass.</summary>
    /// <returns>Whether it found pages that may go back the next time.</returns>
    public bool EndReturn()
    {
        _lock.Enter();
        bool leaves = _index.LeavesWork;
        _isTouched |= leaves;
        _lock.Exit();
        return leaves;
    }

    /// <summary>Gives the memory of one run of free pages back, the highest of those that a pass has not got to. By one thread at a time.</summary>
    /// <param name="end">Where the pass has got to: <see cref="ScavengeIndex.PassStart"/> at first; 0 when it is through.</param>
    /// <param name="reach">How far the pass goes.</param>
    /// <param name="keep">The bytes of free pages that are not to go back.</param>
    /// <returns>The bytes given back.</returns>
    public nuint ReturnRun(ref nuint end, PassReach reach, nuint keep)
    {
        _lock.Enter();
        nuint first = PageAllocator.None;
        nuint pages = 0;
        nuint excess = (nuint)nint.Max(0, (nint)ResidentPages - (nint)(keep >> SizeClass.PageShift));
        if (excess == 0)
        {
            end = 0;
        }
        else
        {
            first = _index.FindRun(ref end, reach, excess, out pages);
        }

        if (first != PageAllocator.None)
        {
            _ = _pages.AllocAt(first, pages);
            _pagesInHand = pages;
        }

        _lock.Exit();
        return first == PageAllocator.None ? 0 : ReturnRun(first, pages, ref end);
    }

    // Makes pages usable, some of which have been returned; they are not noted as usable yet. False if the limit or the system refuses.
    private bool UseReturned(nuint first, nuint pages)
    {
        nuint bytes = _index.CountReturnedGroups(first, pages) << SizeClass.PageShift;
        if (!Quota.TryCharge(bytes))
        {
            return false;
        }

        bool used = MakeUsable((byte*)(first << SizeClass.PageShift), pages << SizeClass.PageShift);
        if (!used)
        {
            Quota.Cancel(bytes);
        }

        return used;
    }

    private nuint ReturnRun(nuint first, nuint pages, ref nuint end)
    {
        nuint bytes = pages << SizeClass.PageShift;
        DelayInjection.Pass(DelayPoint.PagesInHand);
        nuint given = VirtualMemory.Unused((void*)(first << SizeClass.PageShift), bytes);
        DelayInjection.Pass(DelayPoint.PagesInHand);
        _lock.Enter();
        if (given == bytes)
        {
            _index.SetReturned(first, pages);
            Quota.Uncharge(bytes);
            _returns++;
            MoveWatermark(Map.GetArena(first / HeapArena.PageCount), (int)((first + pages - 1) % HeapArena.PageCount) + 1);
        }
        else
        {
            end = first >> ChunkBits.PageCountShift;
            _index.Withdraw(end);
        }

        _pages.Free(first, pages);
        _pagesInHand = 0;
        _lock.Exit();
        return given;
    }
}
