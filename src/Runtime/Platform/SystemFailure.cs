// Why a call to the system failed, if not for want of memory: a defect of ours, or another part of the process that has changed a mapping or forbidden the call.
//
// The verbs of VirtualMemory are called with locks held, where nothing may throw. They refuse, as they do when there is no memory, and leave the reason here, for
// the thread; whoever throws in the end, with no lock held, takes it.
//
//     there is a failure here  <=>  Refusal.Last = Failure  <=>  what refused the thread last was a call, and for another reason than want of memory
//
// Want of memory touches nothing here but that (Refusal.cs says why).

using System;
using System.Globalization;
using System.Runtime.InteropServices;

namespace NativeHeap.Platform;

/// <summary>The last call of this thread that the system refused, if not for want of memory.</summary>
internal static unsafe class SystemFailure
{
    [ThreadStatic]
    private static string? t_call;

    [ThreadStatic]
    private static nuint t_address;

    [ThreadStatic]
    private static nuint t_size;

    [ThreadStatic]
    private static int t_error;

    private static string Hint => t_call switch
    {
        VirtualMemory.PosixLockCall => "A process may lock as much memory as RLIMIT_MEMLOCK says (ulimit -l): raise it, or lock less.",
        VirtualMemory.WindowsLockCall => "A process may lock as much memory as its minimal working set has room for (SetProcessWorkingSetSize): raise it, or lock less.",
        _ => "It is not short of memory: the process may not make this call, or something else in it has changed the mapping.",
    };

    /// <summary>Forgets a failure: the system has answered that it has no memory.</summary>
    public static void Clear() => Refusal.Last = RefusedBy.System;

    /// <summary>Keeps a failure for who will throw.</summary>
    /// <param name="call">The function of the system.</param>
    /// <param name="address">The range's address, or null if the system was to choose one.</param>
    /// <param name="size">The range's size, in bytes.</param>
    /// <param name="error">The system's number for the error.</param>
    public static void Record(string call, void* address, nuint size, int error)
    {
        Refusal.Last = RefusedBy.Failure;
        t_call = call;
        t_address = (nuint)address;
        t_size = size;
        t_error = error;
    }

    /// <summary>Takes the failure as an exception.</summary>
    /// <returns>The exception, or null if the last refusal was for want of memory, or a limit's.</returns>
    public static InvalidOperationException? Take()
    {
        if (Refusal.Last != RefusedBy.Failure)
        {
            return null;
        }

        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"The system refused NativeHeap's call {t_call} for {t_size:N0} bytes at 0x{t_address:x} with error {t_error} ({Marshal.GetPInvokeErrorMessage(t_error)}). {Hint}");
        Clear();
        return new InvalidOperationException(text);
    }
}
