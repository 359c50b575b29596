// A thread's cache for one heap: a bin a span class, made on first use.
//
// Alloc and Free here are the slow paths, entered when a bin's magazine is empty or full. In order:
//
//     alloc: the previous magazine -> the depot -> a span's bitmap (-> the page heap, by way of the central cache)
//     free:  the previous magazine -> a higher limit -> the depot
//
// What a thread may park is bounded: 8 KiB for each bin in use, and 384 KiB beyond that for all bins, in all heaps, together.
//
//     Allowance(bin) = max(0, 2 * Limit * slot size - 8 KiB)          ThreadRecord.Allowed = sum over its bins <= ThreadRecord.AllowedMax
//
// A bin starts small (8 slots, fewer of large ones) and doubles its limit when it misses. If the thread has used up its allowance, a bin that would still be larger
// than the one that grows is halved: found by a hand that goes round the ring of open bins. So busy bins end up with equal shares, and none is robbed to and fro. (Robbing whoever had not missed
// lately took bins down to nothing, to be opened again at four locks: with some 30 classes in use an operation cost twice as much, and a thousand heaps four times
// what one did.) A bin that can't grow exchanges smaller magazines with the depot; one that can't be opened works without a magazine, one slot a call: slower, and right.
//
// A wrong free (twice, as another type, to another heap) shows when its pointer reaches a span; it is dropped there, and kept here to be reported.
//
// Belongs to its thread. The exceptions are Clear and Abandon, for when all of a heap's objects end.

using System.Runtime.CompilerServices;

using NativeHeap.Central;
using NativeHeap.SizeClasses;

namespace NativeHeap.Threads;

/// <summary>The bins of one thread for one heap.</summary>
internal unsafe partial struct ThreadCache
{
    private const int InitialBytes = 16 * 1024;
    private const int InitialSlots = 8;
    private const int SearchSteps = 8;

    private CentralSet* _set;
    private ThreadRecord* _owner;
    private Bin* _hand;
    private void* _bad;
    private fixed ulong _bins[SizeClass.SpanClassCount];

    /// <summary>The bin of a span class; a closed one if it was never made.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Bin* GetBin(int spanClass) => (Bin*)_bins[spanClass];

    /// <summary>Sets up a cache whose bins are made on first use.</summary>
    /// <param name="set">The heap.</param>
    /// <param name="owner">The thread.</param>
    /// <param name="closedBin">The bin that stands for those not made.</param>
    public void Initialize(CentralSet* set, ThreadRecord* owner, Bin* closedBin)
    {
        _set = set;
        _owner = owner;
        for (int spanClass = 0; spanClass < SizeClass.SpanClassCount; spanClass++)
        {
            _bins[spanClass] = (ulong)closedBin;
        }
    }

    /// <summary>Sets up a cache whose bins are given: the shared heap's, which lie in the thread's record.</summary>
    public void Initialize(CentralSet* set, ThreadRecord* owner, Bin* bins, int count)
    {
        _set = set;
        _owner = owner;
        for (int spanClass = 0; spanClass < count; spanClass++)
        {
            _bins[spanClass] = (ulong)(bins + spanClass);
        }
    }

    /// <summary>Takes a slot when the bin has none at hand.</summary>
    /// <param name="spanClass">The span class.</param>
    /// <param name="mayGrow">Whether to ask the system for memory.</param>
    /// <returns>The slot, or null when there is none to be had.</returns>
    public void* Alloc(int spanClass, bool mayGrow) => _set->IsChecked ? AllocShut(spanClass, mayGrow) : AllocOpen(spanClass, mayGrow, hasMissed: false);

    private void* AllocOpen(int spanClass, bool mayGrow, bool hasMissed)
    {
        Bin* bin = GetBin(spanClass);
        if (!bin->IsOpen)
        {
            CentralCache* found = CentralSet.GetOrCreate(_set, spanClass);
            bin = Open(spanClass, found);
            if (bin == null)
            {
                void* slot;
                return found != null && found->Refill(&slot, 1, mayGrow, ThreadRecord.Pages(_owner)) != 0 ? slot : null;
            }
        }

        CentralCache* central = bin->Central;

        if (bin->Top != bin->Base)
        {
            return bin->Pop();
        }

        if (bin->Previous->Count != 0)
        {
            bin->Swap();
            return bin->Pop();
        }

        // Not if nothing was ever in it: then it has just been opened.
        if (hasMissed || bin->Loaded->Count != 0)
        {
            _ = Grow(bin);
        }

        Magazine* magazine = central->TakeFromDepot(bin->Previous, bin->Limit);
        if (magazine != null)
        {
            bin->Sync();
            bin->Previous = bin->Loaded;
            bin->Load(magazine);
            return bin->Pop();
        }

        int count = central->Refill(bin->Base, bin->Limit, mayGrow, ThreadRecord.Pages(_owner));
        if (count == 0)
        {
            return null;
        }

        bin->Loaded->Count = count;
        bin->Load(bin->Loaded);
        return bin->Pop();
    }

    /// <summary>Gives a slot back when the bin has no place at hand.</summary>
    /// <param name="spanClass">The span class.</param>
    /// <param name="pointer">The slot.</param>
    public void Free(int spanClass, void* pointer)
    {
        if (_set->IsChecked)
        {
            FreeShut(spanClass, pointer);
        }
        else
        {
            FreeOpen(spanClass, pointer);
        }
    }

