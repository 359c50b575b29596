// How heaps are hardened: the process's setting, for the shared heap and for heaps whose options say nothing of it.
//
//     setting Hardening    None, or RandomOrder and ZeroOnFree with a comma between them    None
//
// A heap is what it is from its first block on: bins that were opened let frees pass that would have to be seen.

using System;

using NativeHeap.Central;
using NativeHeap.Platform;

namespace NativeHeap.Heaps;

/// <summary>The process's hardening.</summary>
internal static unsafe class ProcessHardening
{
    private static HeapHardening s_hardening;

    /// <summary>Reads the setting, before any heap is used.</summary>
    /// <exception cref="InvalidOperationException">There is no such thing.</exception>
    public static void Read()
    {
        s_hardening = Settings.ReadFlags<HeapHardening>(nameof(HeapOptions.Hardening)) ?? HeapHardening.None;
        Apply(null, HeapProcess.Shared);
    }

    /// <summary>Makes a heap, which has no blocks yet, what is asked for.</summary>
    /// <param name="hardening">What is asked for; null for the process's.</param>
    /// <param name="set">The heap.</param>
    public static void Apply(HeapHardening? hardening, CentralSet* set)
    {
        HeapHardening all = hardening ?? s_hardening;
        set->ZeroesOnFree = (all & HeapHardening.ZeroOnFree) != 0;
        set->OrderSeed = (all & HeapHardening.RandomOrder) != 0 ? SlotOrder.NewSeed() : 0;
    }
}
