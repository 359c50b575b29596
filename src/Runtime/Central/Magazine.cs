// A magazine: a bounded array of pointers to free slots of one span class. It is what moves between threads and central caches, so that a lock is
// taken for many objects at once, and what a thread allocates from and frees to, so that neither touches the object.
//
//     memory:  [header, 64 bytes][slot 0][slot 1] ... [slot Capacity - 1]         0 <= Count <= Capacity
//
// Slots [0, Count) hold pointers; the last is the next to be handed out. While a magazine is loaded in a bin, Count is what it was when it was loaded, and
// the bin's own Top tells; everywhere else Count holds.
//
// A class's magazines are of two sizes: those that move, CapacityOf, and small ones, for bins that hold no more than these take: all bins at first, and most bins of a program with many heaps
// or threads for ever. A small one stays with its bin, and what it holds is poured into another where a whole magazine would go.
//
// A magazine belongs to one thread's bin, or to a central cache (its lock guards it), and to one span class and size for ever. Never unmapped, but made anew after its block was
// purged (MagazineStore.cs).

using System.Runtime.CompilerServices;

using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Central;

/// <summary>A bounded array of pointers to free slots.</summary>
internal unsafe struct Magazine
{
    /// <summary>The most pointers that a small magazine holds: fewer than any other.</summary>
    public const int SmallCapacity = 8;

    // By bytes for large classes; a bin's limit stays below, since two of them would be more than a thread may park (ThreadRecord.AllowedMax). With 64 KiB the magazines of 4 KiB slots
    // held 16, and a window of a thousand such objects paid 28 ns a pair for its exchanges with the depot; with limits of 32 or more it pays 9.
    private const int MaxBytes = 512 * 1024;
    private const int MaxObjects = 256;
    private const int HeaderSize = 64;

    /// <summary>The next magazine of the list this one is in.</summary>
    public Magazine* Next;

    /// <summary>The previous magazine of the list, in a depot.</summary>
    public Magazine* Previous;

    /// <summary>Where it lies, for ever.</summary>
    public MagazineBlock* Block;

    /// <summary>The number of pointers in it.</summary>
    public int Count;

    /// <summary>The most pointers that it holds.</summary>
    public int Capacity;

    /// <summary>The most pointers that a magazine of a size class holds, if it is no small one: 256, or 512 KiB worth.</summary>
    public static int CapacityOf(int sizeClass) => int.Min(MaxBytes / SizeClass.SlotSize(sizeClass), MaxObjects);

    /// <summary>The bytes of a magazine: whole cache lines.</summary>
    public static nuint SizeOf(int capacity) => (nuint)(HeaderSize + (capacity * sizeof(void*)) + 63) & ~(nuint)63;

    /// <summary>Takes pointers from the top of a magazine, which has as many.</summary>
    public static void TakeTop(Magazine* magazine, void** destination, int count)
    {
        if ((uint)magazine->Count > (uint)magazine->Capacity || (uint)count > (uint)magazine->Count)
        {
            TableCorruption.FailFast("the count of a magazine", magazine);
        }

        magazine->Count -= count;
        Unsafe.CopyBlock(destination, Slots(magazine) + magazine->Count, (uint)(count * sizeof(void*)));
    }

    /// <summary>Moves all pointers of a magazine behind those of another, which has room for them.</summary>
    public static void Pour(Magazine* magazine, Magazine* into)
    {
        int count = magazine->Count;
        TakeTop(magazine, Slots(into) + into->Count, count);
        into->Count += count;
    }

    /// <summary>The pointers of a magazine.</summary>
    public static void** Slots(Magazine* magazine) => (void**)((byte*)magazine + HeaderSize);
}
