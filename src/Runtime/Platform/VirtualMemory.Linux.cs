// Linux gives memory back by MADV_DONTNEED for both Unused and Purge: the pages are gone at once, the resident size with them, and what is touched again reads as
// zero. MADV_FREE would be half the price where the pages are used again soon, but the kernel then takes them only when it is short of memory: the
// resident size, which is what people watch and what a container's limit counts, stays where it was.
//
// A program that locks its memory (mlockall) gets EINVAL and keeps its pages: that is what it asked for, and no failure.

using System.Runtime.InteropServices;

namespace NativeHeap.Platform;

internal static unsafe partial class VirtualMemory
{
    private const int ErrorInvalid = 22;

    private static bool LinuxDiscard(void* address, nuint size)
    {
        if (Madvise(address, size, AdviceDontNeed) == 0)
        {
            return true;
        }

        // ENOMEM of madvise is not want of memory: part of the range is not mapped.
        int error = Marshal.GetLastPInvokeError();
        if (error == ErrorInvalid || error == ErrorAgain)
        {
            SystemFailure.Clear();
        }
        else
        {
            SystemFailure.Record("madvise", address, size, error);
        }

        return false;
    }
}
