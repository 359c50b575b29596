// What is allocated during a test and not freed: the difference of two leak reports, of one heap or of all.
//
//     leaks = for each heap: report at the end - report at the beginning, kind by kind (LeakReport.Since);   a heap that was made meanwhile: its whole report
//
// A kind is what the report knows: type and place of allocation where they are tracked, else a size class. So an object from before that is freed during the test makes up for one of its kind that is leaked: a test that frees what is
// not its own is no test of leaks.
//
// Reports count what all threads do. What others allocate meanwhile is told as a leak, and what they free hides one: no test may run beside it, or the heap must be the test's own.

using System;
using System.Collections.Generic;

namespace NativeHeap.Testing;

/// <summary>Looks for what is allocated and not freed from its beginning to its end, for <c>using</c>. The end throws.</summary>
/// <remarks>
/// Nothing else may use the heaps that it looks at in the meantime: no test in parallel, or a heap of the test's own. Blocks that the runtime keeps for the next use count, such as the buffers that a
/// <see cref="NativeMemoryPool"/> has made and keeps. Used by one thread at a time; the test may use any number.
/// </remarks>
public sealed class LeakCheck : IDisposable
{
    private readonly Heap? _heap;
    private readonly LeakCheckOptions _options;
    private readonly Dictionary<Heap, LeakReport> _before = [];
    private bool _hasEnded;

    private LeakCheck(Heap? heap, LeakCheckOptions? options)
    {
        _heap = heap;
        _options = options ?? new LeakCheckOptions();
        foreach (Heap each in Heaps())
        {
            _before.Add(each, each.GetLeakReport());
        }
    }

    /// <summary>Begins to look at a heap, or at all.</summary>
    /// <param name="heap">
    /// The heap; if it has been disposed of by the end, nothing of it has leaked. Null for all: <see cref="Heap.Shared"/>, those that there are, and those that are made before the end and not disposed of.
    /// </param>
    /// <param name="options">What to let pass; null for nothing.</param>
    /// <returns>The check, to be ended.</returns>
    public static LeakCheck Begin(Heap? heap = null, LeakCheckOptions? options = null) => new(heap, options);

    /// <summary>What has been allocated so far and not freed. The check goes on.</summary>
    /// <returns>A report for each heap that holds some; empty if none does.</returns>
    public IReadOnlyList<LeakReport> GetLeaks()
    {
        List<LeakReport> leaks = [];
        foreach (Heap heap in Heaps())
        {
            LeakReport leaked = heap.GetLeakReport().Since(_before.GetValueOrDefault(heap), _options.Ignores);
            if (leaked.Objects != 0)
            {
                leaks.Add(leaked);
            }
        }

        return leaks;
    }

    /// <summary>Ends the check. A second call does nothing.</summary>
    /// <exception cref="NativeLeakException">Something was allocated since the beginning and has not been freed.</exception>
    public void End()
    {
        if (_hasEnded)
        {
            return;
        }

        _hasEnded = true;
        IReadOnlyList<LeakReport> leaks = GetLeaks();
        if (leaks.Count != 0)
        {
            throw new NativeLeakException(leaks);
        }
    }

    /// <summary>Ends the check, as <see cref="End"/> does. Where another exception is on its way out of the scope, the one that is thrown here takes its place.</summary>
    /// <exception cref="NativeLeakException">Something was allocated since the beginning and has not been freed.</exception>
    public void Dispose() => End();

    private List<Heap> Heaps()
    {
        List<Heap> heaps = [];
        foreach (Heap heap in Heap.All)
        {
            if (_heap == null || heap == _heap)
            {
                heaps.Add(heap);
            }
        }

        return heaps;
    }
}
