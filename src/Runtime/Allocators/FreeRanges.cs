// The free ranges of a block, kept as the policy needs them. The policy is chosen when the allocator is made and does not change, so each call costs a switch that is predicted, and no
// virtual call.

namespace NativeHeap.Allocators;

/// <summary>Keeps free ranges and picks one for a request.</summary>
internal struct FreeRanges(FitPolicy policy, int granuleShift)
{
    private RangeTree _tree = new(bySize: policy == FitPolicy.BestFit);
    private SegregatedLists _lists = new(granuleShift);

    // For next fit: where the last allocation ended.
    private nuint _last;

    /// <summary>Makes room for what does not grow later. Needed before any other call.</summary>
    /// <returns>Whether there is room; if not, the heap has no memory.</returns>
    public bool TryReserve(Heap heap, nuint size) => policy != FitPolicy.SegregatedFit || _lists.TryReserve(heap, size);

    /// <summary>Forgets all ranges.</summary>
    public void Clear()
    {
        _tree.Clear();
        _lists.Clear();
        _last = 0;
    }

    /// <summary>Adds a range and marks it free.</summary>
    public void Add(in RangeNodes nodes, int added)
    {
        nodes[added].IsFree = true;
        if (policy == FitPolicy.SegregatedFit)
        {
            _lists.Add(in nodes, added);
        }
        else
        {
            _tree.Add(in nodes, added);
        }
    }

    /// <summary>Gives a range another offset and size, which leave it between its neighbours in the block.</summary>
    public void Resize(in RangeNodes nodes, int range, nuint offset, nuint size)
    {
        if (policy == FitPolicy.SegregatedFit)
        {
            _lists.Remove(in nodes, range);
            nodes[range].Offset = offset;
            nodes[range].Size = size;
            _lists.Add(in nodes, range);
        }
        else
        {
            _tree.Resize(in nodes, range, offset, size);
        }
    }

    /// <summary>Removes a range and marks it used.</summary>
    public void Remove(in RangeNodes nodes, int removed)
    {
        nodes[removed].IsFree = false;
        if (policy == FitPolicy.SegregatedFit)
        {
            _lists.Remove(in nodes, removed);
        }
        else
        {
            _tree.Remove(in nodes, removed);
        }
    }

    /// <summary>The range that the policy picks for a request; 0 if the request fits nowhere.</summary>
    public readonly int Find(in RangeNodes nodes, in FitRequest request)
    {
        switch (policy)
        {
            case FitPolicy.SegregatedFit:
                return _lists.Find(in nodes, in request);
            case FitPolicy.NextFit:
                int next = _tree.FindFirst(in nodes, _last, in request);
                return next != 0 ? next : _tree.FindFirst(in nodes, 0, in request);
            default:
                return _tree.FindFirst(in nodes, 0, in request);
        }
    }

    /// <summary>Tells where an allocation ended.</summary>
    public void NoteAllocated(nuint end) => _last = end;

    /// <summary>The longest size; 0 if there is no range.</summary>
    public readonly nuint Largest(in RangeNodes nodes) => policy == FitPolicy.SegregatedFit ? _lists.Largest(in nodes) : _tree.Largest(in nodes);

    /// <summary>Gives the memory back to the heap.</summary>
    public void Release(Heap heap)
    {
        _lists.Release(heap);
        _tree.Clear();
    }
}
