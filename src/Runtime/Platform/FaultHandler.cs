// Who hears of a touch of memory that may not be touched, before the process ends by it: for one range of addresses, on Linux and on Windows (x64); elsewhere the process ends without a word of ours.
//
//     address in the range   ->  tell who asked  ->  who was there before, and ends the process: the runtime writes the stack
//     any other              ->  who was there before: the runtime makes a NullReferenceException of it, or ends the process
//
// The thread is at some instruction of managed code and in no state to be called back by a function pointer of the ordinary kind: UnmanagedCallersOnly waits for a collection, and ends the process if the thread was
// not outside of managed code. So what is told is a plain static method by its bare address: for pointers and integers the convention of managed code is that of C, on x64 and on arm64. And it calls the system by bare
// addresses as well, as if it were managed code: then the compiler makes no transition and asks for no collection. What such code may do is little:
//
//     no allocation, no exception, no lock, no static constructor, no method that has not been compiled: it is all called once before, so that it is
//     no suspension, while the process may yet live: FaultHandler.Linux.cs and FaultHandler.Windows.cs say how

using System;
using System.Runtime.CompilerServices;
using System.Threading;

namespace NativeHeap.Platform;

/// <summary>What the processor was about to do.</summary>
internal enum FaultAccess
{
    /// <summary>Nothing: the handler is only being tried out.</summary>
    None,

    /// <summary>It is not known.</summary>
    Unknown,

    /// <summary>To read.</summary>
    Read,

    /// <summary>To write.</summary>
    Write,
}

/// <summary>Handles faults in a range of addresses.</summary>
internal static unsafe partial class FaultHandler
{
    private static byte* s_start;
    private static nuint s_size;
    private static delegate*<byte*, FaultAccess, void> s_report;
    private static delegate*<byte*, int, void> s_writeError;

    /// <summary>Whether faults are heard of on this system.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux() || IsWindowsX64;

    /// <summary>Hears of faults in a range from now on, and no more in one that it has heard of before; where it is not supported, nothing happens. By one thread at a time.</summary>
    /// <param name="start">The range's first byte.</param>
    /// <param name="size">Its length, in bytes.</param>
    /// <param name="report">
    /// Told of the address and of what was to be done there, on the thread that has faulted, by code that keeps to what the opening comment allows; of <see cref="FaultAccess.None"/> once before, to be compiled.
    /// </param>
    public static void Watch(byte* start, nuint size, delegate*<byte*, FaultAccess, void> report)
    {
        if (!IsSupported)
        {
            return;
        }

        Volatile.Write(ref s_size, 0);
        s_start = start;
        s_report = report;
        if (IsWindowsX64)
        {
            WindowsWatch(size);
        }
        else if (s_actions == null)
        {
            LinuxInstall();
        }

        Volatile.Write(ref s_size, size);
    }

    /// <summary>Writes a text to the error stream. For reports.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write(byte* text, int length) => s_writeError(text, length);
}
