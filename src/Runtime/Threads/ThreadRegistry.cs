// The records of all threads. A list that only grows, as long as the most threads there were at one time; each record is unused, attached to a thread, or
// claimed by somebody who empties it.
//
//     Unused -> Attached                     a thread's first call
//     Attached, and the thread has ended     -> Attached to the new thread (adopted, magazines and all), or -> Claimed -> emptied -> Unused
//
// Nothing runs when a thread ends but the setting of its flag. Ended threads are found by whoever comes next: a new thread looks at a few records, from where the
// last search stopped, and so does Maintenance before the page heap grows. The flag may be late; then a later search finds it.
//
// The registry's lock guards states, the cursor, the unused list and the tables of caches; it is the first in the lock order, but for the flush lock, under which
// a record is emptied whole. That touches caches of heaps that the thread may have done with long ago, and one of them may be being disposed of by another
// thread at that moment; disposal takes the same lock.

using System;
using System.Runtime.CompilerServices;

using NativeHeap.Central;
using NativeHeap.Platform;

namespace NativeHeap.Threads;

/// <summary>All thread records.</summary>
internal unsafe struct ThreadRegistry
{
    private const int SearchSteps = 8;

    private HeapLock _lock;
    private HeapLock _flushLock;
    private MetadataAllocator* _metadata;
    private CentralSet* _shared;
    private ThreadRecord* _first;
    private ThreadRecord* _cursor;
    private ThreadRecord* _unused;

    // Stand for all bins and caches not made yet.
    private Bin _closedBin;
    private ThreadCache _closedCache;

    /// <summary>The number of records: the most threads that used the allocator at one time.</summary>
    public int Count { get; private set; }

    /// <summary>Makes the process's registry.</summary>
    /// <returns>The registry, or null when the system has no memory.</returns>
    public static ThreadRegistry* Create(MetadataAllocator* metadata, CentralSet* shared)
    {
        ThreadRegistry* registry = metadata->Alloc<ThreadRegistry>();
        if (registry != null)
        {
            registry->_metadata = metadata;
            registry->_shared = shared;
            registry->_closedBin = default;
            registry->_closedCache.Initialize(null, null, &registry->_closedBin);
        }

        return registry;
    }

    /// <summary>Gives the current thread a record: an unused one, an ended thread's, or a new one.</summary>
    /// <returns>The record, or null when the system has no memory.</returns>
    public ThreadRecord* Attach()
    {
        _lock.Enter();
        ThreadRecord* record = _unused;
        if (record != null)
        {
            _unused = record->NextUnused;
        }
        else
        {
            record = FindEnded(SearchSteps);
            record = record != null ? record : Create();
        }

        if (record != null && !ThreadExit.Watch(&record->Exit))
        {
            // An ended thread's record stays that, since its magazines are not empty: a later search finds it.
            if (record->State != ThreadRecordState.Attached)
            {
                PutUnused(record);
            }

            record = null;
        }

        if (record != null)
        {
            record->State = ThreadRecordState.Attached;
        }

        _lock.Exit();
        ThreadRecord.Current = record;
        return record;
    }

    /// <summary>Claims the record of a thread that has ended, to be emptied and then released.</summary>
    /// <param name="steps">The most records to look at.</param>
    /// <returns>The record, or null if none was found.</returns>
    public ThreadRecord* ClaimEnded(int steps)
    {
        _lock.Enter();
        ThreadRecord* record = FindEnded(steps);
        if (record != null)
        {
            record->State = ThreadRecordState.Claimed;
        }

        _lock.Exit();
        return record;
    }

    /// <summary>Gives every slot in a record's caches back to the spans, and what its page cache holds to the page heap. For its owner, or whoever has claimed it.</summary>
    /// <returns>A pointer that turned out to be no slot in use, or null.</returns>
    public void* Flush(ThreadRecord* record)
    {
        _flushLock.Enter();
        void* bad = record->Flush();
        _flushLock.Exit();
        _shared->Pages->Release(ThreadRecord.Pages(record));
        return bad;
    }

    /// <summary>Makes a claimed record, emptied, available.</summary>
    public void Release(ThreadRecord* record)
    {
        _lock.Enter();
        PutUnused(record);
        _lock.Exit();
    }

