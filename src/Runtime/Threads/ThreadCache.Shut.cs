// The bins of a checked heap: shut. Their magazines are as in any heap, but out of reach of the fast paths, so that each call comes here, from the routes that test it.
//
//     shut:  Top = Base = End = null, Limit > 0;  [0, Loaded->Count) of Loaded are pointers to free slots
//
// When a bin has no slot, or no place, it is opened for as long as the thread is in the slow path, which is that of any bin, and shut again. The others of the cache stay shut.

using NativeHeap.Pages;

namespace NativeHeap.Threads;

internal unsafe partial struct ThreadCache
{
    private readonly bool MarksSuffice => _set->Detail == SlotDetail.Marks && !_set->ZeroesOnFree;

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
            bin->Shut(MarksSuffice);
        }

        return slot;
    }

    private void FreeShut(int spanClass, void* pointer)
    {
        GetBin(spanClass)->Unshut();
        FreeOpen(spanClass, pointer);
        GetBin(spanClass)->Shut(MarksSuffice);
    }
}
