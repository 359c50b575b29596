// How a thread waits for a word of memory to change, and is woken by who has changed it: a futex on Linux, WaitOnAddress on Windows, which is the same idea.
//
// macOS got its own (os_sync_wait_on_address) in 14.4 only, so there a thread that waits sleeps a little and looks again, and waking does nothing. The
// sleep lets a holder of lower priority run, which yielding would not. Who waits for long there looks again every tenth of a second.
//
// Wait may return for no reason. None of them allocates.

using System;
using System.Runtime.InteropServices;

namespace NativeHeap.Platform;

/// <summary>Waits for a word to change.</summary>
internal static unsafe partial class Parking
{
    private const int FutexWaitPrivate = 0 | 128;
    private const int FutexWakePrivate = 1 | 128;
    private const uint SleepMicroseconds = 50;
    private const uint LongestSleepMilliseconds = 100;

    /// <summary>No limit to a wait.</summary>
    public const uint Forever = uint.MaxValue;

    /// <summary>Waits until the word may no longer hold a value.</summary>
    public static void Wait(int* address, int value)
    {
        if (OperatingSystem.IsWindows())
        {
            _ = WaitOnAddress(address, &value, sizeof(int), Forever);
        }
        else if (OperatingSystem.IsLinux())
        {
            _ = Futex(FutexNumber, address, FutexWaitPrivate, value, null, null, 0);
        }
        else
        {
            Sleep();
        }
    }

    /// <summary>Waits until the word may no longer hold a value, or some time has passed.</summary>
    /// <param name="address">The word.</param>
    /// <param name="value">The value.</param>
    /// <param name="milliseconds">The longest wait, or <see cref="Forever"/>.</param>
    public static void Wait(int* address, int value, uint milliseconds)
    {
        if (OperatingSystem.IsWindows())
        {
            _ = WaitOnAddress(address, &value, sizeof(int), milliseconds);
        }
        else if (OperatingSystem.IsLinux())
        {
            long* timeout = stackalloc long[2];
            timeout[0] = milliseconds / 1000;
            timeout[1] = milliseconds % 1000 * 1_000_000;
            _ = Futex(FutexNumber, address, FutexWaitPrivate, value, milliseconds == Forever ? null : timeout, null, 0);
        }
        else
        {
            _ = MicroSleep(uint.Min(milliseconds, LongestSleepMilliseconds) * 1000);
        }
    }

    /// <summary>Wakes one of those that wait at a word, if there are any.</summary>
    public static void WakeOne(int* address)
    {
        if (OperatingSystem.IsWindows())
        {
            WakeByAddressSingle(address);
        }
        else if (OperatingSystem.IsLinux())
        {
            _ = Futex(FutexNumber, address, FutexWakePrivate, 1, null, null, 0);
        }
    }

    /// <summary>What Wait does where the system offers nothing better.</summary>
    public static void Sleep() => _ = MicroSleep(SleepMicroseconds);

    private static nint FutexNumber => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 202 : 98;

    [LibraryImport("libc", EntryPoint = "syscall")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Futex(nint number, int* address, nint operation, nint value, void* timeout, void* address2, nint value3);

    [LibraryImport("libc", EntryPoint = "usleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MicroSleep(uint microseconds);

    [LibraryImport("api-ms-win-core-synch-l1-2-0", EntryPoint = "WaitOnAddress")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int WaitOnAddress(int* address, int* compare, nuint size, uint milliseconds);

    [LibraryImport("api-ms-win-core-synch-l1-2-0", EntryPoint = "WakeByAddressSingle")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial void WakeByAddressSingle(int* address);
}
