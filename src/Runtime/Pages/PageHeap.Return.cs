// The way of memory back to the system: free runs, one system call a time.
//
//     lock: find a run, take it as if to use it -> no lock: Unused -> lock: free it again, as returned
//
// So nobody waits for the system, and nobody can be given the run meanwhile. It counts as free all the time. A run lies within a chunk: 4 MiB at most, which is what an
// allocation can find missing for a moment.
//
// What the system keeps (it is locked in memory) stays free as it was, and its chunk is passed over until another of its pages becomes free.

using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Pages;

internal unsafe partial struct PageHeap
{
    // Free pages whose memory is, or may be, there.
    private readonly nuint ResidentPages => _pages.FreePages + _kept.PageCount + _pagesInHand - _index.ReturnedPages;

    /// <summary>Gives the runs that are kept whole to the page allocator.</summary>
    public void ReleaseKept()
    {
        _lock.Enter();
        _ = _kept.Release(nuint.MaxValue, ref _pages);
        _lock.Exit();
    }

    /// <summary>Gives the memory of one run of free pages back, the highest of those that a pass has not got to. By one thread at a time.</summary>
    /// <param name="end">Where the pass has got to: <see cref="ScavengeIndex.PassStart"/> at first; 0 when it is through.</param>
    /// <param name="reach">How far the pass goes.</param>
    /// <param name="keep">The bytes of free pages that are not to go back.</param>
    /// <returns>The bytes given back.</returns>
    public nuint ReturnRun(ref nuint end, PassReach reach, nuint keep)
    {
        _lock.Enter();
        nuint pages = 0;
        nuint first = PageAllocator.None;
        if (ResidentPages <= keep >> SizeClass.PageShift)
        {
            end = 0;
        }
        else
        {
            first = _index.FindRun(ref end, reach, out pages);
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

        bool used = VirtualMemory.Used((void*)(first << SizeClass.PageShift), pages << SizeClass.PageShift);
        if (!used)
        {
            Quota.Cancel(bytes);
        }

        return used;
    }

    private nuint ReturnRun(nuint first, nuint pages, ref nuint end)
    {
        nuint bytes = pages << SizeClass.PageShift;
        nuint given = VirtualMemory.Unused((void*)(first << SizeClass.PageShift), bytes);
        _lock.Enter();
        if (given == bytes)
        {
            _index.SetReturned(first, pages);
            Quota.Uncharge(bytes);
            _returns++;
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
