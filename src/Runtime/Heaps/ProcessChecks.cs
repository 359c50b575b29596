// How closely heaps are checked (Guards/SlotChecks.cs): the process's setting, for the shared heap and for heaps whose options name no level.
//
//     setting Check    Off, Basic, Full    Off
//
// A heap is checked or not from its first block on: spans that were made without marks have none to ask.

using System;

using NativeHeap.Central;
using NativeHeap.Guards;
using NativeHeap.Pages;
using NativeHeap.Platform;

namespace NativeHeap.Heaps;

/// <summary>The process's check level.</summary>
internal static unsafe class ProcessChecks
{
    private static CheckLevel s_level;

    /// <summary>Reads the setting, before any heap is used.</summary>
    /// <exception cref="InvalidOperationException">There is no such level.</exception>
    public static void Read()
    {
        s_level = ReadLevel();
        Origins.AreIgnored = true;
        Apply(null, HeapProcess.Shared);
    }

    /// <summary>Reads the setting, for what may be made before any heap is used.</summary>
    /// <exception cref="InvalidOperationException">There is no such level.</exception>
    public static CheckLevel ReadLevel() => Settings.ReadChoice<CheckLevel>(nameof(HeapOptions.Check)) ?? CheckLevel.Off;

    /// <summary>Makes a heap, which has no blocks yet, what a level says.</summary>
    /// <param name="level">The level; null for the process's.</param>
    /// <param name="set">The heap.</param>
    /// <param name="quarantineBytes">The most that it keeps in quarantine.</param>
    public static void Apply(CheckLevel? level, CentralSet* set, long quarantineBytes = HeapOptions.DefaultQuarantineBytes)
    {
        set->Detail = (level ?? s_level) switch
        {
            CheckLevel.Off => SlotDetail.None,
            CheckLevel.Basic => SlotDetail.Marks,
            _ => SlotDetail.Records,
        };
        if (set->Detail == SlotDetail.Records)
        {
            // A set keeps it for the next heap. Without memory for it what is freed is free at once.
            set->Quarantine = set->Quarantine != null ? set->Quarantine : HeapProcess.Metadata->Alloc<Quarantine>();
            if (set->Quarantine != null)
            {
                set->Quarantine->Open(HeapProcess.Pages, (nuint)quarantineBytes);
            }
        }

        if (set->IsChecked)
        {
            Origins.AreIgnored = false;
        }
    }
}
