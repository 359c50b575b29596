// All that the allocator keeps for a thread: the flag that tells of its end, the shared heap's cache with its bins, the caches of other heaps by heap index, and a page cache.
//
//     Caches[h] = the thread's cache for heap h, or the closed one, which has only closed bins            0 <= h < CacheCount
//     Caches[0] = the shared heap's, inside this record; its bins follow the record in memory, and the page cache follows them
//     Isolated[n] = the thread's bin for the isolated type of number n, or the closed bin                  0 <= n < IsolatedCount; entered by who has just used it
//     Allowed   = what the limits of all its bins allow them to park, in bytes, beyond Bin.FreeBytes each <= AllowedMax
//
// The current thread's record is found through one thread static, a bare pointer in a class without a static constructor: it starts as null on every thread, so the
// fast paths test it, and reading it is half of what they cost.
//
// Bins and caches belong to the thread. The table of caches is changed by the thread under the registry's lock, and read by others under it. Allowed is atomic,
// since a heap may be disposed of by another thread. Records are never unmapped; an ended thread's goes to the next.

using System;
using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap.Central;
using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Threads;

/// <summary>Who a record belongs to. Guarded by the registry's lock.</summary>
internal enum ThreadRecordState
{
    /// <summary>To nobody; its caches are empty.</summary>
    Unused,

    /// <summary>To a thread, which may have ended since.</summary>
    Attached,

    /// <summary>To whoever is emptying it, on behalf of an ended thread.</summary>
    Claimed,
}

/// <summary>The allocator's data for one thread.</summary>
internal unsafe struct ThreadRecord
{
    /// <summary>The most that a thread's bins may park beyond <see cref="Bin.FreeBytes"/> each, in bytes.</summary>
    public const long AllowedMax = 384 * 1024;

    private const int BuiltInCaches = 8;
    private const int FirstIsolated = 4;