    /// <summary>The thread's cache for a heap, made if need be; null when the system has no memory.</summary>
    public ThreadCache* GetOrAddCache(ThreadRecord* record, CentralSet* set)
    {
        ThreadCache* cache = record->FindCache(set->Index);
        if (cache == null)
        {
            _lock.Enter();
            cache = ThreadRecord.AddCache(record, set);
            _lock.Exit();
        }

        return cache;
    }

    /// <summary>Drops the slots that all threads' caches hold of a heap. No thread may be using the heap.</summary>
    public void Clear(int heapIndex) => ForEachCache(heapIndex, &Clear);

    /// <summary>Drops the slots that all threads' caches hold of a heap, and closes their bins. No thread may be using the heap.</summary>
    public void Abandon(int heapIndex) => ForEachCache(heapIndex, &Abandon);

    private static void Clear(ThreadCache* cache) => cache->Clear();

    private static void Abandon(ThreadCache* cache) => cache->Abandon();

    private void ForEachCache(int heapIndex, delegate*<ThreadCache*, void> action)
    {
        _flushLock.Enter();
        _lock.Enter();
        for (ThreadRecord* record = _first; record != null; record = record->Next)
        {
            ThreadCache* cache = record->FindCache(heapIndex);
            if (cache != null)
            {
                action(cache);
            }
        }

        _lock.Exit();
        _flushLock.Exit();
    }

    /// <summary>Crosses out the slots that all threads' bins hold.</summary>
    /// <param name="heapIndex">The heap.</param>
    /// <param name="used">The live slots of one of its spans, as far as its central cache knows.</param>
    public void RemoveCached(int heapIndex, UsedSlots* used)
    {
        _lock.Enter();
        for (ThreadRecord* record = _first; record != null; record = record->Next)
        {
            ThreadCache* cache = record->FindCache(heapIndex);
            if (cache != null)
            {
                cache->GetBin(used->SpanClass)->RemoveFrom(used);
            }
        }

        _lock.Exit();
    }

    /// <summary>Keeps everybody from emptying a record until <see cref="ExitFlush"/>, so that no slot is on its way from a cache to its span. For readers of counts.</summary>
    public void EnterFlush() => _flushLock.Enter();

    /// <summary>Lets records be emptied again.</summary>
    public void ExitFlush() => _flushLock.Exit();

    /// <summary>Adds up the slots that all threads' bins hold of a heap.</summary>
    /// <param name="heapIndex">The heap.</param>
    /// <param name="counts">Receives a count a span class.</param>
    public void CountCached(int heapIndex, Span<long> counts)
    {
        counts.Clear();
        _lock.Enter();
        for (ThreadRecord* record = _first; record != null; record = record->Next)
        {
            ThreadCache* cache = record->FindCache(heapIndex);
            for (int spanClass = 0; cache != null && spanClass < counts.Length; spanClass++)
            {
                counts[spanClass] += cache->GetBin(spanClass)->Count;
            }
        }

        _lock.Exit();
    }

    /// <summary>Counts the threads that have a record.</summary>
    /// <param name="running">Those that have not ended, as far as their flags tell.</param>
    /// <param name="ended">Those that have, and whose caches nobody has emptied or taken over.</param>
    public void CountThreads(out int running, out int ended)
    {
        running = ended = 0;
        _lock.Enter();
        for (ThreadRecord* record = _first; record != null; record = record->Next)
        {
            if (record->State == ThreadRecordState.Attached)
            {
                bool hasEnded = record->Exit.HasEnded;
                running += hasEnded ? 0 : 1;
                ended += hasEnded ? 1 : 0;
            }
        }

        _lock.Exit();
    }

    private void PutUnused(ThreadRecord* record)
    {
        record->State = ThreadRecordState.Unused;
        record->NextUnused = _unused;
        _unused = record;
    }

    private ThreadRecord* FindEnded(int steps)
    {
        for (int step = int.Min(steps, Count); step > 0; step--)
        {
            ThreadRecord* record = _cursor != null ? _cursor : _first;
            _cursor = record->Next;
            if (record->State == ThreadRecordState.Attached && record->Exit.HasEnded)
            {
                return record;
            }
        }

        return null;
    }

    private ThreadRecord* Create()
    {
        ThreadRecord* record = ThreadRecord.Create(_metadata, _shared, (ThreadCache*)Unsafe.AsPointer(ref _closedCache));
        if (record != null)
        {
            record->Next = _first;
            record->Number = Count;
            _first = record;
            Count++;
        }

        return record;
    }
}
