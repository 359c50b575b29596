// Linux: a reservation is an inaccessible private mapping, which counts as no memory; Map makes it accessible by mprotect, which keeps
// neighbouring ranges one mapping for the kernel (a process may have 65,530) and is where the kernel refuses what it could never back. It backs a
// page when it is first touched, so that Used has nothing to do. No huge-page advice is given: Go took its own back after three releases of trouble
// (golang/go#64332), and a program can ask the kernel for them for the whole process.

using System.Runtime.InteropServices;

namespace NativeHeap.Platform;

internal static unsafe partial class VirtualMemory
{
    private const int ProtNone = 0;
    private const int ProtReadWrite = 1 | 2;
    private const int MapPrivate = 0x02;
    private const int MapFixed = 0x10;
    private const int MapAnonymous = 0x20;
    private const int MapNoReserve = 0x4000;
    private const int AdviceDontNeed = 4;
    private static readonly void* s_mapFailed = (void*)-1;

    private static void* LinuxAlloc(nuint size)
    {
        void* address = Mmap(null, size, ProtReadWrite, MapPrivate | MapAnonymous | MapNoReserve, -1, 0);
        return address == s_mapFailed ? null : address;
    }

    private static void LinuxFree(void* address, nuint size) => _ = Munmap(address, size);

    private static void* LinuxReserve(nuint size, nuint alignment)
    {
        // The kernel aligns to its page only, so reserve enough to contain an aligned range and give the ends back.
        nuint slack = alignment - SystemPageSize;
        if (size > nuint.MaxValue - slack)
        {
            return null;
        }

        byte* start = (byte*)Mmap(null, size + slack, ProtNone, MapPrivate | MapAnonymous, -1, 0);
        if (start == s_mapFailed)
        {
            return null;
        }

        byte* aligned = (byte*)(((nuint)start + alignment - 1) & ~(alignment - 1));
        nuint head = (nuint)(aligned - start);
        if (head != 0)
        {
            _ = Munmap(start, head);
        }

        if (head != slack)
        {
            _ = Munmap(aligned + size, slack - head);
        }

        return aligned;
    }

    private static bool LinuxMap(void* address, nuint size) => Mprotect(address, size, ProtReadWrite) == 0;

    private static bool LinuxUsed(void* address, nuint size) => true;

    private static void LinuxUnused(void* address, nuint size) => _ = Madvise(address, size, AdviceDontNeed);

    // A fresh inaccessible mapping over the old one drops the memory and the access in one call.
    private static void LinuxFault(void* address, nuint size) =>
        _ = Mmap(address, size, ProtNone, MapPrivate | MapAnonymous | MapNoReserve | MapFixed, -1, 0);

    private static nuint SystemPageSize => (nuint)System.Environment.SystemPageSize;

    [LibraryImport("libc", EntryPoint = "mmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void* Mmap(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Munmap(void* address, nuint length);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Mprotect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Madvise(void* address, nuint length, int advice);
}