    // The shared heap's bins follow the record, each in a cache line of its own. Not a field: taking a field's address would cost the fast path a null check.
    private static int BinsOffset
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (sizeof(ThreadRecord) + sizeof(Bin) - 1) & -sizeof(Bin);
    }

    [ThreadStatic]
    private static ThreadRecord* t_current;

    /// <summary>Tells when the thread has ended. First, so that its address is the record's.</summary>
    public ThreadExit Exit;

    /// <summary>The next record of the registry, for ever.</summary>
    public ThreadRecord* Next;

    /// <summary>The next unused record, while this one is unused.</summary>
    public ThreadRecord* NextUnused;

    /// <summary>Who it belongs to.</summary>
    public ThreadRecordState State;

    /// <summary>Its number, from 0, by which higher floors keep what they have for each thread: an ended thread's goes to the next with the record.</summary>
    public int Number;

    /// <summary>The line of the user's source that the thread's call comes from (Guards/Origins.cs); 0 if it is not known.</summary>
    public uint Site;

    /// <summary>The length of the table of caches.</summary>
    public nint CacheCount;

    private ThreadCache** _caches;
    private ThreadCache* _closedCache;
    private long _allowed;
    private nint _isolatedCount;
    private Bin** _isolated;
    private fixed ulong _builtInCaches[BuiltInCaches];
    private ThreadCache _sharedCache;

    /// <summary>When its next guarded sample is due. Behind all that the fast paths read.</summary>
    public SampleCountdown Samples;

    /// <summary>The current thread's record, or null if it has none yet.</summary>
    public static ThreadRecord* Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => t_current;
        set => t_current = value;
    }

    /// <summary>The bytes that its bins may park as their limits stand, beyond <see cref="Bin.FreeBytes"/> each.</summary>
    public readonly long Allowed => Volatile.Read(in _allowed);

    /// <summary>The shared heap's bin of a span class.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bin* SharedBin(ThreadRecord* record, int spanClass) => (Bin*)((byte*)record + BinsOffset) + spanClass;

    /// <summary>The thread's page cache.</summary>
    public static PageCache* Pages(ThreadRecord* record) => (PageCache*)SharedBin(record, SizeClass.SpanClassCount);

    /// <summary>Whether the table of caches has a place for a heap. Takes any index.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool HasPlace(ThreadRecord* record, nint heapIndex) => (nuint)heapIndex < (nuint)record->CacheCount;

    /// <summary>The bin of a span class of a heap that has a place in the table of caches; a closed one if the thread has none yet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bin* HeapBin(ThreadRecord* record, nint heapIndex, int spanClass) => record->_caches[heapIndex]->GetBin(spanClass);

    /// <summary>Whether the table of isolated types' bins has a place for a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool HasIsolatedPlace(ThreadRecord* record, nint number) => record->_isolatedCount > number;

    /// <summary>The bin of an isolated type that has a place in the table; a closed one if the thread has not used the type yet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Bin* IsolatedBin(ThreadRecord* record, nint number) => record->_isolated[number];

    /// <summary>Enters the bin of an isolated type into the table. For the record's thread; without memory for a longer table nothing happens.</summary>
    public static void EnterIsolated(ThreadRecord* record, MetadataAllocator* metadata, nint number, Bin* bin)
    {
        if (number >= record->_isolatedCount)
        {
            nint count = nint.Max(FirstIsolated, nint.Max(record->_isolatedCount * 2, number + 1));
            var bins = (Bin**)metadata->Alloc((nuint)(count * sizeof(Bin*)));
            if (bins == null)
            {
                return;
            }

            new Span<nuint>(record->_isolated, (int)record->_isolatedCount).CopyTo(new Span<nuint>(bins, (int)count));
            new Span<nuint>(bins + record->_isolatedCount, (int)(count - record->_isolatedCount)).Fill((nuint)record->ClosedBin);
            record->_isolated = bins;
            record->_isolatedCount = count;
        }

        record->_isolated[number] = bin;
    }

    /// <summary>The thread's cache for a heap, or null if it has none yet. Takes any index.</summary>
    public readonly ThreadCache* FindCache(nint heapIndex)
    {
        ThreadCache* cache = (nuint)heapIndex < (nuint)CacheCount ? _caches[heapIndex] : _closedCache;
        return cache != _closedCache ? cache : null;
    }

    /// <summary>Makes a record.</summary>
    /// <param name="metadata">Where its memory comes from.</param>
    /// <param name="shared">The shared heap.</param>
    /// <param name="closedCache">The cache that stands for those not made yet.</param>
    /// <returns>The record, or null when the system has no memory.</returns>
    public static ThreadRecord* Create(MetadataAllocator* metadata, CentralSet* shared, ThreadCache* closedCache)
    {
        var record = (ThreadRecord*)metadata->Alloc((nuint)(BinsOffset + (SizeClass.SpanClassCount * sizeof(Bin)) + sizeof(PageCache)));
        if (record == null)
        {
            return null;
        }

        record->_closedCache = closedCache;
        record->_caches = (ThreadCache**)record->_builtInCaches;
        record->CacheCount = BuiltInCaches;
        new Span<nuint>(record->_caches, BuiltInCaches).Fill((nuint)closedCache);
        record->_caches[0] = &record->_sharedCache;
        record->_sharedCache.Initialize(shared, record, SharedBin(record, 0), SizeClass.SpanClassCount);
        return record;
    }

    /// <summary>Makes the thread's cache for a heap. Under the registry's lock.</summary>
    /// <returns>The cache, or null when the system has no memory.</returns>
    public static ThreadCache* AddCache(ThreadRecord* record, CentralSet* set)
    {
        if (set->Index >= record->CacheCount)
        {
            int count = int.Max((int)record->CacheCount * 2, set->Index + 1);
            var caches = (ThreadCache**)set->Metadata->Alloc((nuint)(count * sizeof(ThreadCache*)));
            if (caches == null)
            {
                return null;
            }

            Unsafe.CopyBlock(caches, record->_caches, (uint)(record->CacheCount * sizeof(ThreadCache*)));
            new Span<nuint>(caches + record->CacheCount, count - (int)record->CacheCount).Fill((nuint)record->_closedCache);
            record->_caches = caches;
            record->CacheCount = count;
        }

        ThreadCache* cache = set->Metadata->Alloc<ThreadCache>();
        if (cache != null)
        {
            cache->Initialize(set, record, record->ClosedBin);
            record->_caches[set->Index] = cache;
        }

        return cache;
    }

    /// <summary>The bin that stands for bins not made yet.</summary>
    public readonly Bin* ClosedBin => _closedCache->GetBin(0);

    /// <summary>Adds to what the bins may park if the bound permits.</summary>
    /// <returns>Whether it does.</returns>
    public bool TryAllow(long bytes)
    {
        if (Volatile.Read(ref _allowed) + bytes > AllowedMax)
        {
            return false;
        }

        _ = Atomic.Add(ref _allowed, bytes);
        return true;
    }

    /// <summary>Takes from what the bins may park.</summary>
    public void Disallow(long bytes) => Atomic.Add(ref _allowed, -bytes);

    /// <summary>Gives every slot of every heap back to its spans. Under the registry's flush lock.</summary>
    /// <returns>A pointer that turned out to be no slot in use, or null.</returns>
    public readonly void* Flush()
    {
        void* bad = null;
        for (int i = 0; i < CacheCount; i++)
        {
            // The closed cache has nothing to give.
            _caches[i]->Flush();
            void* found = _caches[i]->TakeBad();
            bad = bad == null ? found : bad;
        }

        return bad;
    }
}
