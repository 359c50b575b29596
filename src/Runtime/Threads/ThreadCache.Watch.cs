// Bins whose frees are watched for a while, since an object of theirs stands alone (Pages/GuardedPages.cs), and its free must not be taken for that of a slot.
//
//     WatchedFrees > 0:  End = null, though there are places;  Limit says how many
//
// A stub that frees pushes whatever it is given, and only its slow path looks at the address. So the thread that has been given a guarded object has the free side of its bin closed until all such objects have come back, or so many frees have
// passed that waiting would cost more than it brings. Allocations are not slowed. What is missed, since it comes later or by another thread, is found at the flush of the magazine that it is in.

using NativeHeap.Central;

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
        }
    }

    /// <summary>The slots that are taken without a word to anybody but the bin.</summary>
    public readonly int AtHand(int spanClass) => GetBin(spanClass)->AtHand;
}