    private void FreeOpen(int spanClass, void* pointer)
    {
        Bin* bin = GetBin(spanClass);
        if (!bin->IsOpen)
        {
            CentralCache* central = CentralSet.GetOrCreate(_set, spanClass);
            bin = Open(spanClass, central);
            if (bin == null)
            {
                // Without a central cache of its class, no such slot was ever handed out.
                Note(central == null ? pointer : central->Flush(&pointer, 1));
                return;
            }
        }

        if (bin->WatchedFrees != 0)
        {
            bin->Watch(bin->WatchedFrees - 1, bin->WatchedObjects);
        }

        if (bin->IsFull && !Sweep(bin))
        {
            if (bin->Previous->Count == 0)
            {
                bin->Swap();
            }
            else if (!Grow(bin))
            {
                MakeRoom(bin);
            }
        }

        bin->Push(pointer);
    }

    /// <summary>A pointer that was found, since last asked, to be no slot in use when it reached its span; or null.</summary>
    public void* TakeBad()
    {
        void* bad = _bad;
        _bad = null;
        return bad != null || _set == null ? bad : _set->TakeBad();
    }

    /// <summary>Gives every slot back to the spans and closes the bins. For the owner, or on behalf of one that has ended.</summary>
    public void Flush()
    {
        while (_hand != null)
        {
            Bin* bin = _hand;
            bin->Sync();
            Empty(bin->Central, bin->Loaded);
            Empty(bin->Central, bin->Previous);
            Close(bin);
        }
    }

    /// <summary>Drops every slot, for a heap all of whose objects are about to end. The bins stay as large as they are. No thread may be using the heap.</summary>
    public void Clear()
    {
        _bad = null;
        Bin* bin = _hand;
        while (bin != null)
        {
            bin->Loaded->Count = 0;
            bin->Previous->Count = 0;
            Reload(bin);
            bin = bin->NextOpen != _hand ? bin->NextOpen : null;
        }
    }

    /// <summary>Drops every slot and closes the bins, for a heap whose spans are about to be given back whole. No thread may be using the heap.</summary>
    public void Abandon()
    {
        Clear();
        while (_hand != null)
        {
            Close(_hand);
        }
    }

    // Both magazines are full: the previous one goes to the depot; without memory for an empty one, a part of it to the spans.
    private void MakeRoom(Bin* bin)
    {
        Magazine* empty = bin->Central->GiveToDepot(bin->Previous);
        if (empty != null)
        {
            bin->Sync();
            bin->Previous = bin->Loaded;
            bin->Load(empty);
            return;
        }

        FlushTop(bin->Central, bin->Previous);
        bin->Swap();
    }

    private void FlushTop(CentralCache* central, Magazine* magazine)
    {
        int count = int.Min(magazine->Count, CentralCache.FlushBatch);
        magazine->Count -= count;
        Note(central->Flush(Magazine.Slots(magazine) + magazine->Count, count));
    }

    private void Empty(CentralCache* central, Magazine* magazine)
    {
        while (magazine->Count != 0)
        {
            FlushTop(central, magazine);
        }
    }

    private void Note(void* bad) => _bad = _bad != null ? _bad : bad;

    // Opens a closed bin; null if it can't be: no allowance, no memory for magazines, or a recorder that must see every call.
    private Bin* Open(int spanClass, CentralCache* central)
    {
        Bin* bin = GetBin(spanClass);
        if (central == null || _set->Recorder != null || (bin->Central == null && !Make(spanClass, central, &bin)))
        {
            return null;
        }

        int limit = int.Clamp(InitialBytes / central->SlotSize, 1, InitialSlots);
        long allowance = Bin.AllowanceOf(limit, central->SlotSize);
        if (!Allow(allowance, allowance))
        {
            return null;
        }

        Magazine* loaded = central->TakeEmpty(limit);
        Magazine* previous = loaded == null ? null : central->TakeEmpty(limit);
        if (previous == null)
        {
            if (loaded != null)
            {
                central->GiveEmpty(loaded);
            }

            _owner->Disallow(allowance);
            return null;
        }

        bin->Limit = limit;
        bin->HasSeenFrees = _set->MustSeeFrees;
        bin->Previous = previous;
        bin->Load(loaded);
        if (_hand == null)
        {
            bin->NextOpen = bin;
            _hand = bin;
        }
        else
        {
            bin->NextOpen = _hand->NextOpen;
            _hand->NextOpen = bin;
        }

        return bin;
    }

    private bool Make(int spanClass, CentralCache* central, Bin** bin)
    {
        if (*bin == _owner->ClosedBin)
        {
            Bin* made = _set->Metadata->Alloc<Bin>();
            if (made == null)
            {
                return false;
            }

            *bin = made;
            _bins[spanClass] = (ulong)made;
        }

        (*bin)->Central = central;
        return true;
    }

    // Closes the bin at the hand of the ring or elsewhere in it. Its magazines must be empty.
    private void Close(Bin* bin)
    {
        Bin* before = bin;
        while (before->NextOpen != bin)
        {
            before = before->NextOpen;
        }

        before->NextOpen = bin->NextOpen;
        if (_hand == bin)
        {
            _hand = before == bin ? null : before;
        }

        _owner->Disallow(bin->Allowance);
        bin->Central->GiveEmpty(bin->Loaded);
        bin->Central->GiveEmpty(bin->Previous);
        bin->Top = bin->Base = bin->End = null;
        bin->Loaded = bin->Previous = null;
        bin->NextOpen = null;
        bin->HasServed = bin->IsMarked = false;
        bin->Watch(0, 0);
        bin->Limit = 0;
    }
}
