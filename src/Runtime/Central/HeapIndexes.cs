// The sets of all heaps by index. An index, with its set, is taken by a new heap and returned by a disposed one; a returned one is taken first, so that the tables by heap
// index, one a thread, stay as short as the most heaps there were at one time. Index 0 is the shared heap's and never returned.
//
//     Find(i) != null  <=>  0 <= i < Count;   Find(i)->Index = i
//
// The table is a list of blocks that never move, so it is read without the lock, which guards the rest. The lock ranks with the registry's: no other is
// held when it is taken, and under it only the metadata allocator's is.

using System.Threading;

using NativeHeap.Pages;
using NativeHeap.Platform;

namespace NativeHeap.Central;

/// <summary>Gives heaps their indexes.</summary>
internal unsafe struct HeapIndexes
{
    private const int BlockShift = 8;
    private const int BlockLength = 1 << BlockShift;
    private const int BlockCount = 256;

    /// <summary>The most heaps at one time. An owner keeps something else above an index's lower 24 bits (Heaps/NativeOwner.cs).</summary>
    public const int MaxHeaps = BlockLength * BlockCount;

    private HeapLock _lock;
    private MetadataAllocator* _metadata;
    private PageHeap* _pages;
    private CentralSet* _unused;
    private int _count;
    private fixed ulong _blocks[BlockCount];

    /// <summary>The number of indexes ever in use at one time.</summary>
    public readonly int Count => Volatile.Read(in _count);

    /// <summary>Makes the process's table.</summary>
    /// <returns>The table, or null when the system has no memory.</returns>
    public static HeapIndexes* Create(MetadataAllocator* metadata, PageHeap* pages)
    {
        HeapIndexes* indexes = metadata->Alloc<HeapIndexes>();
        if (indexes != null)
        {
            indexes->_metadata = metadata;
            indexes->_pages = pages;
        }

        return indexes;
    }

    /// <summary>The set of an index below <see cref="Count"/>.</summary>
    public readonly CentralSet* Find(int index) => ((CentralSet**)_blocks[index >> BlockShift])[index & (BlockLength - 1)];

    /// <summary>The set that gave a lease, or null if its objects of then have ended. Takes what <see cref="CentralSet.Lease"/> has given, and 0.</summary>
    public readonly CentralSet* Find(ulong lease)
    {
        CentralSet* set = Find((int)(uint)lease);
        return set->Lease == lease ? set : null;
    }

    /// <summary>Takes an empty set.</summary>
    /// <returns>The set, or null when the system has no memory or there are <see cref="MaxHeaps"/> heaps.</returns>
    public CentralSet* Take()
    {
        _lock.Enter();
        CentralSet* set = _unused;
        if (set != null)
        {
            _unused = set->NextUnused;
            set->NextUnused = null;
        }
        else
        {
            set = Add();
        }

        _lock.Exit();
        return set;
    }

    /// <summary>Returns an emptied set, whose limits and profile go with its heap.</summary>
    public void Return(CentralSet* set)
    {
        set->Quota.Reset(RefusedBy.HeapMaximum);
        set->IsCompact = set->KeepsMemory = set->IsIsolated = false;
        _lock.Enter();
        set->NextUnused = _unused;
        _unused = set;
        _lock.Exit();
    }

    private CentralSet* Add()
    {
        int index = _count;
        if (index == MaxHeaps)
        {
            return null;
        }

        int block = index >> BlockShift;
        if (_blocks[block] == 0)
        {
            _blocks[block] = (ulong)_metadata->Alloc(BlockLength * (nuint)sizeof(CentralSet*));
        }

        CentralSet* set = _blocks[block] == 0 ? null : CentralSet.Create(_metadata, _pages, index);
        if (set != null)
        {
            ((CentralSet**)_blocks[block])[index & (BlockLength - 1)] = set;
            Volatile.Write(ref _count, index + 1);
        }

        return set;
    }
}
