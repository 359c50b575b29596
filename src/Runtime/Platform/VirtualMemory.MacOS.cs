// macOS: never run, only compiled. What differs from Linux is how memory goes back, since Darwin's MADV_DONTNEED is a hint that drops nothing at once.
//
//     Unused  a fresh mapping over the old one: the memory is gone, and what comes back is zero, as Used promises
//     Purge   MADV_FREE_REUSABLE: the pages leave the process's footprint at once and stay usable; the kernel takes them when it wants to. MADV_FREE, which
//             leaves them in the footprint until then, where the kernel refuses that
//
// Go uses MADV_FREE_REUSABLE with MADV_FREE_REUSE before the memory is used again, which sets the footprint's figure right. Nobody tells us when a purged hole
// is used again (objects are handed out of it without a call), so the figure may be too low by what was purged and used again.

namespace NativeHeap.Platform;

internal static unsafe partial class VirtualMemory
{
    private const int AdviceFree = 5;
    private const int AdviceFreeReusable = 7;

    private static bool MacUnused(void* address, nuint size) => Replace(address, size, ProtReadWrite);

    private static bool MacPurge(void* address, nuint size) =>
        Madvise(address, size, AdviceFreeReusable) == 0
        || Madvise(address, size, AdviceFree) == 0
        || RecordFailure("madvise", address, size);
}
