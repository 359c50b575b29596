// A bin: a thread cache's place for one span class. Two magazines, so that a program that allocates and frees at the boundary of one does not
// take the central lock each time: only when both are empty, or both full, is there work to do (Bonwick and Adams, "Magazines and Vmem", 2001).
//
//     open:    Base <= Top <= End = Base + Limit;  [Base, Top) are pointers to free slots; Top moves down on allocation, up on free
//              Loaded->Count is stale, Previous->Count <= Limit <= Loaded->Capacity, Previous->Capacity
//     seen:    as open, but End = null: every free falls into its slow path, since the heap must see it (HasSeenFrees)
//     closed:  Top = Base = End = null, Limit = 0: every operation falls into its slow path
//     shut:    Top = Base = End = null, Limit > 0: so, too, and what is in the magazines is by their counts (ThreadCache.Shut.cs)
//     watched: as open, but End = null: every free falls into its slow path, as long as WatchedFrees > 0 (ThreadCache.Watch.cs)
//
// The fast paths, inlined into user code, touch nothing but Top, Base and End, in one cache line:
//
//     alloc:  Top != Base ? *--Top : slow            free:  Top < End ? *Top++ = pointer : slow
//
// (Top < End and not Top != End, so that the free side can be closed alone: no address is below null.) A bin belongs to its cache's thread; nobody else touches it, but for
// statistics, which may read Top and Base and get an old value, and for the heap's disposal, when no thread is using the heap.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using NativeHeap.Central;
using NativeHeap.Platform;

namespace NativeHeap.Threads;

