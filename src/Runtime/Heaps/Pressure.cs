// Tells the user's handlers that a soft limit has been passed. From the root of a slow path, with no lock held, after the request has been granted or refused; the quotas
// (Pages/MemoryQuota.cs) see to it that each crossing is told once.
//
// While a thread is in a handler, nothing is told on it: a handler that allocates does not call itself. What it passes meanwhile is told by the next slow path after it.

using System;

using NativeHeap.Central;
using NativeHeap.Pages;

namespace NativeHeap.Heaps;

/// <summary>Calls the handlers of soft limits.</summary>
internal static unsafe class Pressure
{
    [ThreadStatic]
    private static bool t_isTelling;

    /// <summary>Whether a limit of the heap or of the process has been passed and not told yet.</summary>
    public static bool IsRising(CentralSet* set) => set->Quota.IsRising || HeapProcess.Pages->Quota.IsRising;

    /// <summary>Tells the handlers what has not been told yet. What they throw is the caller's to let through.</summary>
    /// <param name="set">The heap that was asked.</param>
    /// <param name="refused">What it could not give, in bytes; 0 if the request was granted.</param>
    /// <returns>Whether a handler was called.</returns>
    public static bool Tell(CentralSet* set, nuint refused)
    {
        if (t_isTelling)
        {
            return false;
        }

        t_isTelling = true;
        try
        {
            return Tell(ref set->Quota, Heap.Of(set), refused) | Tell(ref HeapProcess.Pages->Quota, null, refused);
        }
        finally
        {
            t_isTelling = false;
        }
    }

    private static bool Tell(ref MemoryQuota quota, Heap? heap, nuint refused)
    {
        Action<HeapPressure>? handler = heap == null ? ProcessLimits.OnPressure : heap.OnPressure;
        if (!quota.TakeTelling(isRefused: refused != 0) || handler == null)
        {
            return false;
        }

        handler(new HeapPressure { Heap = heap, UsedBytes = quota.Used, LimitBytes = quota.Threshold, RefusedBytes = (long)refused });
        return true;
    }
}
