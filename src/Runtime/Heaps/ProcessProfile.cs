// What the settings of the process make of its memory beside the limits. Read once, at the start.
//
//     setting                                           default
//     Profile         Balanced, LowLatency, Compact     Balanced     of the shared heap, and of heaps whose options name none
//     ScavengeDelay   milliseconds; 0 for no thread     500; 100 if the profile is Compact, 0 if it is LowLatency or memory is locked
//     PrewarmBytes    bytes                             0            mapped and touched at the start
//     LockMemory      true, false                       false        memory for objects is locked when it becomes usable, and stays
//     HugePages       true, false                       false        Linux is asked for huge pages behind it
//
// What the system does not grant is an error that names it: of the first call, for huge pages, and for what is prewarmed if that cannot be locked or is not there; of the call whose memory cannot be
// locked, later on.

using System;

using NativeHeap.Central;
using NativeHeap.Maintenance;
using NativeHeap.Platform;

namespace NativeHeap.Heaps;

/// <summary>The settings of the process for its memory.</summary>
internal static unsafe class ProcessProfile
{
    private const int CompactDelay = 100;

    private static long s_prewarmBytes;
    private static int s_delay;

    /// <summary>The profile of heaps whose options name none.</summary>
    public static HeapProfile Profile { get; private set; }

    /// <summary>Reads the settings, before any heap is used.</summary>
    /// <exception cref="InvalidOperationException">A setting makes no sense, or the system has no such thing.</exception>
    public static void Read()
    {
        HeapProfile profile = Settings.ReadChoice<HeapProfile>(nameof(Profile)) ?? HeapProfile.Balanced;
        bool locks = Settings.ReadSwitch("LockMemory") ?? false;
        int delay = locks ? 0 : DelayOf(profile);
        s_delay = Settings.ReadNumber("ScavengeDelay", ScavengerThread.LongestDelay) ?? delay;
        s_prewarmBytes = Settings.ReadBytes("PrewarmBytes") ?? 0;
        bool huge = Settings.ReadSwitch("HugePages") ?? false;
        if (huge && VirtualMemory.HugePageRefusal() is string reason)
        {
            throw HeapErrors.NoHugePages(Settings.EnvironmentNameOf("HugePages"), reason);
        }

        Profile = profile;
        HeapProcess.Pages->LocksMemory = locks;
        HeapProcess.Pages->AsksForHugePages = huge;
        HeapProcess.Scavenger->KeptBytes = profile == HeapProfile.Compact ? 0 : Scavenger.DefaultKeptBytes;
        Apply(profile, HeapProcess.Shared);
    }

    /// <summary>Makes a heap what a profile says.</summary>
    public static void Apply(HeapProfile profile, CentralSet* set)
    {
        set->IsCompact = profile == HeapProfile.Compact;
        set->KeepsMemory = profile == HeapProfile.LowLatency;
    }

    /// <summary>Does what needs the process's heap, which is there now.</summary>
    /// <exception cref="OutOfMemoryException">There is no memory for what is to be prewarmed.</exception>
    /// <exception cref="InvalidOperationException">The system refuses it for another reason.</exception>
    public static void Apply()
    {
        if (s_delay != 0)
        {
            ScavengerThread.Start(HeapProcess.Scavenger, (uint)s_delay);
        }

        if (s_prewarmBytes != 0 && !HeapProcess.Scavenger->Prewarm((nuint)s_prewarmBytes))
        {
            throw HeapErrors.OutOfMemory((nuint)s_prewarmBytes);
        }
    }

    private static int DelayOf(HeapProfile profile) => profile switch
    {
        HeapProfile.LowLatency => 0,
        HeapProfile.Compact => CompactDelay,
        _ => ScavengerThread.DefaultDelay,
    };
}
