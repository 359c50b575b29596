// How often allocations are guarded (Guards/GuardedSampling.cs): the process's setting, for the shared heap and for heaps whose options name no number.
//
//     setting Guarded    bytes between two samples;  true or 1 for GuardedSampling.DefaultBytes;  false or 0 for none    false

using System;

using NativeHeap.Central;
using NativeHeap.Guards;
using NativeHeap.Pages;
using NativeHeap.Platform;

namespace NativeHeap.Heaps;

/// <summary>The process's guarded samples.</summary>
internal static unsafe class ProcessGuards
{
    private static long s_bytes;

    /// <summary>Reads the setting, before any heap is used.</summary>
    /// <returns>Whether there is memory for what it asks for.</returns>
    /// <exception cref="InvalidOperationException">It is no number of bytes.</exception>
    public static bool Read()
    {
        s_bytes = Settings.ReadBytesOrSwitch("Guarded", GuardedSampling.DefaultBytes) ?? 0;
        bool isThere = Prepare(null);
        if (isThere)
        {
            Apply(null, HeapProcess.Shared);
        }

        return isThere;
    }

    /// <summary>Makes sure of the places for a heap's samples.</summary>
    /// <param name="bytes">The bytes between two samples; null for the process's number.</param>
    /// <returns>Whether they are there, if there are to be any; if not, the system or a limit refuses.</returns>
    public static bool Prepare(long? bytes)
    {
        if ((bytes ?? s_bytes) == 0)
        {
            return true;
        }

        GuardedPages* guarded = &HeapProcess.Pages->Guarded;
        bool isOpen = guarded->Open(HeapProcess.Pages, HeapProcess.Metadata);
        if (isOpen)
        {
            GuardedReport.Start(guarded);
        }

        return isOpen;
    }

    /// <summary>Makes a heap, whose check level is set, what a number says. At the closest level there are no samples: each object is watched there.</summary>
    /// <param name="bytes">The bytes between two samples; null for the process's number.</param>
    /// <param name="set">The heap.</param>
    public static void Apply(long? bytes, CentralSet* set)
    {
        set->GuardedShare = set->Detail == SlotDetail.Records ? 0 : GuardedSampling.ShareOf(bytes ?? s_bytes);
        if (set->GuardedShare != 0)
        {
            Origins.AreIgnored = false;
        }
    }
}
