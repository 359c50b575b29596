// One pass of the scavenger, cut into steps of some microseconds each (a quarter of a millisecond for a run of 4 MiB), between which whoever runs it may stop for as long as it likes.
//
//     Threads   caches of threads that have ended
//     Heaps     each heap that was touched since the last pass, class by class: what its depot did not need since then, its empty span, the holes of its spans
//     Pages     free runs, from the highest address down
//
// So what one stage sets free the later ones give back, in the same pass: slots from a depot that were not needed for a pass's interval have been idle as long, and make nothing young.
//
// LeavesWork: something was found that may be given back by the next pass, if nobody needs it until then. If not, and nothing is touched, no pass need come.
//
// Under the scavenger's pass lock, step by step.

using NativeHeap.Central;
using NativeHeap.Pages;
using NativeHeap.SizeClasses;
using NativeHeap.Threads;

namespace NativeHeap.Maintenance;

/// <summary>What a pass has got to.</summary>
internal unsafe struct ScavengePass
{
    // Of records and heaps, the most that one step looks at.
    private const int SearchSteps = 64;

    private readonly PageHeap* _pages;
    private readonly HeapIndexes* _indexes;
    private readonly ThreadRegistry* _registry;
    private readonly PassReach _reach;
    private readonly nuint _keep;
    private Stage _stage;
    private int _records;
    private int _heap;
    private int _spanClass;
    private nuint _end;

    /// <summary>Makes a pass that has yet to begin.</summary>
    /// <param name="pages">The page heap.</param>
    /// <param name="indexes">The heaps.</param>
    /// <param name="registry">The threads.</param>
    /// <param name="reach">How far it goes.</param>
    /// <param name="keep">The bytes of free pages that are not to go back.</param>
    public ScavengePass(PageHeap* pages, HeapIndexes* indexes, ThreadRegistry* registry, PassReach reach, nuint keep)
    {
        _pages = pages;
        _indexes = indexes;
        _registry = registry;
        _reach = reach;
        _keep = keep;
        _records = registry->Count;
    }

    private enum Stage
    {
        Threads,
        Heaps,
        Class,
        Pages,
        Done,
    }

    /// <summary>Whether the pass is through.</summary>
    public readonly bool IsDone => _stage == Stage.Done;

    /// <summary>Whether it found something for the next one.</summary>
    public bool LeavesWork { get; private set; }

    /// <summary>Does one step.</summary>
    /// <returns>The bytes given back to the system.</returns>
    public nuint Step() => _stage switch
    {
        Stage.Threads => CollectThreads(),
        Stage.Heaps => FindClass(),
        Stage.Class => ScavengeClass(),
        Stage.Pages => ReturnPages(),
        _ => 0,
    };

    private nuint CollectThreads()
    {
        _ = EndedThreads.Collect(_registry, SearchSteps);
        _records -= SearchSteps;
        _stage = _records > 0 ? Stage.Threads : Stage.Heaps;
        return 0;
    }

    // The next class of the next heap that has anything to look at.
    private nuint FindClass()
    {
        for (int step = 0; step < SearchSteps; step++)
        {
            CentralSet* set = _heap < _indexes->Count ? _indexes->Find(_heap) : null;
            if (set == null)
            {
                _pages->BeginReturn(_reach);
                _end = ScavengeIndex.PassStart;
                _stage = Stage.Pages;
                return 0;
            }

            bool passes = _spanClass != 0 || set->TakeTouched() || _reach == PassReach.Full;
            while (passes && ++_spanClass < SizeClass.SpanClassCount)
            {
                if (set->BeginPass(_spanClass, _reach))
                {
                    _stage = Stage.Class;
                    return 0;
                }
            }

            _spanClass = 0;
            _heap++;
        }

        return 0;
    }

    private nuint ScavengeClass()
    {
        CentralSet* set = _indexes->Find(_heap);
        if (!set->PassStep(_spanClass, _reach, out nuint given))
        {
            _stage = Stage.Heaps;
            if (set->Find(_spanClass)->MayGiveMore)
            {
                set->Touch();
                LeavesWork = true;
            }
        }

        return given;
    }

    private nuint ReturnPages()
    {
        nuint given = _pages->ReturnRun(ref _end, _reach, _keep);
        if (_end == 0)
        {
            LeavesWork |= _pages->EndReturn();
            _stage = Stage.Done;
        }

        return given;
    }
}
