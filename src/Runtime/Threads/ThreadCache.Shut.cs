// The bins of a checked heap: shut. Their magazines are as in any heap, but out of reach of the fast paths, so that each call comes here, from the routes that test it.
//
//     shut:  Top = Base = End = null, Limit > 0;  [0, Loaded->Count) of Loaded are pointers to free slots
//
// When a bin has no slot, or no place, it is opened for as long as the thread is in the slow path, which is that of any bin, and shut again. The others of the cache stay shut.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

using NativeHeap.Central;

namespace NativeHeap.Threads;

internal unsafe partial struct ThreadCache
{
    /// <summary>Takes a slot of a shut bin, if it has one at hand.</summary>
    /// <returns>The slot, or null.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void* TryTake(int spanClass)
    {
        Magazine* loaded = GetBin(spanClass)->Loaded;
        return loaded == null || loaded->Count == 0 ? null : Magazine.Slots(loaded)[--loaded->Count];
    }

    /// <summary>Gives a slot, which has been tested, to a shut bin, if it has a place at hand.</summary>
    /// <returns>Whether it has.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool TryGive(int spanClass, void* slot)
    {
        Bin* bin = GetBin(spanClass);
        Magazine* loaded = bin->Loaded;
        if (loaded == null || loaded->Count >= bin->Limit)
        {
            return false;
        }

        if (_set->ZeroesOnFree)
        {
            NativeMemory.Clear(slot, (nuint)bin->Central->SlotSize);
        }

        Magazine.Slots(loaded)[loaded->Count++] = slot;
        return true;
    }

    // Of a bin that may be shut, and is not the one that is being worked on.
    private readonly void Reload(Bin* bin)
    {
        if (!_set->IsChecked)
        {
            bin->Load(bin->Loaded);
        }
    }

    private void* AllocShut(int spanClass, bool mayGrow)
    {
        GetBin(spanClass)->Unshut();
        void* slot = AllocOpen(spanClass, mayGrow, hasMissed: GetBin(spanClass)->HasServed);
        Bin* bin = GetBin(spanClass);
        if (bin->IsOpen)
        {
            bin->HasServed |= slot != null;
            bin->Shut();
        }

        return slot;
    }

    private void FreeShut(int spanClass, void* pointer)
    {
        GetBin(spanClass)->Unshut();
        FreeOpen(spanClass, pointer);
        GetBin(spanClass)->Shut();
    }
}
