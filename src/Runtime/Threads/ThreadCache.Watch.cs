// Bins whose frees are watched for a while, since an object of theirs stands alone (Pages/GuardedPages.cs), and its free must not be taken for that of a slot.
//
//     WatchedFrees > 0:  End = null, though there are places;  Limit says how many
//
// A stub that frees pushes whatever it is given, and only its slow path looks at the address. So the thread that has been given a guarded object has the free side of its bin closed until all such objects have come back, or so many frees
// have passed that waiting would cost more than it brings. Allocations are not slowed.
//
// What is missed, since it comes later or by another thread, goes round with the slots, and is handed out again as one. So after each sample the next magazines of its class that are full, of any thread, are looked through, and what
// is found in them is freed; and all that reach a central cache's flush.

using System.Runtime.CompilerServices;

using NativeHeap.Central;
using NativeHeap.Pages;

namespace NativeHeap.Threads;

internal unsafe partial struct ThreadCache
{
    /// <summary>The most frees that are watched for one object: some 10 µs of a thread's time.</summary>
    public const int WatchedFrees = 1000;

    /// <summary>Watches the next frees of a class, which the bin else would take unseen. Where there is no bin, every free is seen.</summary>
    public void Watch(int spanClass)
    {
        if (_set->IsChecked)
        {
            return;
        }

        Bin* bin = GetBin(spanClass);
        bin = bin->IsOpen ? bin : Open(spanClass, CentralSet.GetOrCreate(_set, spanClass));
        if (bin != null)
        {
            bin->Watch(WatchedFrees, bin->WatchedObjects + 1);
        }
    }

    /// <summary>Notes that an object has come back, for which frees may be watched.</summary>
    public readonly void EndWatch(int spanClass)
    {
        Bin* bin = GetBin(spanClass);
        if (bin->WatchedFrees != 0)
        {
            bin->Watch(bin->WatchedFrees, bin->WatchedObjects - 1);
            if (bin->WatchedFrees == 0)
            {
                bin->Central->Sweeps = 0;
            }
        }
    }

    // Takes guarded objects out of a full magazine, if it is to be looked through, and frees them. Whether there were any, and so there is place.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Sweep(Bin* bin) => bin->Central->Sweeps != 0 && SweepAll(bin);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool SweepAll(Bin* bin)
    {
        bin->Central->Sweeps--;
        void** kept = bin->Base;
        byte* region = _set->Pages->Guarded.Region;
        nuint size = _set->Pages->Guarded.Size;
        for (void** slot = bin->Base; slot != bin->Top; slot++)
        {
            if ((nuint)((byte*)*slot - region) >= size)
            {
                *kept++ = *slot;
            }
            else if (!TryFreeGuarded(*slot, bin->Central->SpanClass))
            {
                Note(*slot);
            }
        }

        bool hasFound = kept != bin->Top;
        bin->Top = kept;
        return hasFound;
    }

    private readonly bool TryFreeGuarded(void* pointer, int spanClass)
    {
        PageSpan* span = _set->Pages->Map.SpanOf(pointer, _set->Index);
        if (span == null || span->ObjectClass != spanClass)
        {
            return false;
        }

        ((GuardedPlace*)span)->Freed.Set();
        return _set->FreeLarge(span, pointer);
    }

    /// <summary>The slots that are taken without a word to anybody but the bin.</summary>
    public readonly int AtHand(int spanClass) => GetBin(spanClass)->AtHand;
}
