// Whether memory that is Ready is also there: three requests beside the verbs, which change no state. What the system may say no to leaves its reason in SystemFailure, also when it is a
// limit: who asked for it wants to know which.
//
//     Prefault     touches every system page without changing what is in it, so that no later touch waits for the system
//     Lock         keeps memory from being paged out; on Linux within RLIMIT_MEMLOCK, on Windows within the process's minimal working set
//     AdviseHuge   asks Linux for huge pages (MADV_HUGEPAGE), where they are not given without being asked for

using System;
using System.IO;
using System.Runtime.InteropServices;

namespace NativeHeap.Platform;

internal static unsafe partial class VirtualMemory
{
    /// <summary>The name of the call that locks memory on Linux and macOS.</summary>
    public const string PosixLockCall = "mlock";

    /// <summary>The name of the call that locks memory on Windows.</summary>
    public const string WindowsLockCall = "VirtualLock";

    private const int AdviceHugePage = 14;
    private const string HugePageSwitch = "/sys/kernel/mm/transparent_hugepage/enabled";

    /// <summary>Touches every system page of a usable range. Its contents stay, whoever is writing to it at the same time.</summary>
    public static void Prefault(void* address, nuint size)
    {
        for (byte* page = (byte*)((nuint)address & ~(PageSize - 1)); page < (byte*)address + size; page += PageSize)
        {
            // A write that changes nothing; the first word of a system page is aligned.
            Atomic.Touch(ref *(int*)page);
        }
    }

    /// <summary>Locks a usable range in memory.</summary>
    /// <returns>Whether the system has; if not, SystemFailure has the reason.</returns>
    public static bool Lock(void* address, nuint size)
    {
        if (FaultInjection.Refuses(SystemCall.Lock, address, size))
        {
            return false;
        }

        Outward(ref address, ref size);
        bool done = OperatingSystem.IsWindows() ? VirtualLock(address, size) != 0 : MemoryLock(address, size) == 0;
        if (!done)
        {
            SystemFailure.Record(OperatingSystem.IsWindows() ? WindowsLockCall : PosixLockCall, address, size, Marshal.GetLastPInvokeError());
        }

        return done;
    }

    /// <summary>Asks for huge pages behind a usable range.</summary>
    /// <returns>Whether the system takes the request; if not, SystemFailure has the reason.</returns>
    public static bool AdviseHuge(void* address, nuint size)
    {
        Inward(ref address, ref size);
        if (size == 0 || Madvise(address, size, AdviceHugePage) == 0)
        {
            return true;
        }

        SystemFailure.Record("madvise(MADV_HUGEPAGE)", address, size, Marshal.GetLastPInvokeError());
        return false;
    }

    /// <summary>Why the system would give no huge pages however it is asked; null if it would.</summary>
    public static string? HugePageRefusal()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "only Linux is asked for huge pages behind memory that is there already";
        }

        if (!File.Exists(HugePageSwitch))
        {
            return $"this kernel has no transparent huge pages ({HugePageSwitch} does not exist)";
        }

        return File.ReadAllText(HugePageSwitch).Contains("[never]", StringComparison.Ordinal) ? $"transparent huge pages are turned off ({HugePageSwitch} says never)" : null;
    }

    [LibraryImport("libc", EntryPoint = "mlock", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MemoryLock(void* address, nuint size);

    [LibraryImport("kernel32", EntryPoint = "VirtualLock", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int VirtualLock(void* address, nuint size);
}
