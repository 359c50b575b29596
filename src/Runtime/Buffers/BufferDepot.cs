// The returned buffers of one bucket that no thread has at hand: full magazines, which go from thread to thread in one piece, and loose ones.
//
//     _full     full magazines          _fullCount of them
//     _empty    empty ones, for threads that have filled theirs
//     _loose    owners linked by Next, _looseCount of them
//     magazines = two for each thread, and _magazines for the owners:          owners that there are = _owners <= _magazines * size of a magazine
//     so there is an empty one whenever a thread needs one; unless the collector had no memory for it: then it is made when the next is due, and till then buffers stay loose
//
//     _idle     the fewest owners that there have been since the last pass: nobody has needed those
//
// Under its lock, which is held for a few steps each time.

using System;

using NativeHeap.Platform;

namespace NativeHeap.Buffers;

/// <summary>The buffers of a bucket.</summary>
internal sealed class BufferDepot
{
    private readonly PinnedLock _lock = new();
    private readonly int _magazineSize;
    private Magazine? _full;
    private Magazine? _empty;
    private NativeMemoryOwner? _loose;
    private int _fullCount;
    private int _looseCount;
    private int _idle;
    private int _owners;
    private int _magazines;

    /// <summary>Makes an empty depot.</summary>
    public BufferDepot(int bucket) => _magazineSize = BufferBuckets.MagazineSize(bucket);

    /// <summary>The owners in it.</summary>
    public int Count
    {
        get
        {
            _lock.Enter();
            int count = CountCore;
            _lock.Exit();
            return count;
        }
    }

    private int CountCore => (_fullCount * _magazineSize) + _looseCount;

    /// <summary>Takes a full magazine.</summary>
    /// <returns>The magazine, or null if there is none.</returns>
    public Magazine? TakeMagazine()
    {
        _lock.Enter();
        Magazine? magazine = TakeMagazineCore();
        _lock.Exit();
        return magazine;
    }

    /// <summary>Takes one owner, of a magazine if need be.</summary>
    /// <returns>The owner, or null if there is none.</returns>
    public NativeMemoryOwner? TakeOne()
    {
        _lock.Enter();
        NativeMemoryOwner? owner = TakeOneCore();
        _lock.Exit();
        return owner;
    }

    /// <summary>Takes a full magazine in.</summary>
    public void PutMagazine(Magazine magazine)
    {
        _lock.Enter();
        magazine.Next = _full;
        _full = magazine;
        _fullCount++;
        _lock.Exit();
    }

    /// <summary>Takes owners in.</summary>
    public void Put(params ReadOnlySpan<NativeMemoryOwner> owners)
    {
        _lock.Enter();
        foreach (NativeMemoryOwner owner in owners)
        {
            owner.Next = _loose;
            _loose = owner;
        }

        _looseCount += owners.Length;
        _lock.Exit();
    }

    /// <summary>Makes the magazines of a thread that comes to the bucket for the first time.</summary>
    /// <returns>Whether there was memory for them.</returns>
    public bool TryAddThread() => TryAddEmpty() && TryAddEmpty();

    /// <summary>Notes a buffer that has been made, and makes a magazine where there are more than ever before.</summary>
    public void CountMade()
    {
        _lock.Enter();
        bool isDue = ++_owners > _magazines * _magazineSize;
        _magazines += isDue ? 1 : 0;
        _lock.Exit();
        if (isDue && !TryAddEmpty())
        {
            _lock.Enter();
            _magazines--;
            _lock.Exit();
        }
    }

    /// <summary>Notes a buffer that is no more.</summary>
    public void CountUnmade()
    {
        _lock.Enter();
        _owners--;
        _lock.Exit();
    }

    /// <summary>Takes an empty magazine.</summary>
    /// <returns>The magazine, or null if there is none.</returns>
    public Magazine? TakeEmpty()
    {
        _lock.Enter();
        Magazine? magazine = _empty;
        _empty = magazine?.Next;
        _lock.Exit();
        return magazine;
    }

    /// <summary>Takes an empty magazine in.</summary>
    public void PutEmpty(Magazine magazine)
    {
        _lock.Enter();
        PutEmptyCore(magazine);
        _lock.Exit();
    }

    /// <summary>Takes the owners that nobody has needed since the last call, or all.</summary>
    /// <returns>The owners, linked by <see cref="NativeMemoryOwner.Next"/>; or null.</returns>
    public NativeMemoryOwner? TakeIdle(bool all)
    {
        NativeMemoryOwner? taken = null;
        _lock.Enter();
        for (int left = all ? CountCore : _idle; left > 0; left--)
        {
            NativeMemoryOwner owner = TakeOneCore()!;
            owner.Next = taken;
            taken = owner;
        }

        _idle = CountCore;
        _lock.Exit();
        return taken;
    }

    private bool TryAddEmpty()
    {
        try
        {
            PutEmpty(new Magazine(_magazineSize));
            return true;
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }

    private Magazine? TakeMagazineCore()
    {
        Magazine? magazine = _full;
        if (magazine != null)
        {
            _full = magazine.Next;
            _fullCount--;
            _idle = int.Min(_idle, CountCore);
        }

        return magazine;
    }

    private NativeMemoryOwner? TakeOneCore()
    {
        if (_loose == null && TakeMagazineCore() is { } magazine)
        {
            foreach (NativeMemoryOwner? each in magazine.Owners)
            {
                each!.Next = _loose;
                _loose = each;
            }

            _looseCount = _magazineSize;
            PutEmptyCore(magazine);
        }

        NativeMemoryOwner? owner = _loose;
        if (owner != null)
        {
            _loose = owner.Next;
            _looseCount--;
            _idle = int.Min(_idle, CountCore);
        }

        return owner;
    }

    private void PutEmptyCore(Magazine magazine)
    {
        magazine.Next = _empty;
        _empty = magazine;
    }
}