/// <summary>A thread's free slots of one span class.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal unsafe struct Bin
{
    /// <summary>What every open bin may park, in bytes, whatever the others do: 64 slots of 64 B in each magazine.</summary>
    public const int FreeBytes = 8 * 1024;

    private const byte ServedFlag = 1;
    private const byte SeenFreesFlag = 2;
    private const int WatchedObjectsBits = 4;
    private const int MaxWatchedObjects = (1 << WatchedObjectsBits) - 1;

    /// <summary>One past the slot that is handed out next.</summary>
    public void** Top;

    /// <summary>The first place of the loaded magazine.</summary>
    public void** Base;

    /// <summary>One past the last place that may be filled.</summary>
    public void** End;

    /// <summary>The magazine that <see cref="Top"/> points into.</summary>
    public Magazine* Loaded;

    /// <summary>The magazine that was loaded before.</summary>
    public Magazine* Previous;

    /// <summary>Where magazines come from and go to.</summary>
    public CentralCache* Central;

    /// <summary>The next open bin of the cache, in a ring.</summary>
    public Bin* NextOpen;

    /// <summary>The most slots in each magazine; 0 if closed.</summary>
    public int Limit;

    /// <summary>Whether it is shut, and a slot that has its mark may go from it to the user and back with nothing else to do.</summary>
    public bool IsMarked;

    private byte _flags;
    private ushort _watch;

    /// <summary>Whether a slot has come from its slow path since it was opened. Of shut bins; of others the loaded magazine's stale count tells.</summary>
    public bool HasServed
    {
        readonly get => (_flags & ServedFlag) != 0;
        set => _flags = (byte)(value ? _flags | ServedFlag : _flags & ~ServedFlag);
    }

    /// <summary>Whether its free side is closed.</summary>
    public bool HasSeenFrees
    {
        readonly get => (_flags & SeenFreesFlag) != 0;
        set => _flags = (byte)(value ? _flags | SeenFreesFlag : _flags & ~SeenFreesFlag);
    }

    /// <summary>Whether the loaded magazine has no place left.</summary>
    public readonly bool IsFull => Top == Base + Limit;

    /// <summary>How many more frees are watched at most; 0 if none is.</summary>
    public readonly int WatchedFrees => _watch >> WatchedObjectsBits;

    /// <summary>How many guarded objects the thread has been given of this class, and has not been seen to free.</summary>
    public readonly int WatchedObjects => _watch & MaxWatchedObjects;

    /// <summary>Whether the bin has magazines.</summary>
    public readonly bool IsOpen => Limit != 0;

    /// <summary>Whether the fast paths cannot reach the magazines that it has.</summary>
    public readonly bool IsShut => IsOpen && Top == null;

    /// <summary>The slots of the loaded magazine. Of any bin, by its own thread.</summary>
    public readonly int AtHand => IsShut ? Loaded->Count : (int)(Top - Base);

    /// <summary>The number of slots in it, as far as another thread can tell: each field is read once, and magazines are never unmapped.</summary>
    public readonly int Count
    {
        get
        {
            Magazine* previous = Previous;
            return previous == null ? 0 : LoadedCount(Loaded, Top) + previous->Count;
        }
    }

    /// <summary>Crosses its slots out of a span's live ones, as far as another thread can tell: each field is read once, and magazines are never unmapped.</summary>
    public readonly void RemoveFrom(UsedSlots* used)
    {
        Magazine* loaded = Loaded;
        Magazine* previous = Previous;
        if (loaded != null && previous != null)
        {
            used->Remove(Magazine.Slots(loaded), int.Clamp(LoadedCount(loaded, Top), 0, loaded->Capacity));
            used->Remove(Magazine.Slots(previous), int.Clamp(previous->Count, 0, previous->Capacity));
        }
    }

    /// <summary>What its limit takes of the thread's allowance, in bytes.</summary>
    public readonly long Allowance => IsOpen ? AllowanceOf(Limit, Central->SlotSize) : 0;

    /// <summary>What two magazines of a limit may park beyond <see cref="FreeBytes"/>.</summary>
    public static long AllowanceOf(int limit, int slotSize) => long.Max(0, (2L * limit * slotSize) - FreeBytes);

    /// <summary>Takes the slot on top; there must be one.</summary>
    public void* Pop() => *--Top;

    /// <summary>Puts a slot on top; there must be a place.</summary>
    public void Push(void* pointer) => *Top++ = pointer;

    /// <summary>Makes a magazine the loaded one.</summary>
    public void Load(Magazine* magazine)
    {
        Loaded = magazine;
        Base = Magazine.Slots(magazine);
        Top = Base + magazine->Count;
        SetEnd();
    }

    /// <summary>Has the next frees watched, or no more.</summary>
    /// <param name="frees">How many at most.</param>
    /// <param name="objects">For how many objects.</param>
    public void Watch(int frees, int objects)
    {
        _watch = (ushort)(frees == 0 || objects == 0 ? 0 : (frees << WatchedObjectsBits) | int.Min(objects, MaxWatchedObjects));
        if (Top != null)
        {
            SetEnd();
        }
    }

    /// <summary>Writes the loaded magazine's count back.</summary>
    public readonly void Sync()
    {
        if (Top != null)
        {
            if ((nuint)(Top - Base) > (nuint)(uint)Limit)
            {
                fixed (Bin* self = &this)
                {
                    TableCorruption.FailFast("the pointers of a bin", self);
                }
            }

            Loaded->Count = (int)(Top - Base);
        }
    }

    /// <summary>Takes its magazines out of the fast paths' reach, if it has any.</summary>
    /// <param name="isMarked">See <see cref="IsMarked"/>.</param>
    public void Shut(bool isMarked)
    {
        // The one that stands for bins not made is all threads': nobody writes to it.
        if (IsOpen)
        {
            Sync();
            Top = Base = End = null;
            IsMarked = isMarked;
        }
    }

    /// <summary>Puts them back.</summary>
    public void Unshut()
    {
        if (IsShut)
        {
            Load(Loaded);
            IsMarked = false;
        }
    }

    /// <summary>Takes a slot of a shut bin whose slots have marks alone, if it has one at hand.</summary>
    /// <returns>The slot, or null.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void* TryTakeMarked(Bin* bin)
    {
        if (bin->IsMarked)
        {
            Magazine* loaded = bin->Loaded;
            int count = loaded->Count;
            if (count != 0)
            {
                loaded->Count = --count;
                return Magazine.Slots(loaded)[count];
            }
        }

        return null;
    }

    /// <summary>Whether it is a shut bin whose slots have marks alone, and has a place at hand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool HasMarkedPlace(Bin* bin) => bin->IsMarked && bin->Loaded->Count < bin->Limit;

    /// <summary>Gives a slot to a bin that has a place at hand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void GiveMarked(Bin* bin, void* slot)
    {
        Magazine* loaded = bin->Loaded;
        Magazine.Slots(loaded)[loaded->Count++] = slot;
    }

    /// <summary>Loads the previous magazine, and makes the loaded one the previous.</summary>
    public void Swap()
    {
        Sync();
        Magazine* magazine = Loaded;
        Load(Previous);
        Previous = magazine;
    }

    private void SetEnd() => End = HasSeenFrees || WatchedFrees != 0 ? null : Base + Limit;

    private static int LoadedCount(Magazine* loaded, void** top) => loaded == null ? 0 : top == null ? loaded->Count : (int)(top - Magazine.Slots(loaded));
}
