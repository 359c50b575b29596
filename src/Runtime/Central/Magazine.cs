// A magazine: a bounded array of pointers to free slots of one span class. It is what moves between threads and central caches, so that a lock is
// taken for many objects at once, and what a thread allocates from and frees to, so that neither touches the object.
//
//     memory:  [header, 64 bytes][slot 0][slot 1] ... [slot Capacity - 1]         0 <= Count <= Capacity(slot size)
//
// Slots [0, Count) hold pointers; the last is the next to be handed out. While a magazine is loaded in a bin, Count is what it was when it was loaded, and
// the bin's own Top tells; everywhere else Count holds.
//
// A magazine belongs to one thread's bin, or to a central cache (its lock guards it), and to one span class for ever, so that all of a class's magazines are of
// one size and may be exchanged. Never unmapped.

using System.Runtime.CompilerServices;

using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Central;

/// <summary>A bounded array of pointers to free slots.</summary>
internal unsafe struct Magazine
{
    // Parked memory is bounded by bytes for large classes and by objects for small ones.
    private const int MaxBytes = 64 * 1024;
    private const int MaxObjects = 256;
    private const int HeaderSize = 64;

    /// <summary>The next magazine of the list this one is in.</summary>
    public Magazine* Next;

    /// <summary>The number of pointers in it.</summary>
    public int Count;

    /// <summary>The most pointers that a magazine of a size class holds: 256, or 64 KiB worth, at least 2.</summary>
    public static int CapacityOf(int sizeClass) => int.Clamp(MaxBytes / SizeClass.SlotSize(sizeClass), 2, MaxObjects);

    /// <summary>Makes an empty magazine.</summary>
    /// <returns>The magazine, or null when the system has no memory.</returns>
    public static Magazine* Create(MetadataAllocator* metadata, int capacity) =>
        (Magazine*)metadata->Alloc((nuint)(HeaderSize + (capacity * sizeof(void*))));

    /// <summary>Takes pointers from the top of a magazine, which has as many.</summary>
    public static void TakeTop(Magazine* magazine, void** destination, int count)
    {
        magazine->Count -= count;
        Unsafe.CopyBlock(destination, Slots(magazine) + magazine->Count, (uint)(count * sizeof(void*)));
    }

    /// <summary>The pointers of a magazine.</summary>
    public static void** Slots(Magazine* magazine) => (void**)((byte*)magazine + HeaderSize);
}
