// The process's one set of structures, in the order in which they are made: metadata, page heap, the shared heap, the threads' registry; and the indexes
// of heaps, and what maintains them. Made by the first slow path of any thread, once; if the system has no memory for them, the call fails and the next tries again.
//
// Plain static fields and no static constructor, so that code which reads them carries no test for one.

using System.Threading;

using NativeHeap.Central;
using NativeHeap.Guards;
using NativeHeap.Maintenance;
using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.Recording;
using NativeHeap.Threads;

namespace NativeHeap.Heaps;

/// <summary>What all heaps of the process share.</summary>
internal static unsafe class HeapProcess
{
    private const int NotStarted = 0;
    private const int Starting = 1;
    private const int Started = 2;

    private static int s_state;
    private static MetadataAllocator* s_metadata;
    private static PageHeap* s_pages;
    private static CentralSet* s_shared;
    private static ThreadRegistry* s_registry;
    private static HeapIndexes* s_indexes;
    private static Scavenger* s_scavenger;
    private static void* s_arenas;
    private static Recorder* s_recorder;

    /// <summary>Where all structures come from; null before the start.</summary>
    public static MetadataAllocator* Metadata => s_metadata;

    /// <summary>The page heap; null before the start.</summary>
    public static PageHeap* Pages => s_pages;

    /// <summary>Where the lookups of the page heap's arena map start, one load away for Free; null before the start.</summary>
    public static void* Arenas => s_arenas;

    /// <summary>The shared heap; null before the start.</summary>
    public static CentralSet* Shared => s_shared;

    /// <summary>The threads; null before the start.</summary>
    public static ThreadRegistry* Registry => s_registry;

    /// <summary>The heaps; null before the start.</summary>
    public static HeapIndexes* Indexes => s_indexes;

    /// <summary>Who gives memory back to the system; null before the start.</summary>
    public static Scavenger* Scavenger => s_scavenger;

    /// <summary>Who records all heaps but those with a recorder of their own; null if the environment asks for none.</summary>
    public static Recorder* Recorder => s_recorder;

    /// <summary>Whether the structures exist.</summary>
    public static bool IsStarted => Volatile.Read(ref s_state) == Started;

    /// <summary>Makes the structures if they do not exist.</summary>
    /// <returns>Whether they exist now; if not, the system has no memory.</returns>
    public static bool EnsureStarted() => IsStarted || Start();

    /// <summary>The current thread's record, made if need be; null when the system has no memory.</summary>
    public static ThreadRecord* GetThread()
    {
        ThreadRecord* record = ThreadRecord.Current;
        return record != null ? record : EnsureStarted() ? s_registry->Attach() : null;
    }

    private static bool Start()
    {
        while (true)
        {
            switch (Atomic.CompareExchange(ref s_state, Starting, NotStarted))
            {
                case Started:
                    return true;
                case Starting:
                    _ = Thread.Yield();
                    break;
                default:
                    bool made = false;
                    try
                    {
                        made = Make();
                    }
                    finally
                    {
                        Volatile.Write(ref s_state, made ? Started : NotStarted);
                    }

                    if (made)
                    {
                        ProcessProfile.Apply();
                    }

                    return made;
            }
        }
    }

    // What an earlier, failed start has made is kept for the next.
    private static bool Make()
    {
        if (s_metadata == null)
        {
            SupportedPlatform.Require();
            ArenaLayout.Require();
            HeapLock.Prepare();
            ThreadExit.Prepare();
            CpuClock.Prepare();
            VirtualMemory.Prepare();
            s_metadata = MetadataAllocator.Create();
        }

        if (s_metadata != null && s_pages == null)
        {
            s_pages = PageHeap.Create(s_metadata);
            s_arenas = s_pages == null ? null : s_pages->Map.Arenas;
        }

        if (s_pages != null && s_indexes == null)
        {
            s_indexes = HeapIndexes.Create(s_metadata, s_pages);
        }

        if (s_indexes != null && s_shared == null)
        {
            s_shared = s_indexes->Take();
        }

        if (s_shared != null && s_registry == null)
        {
            s_registry = ThreadRegistry.Create(s_metadata, s_shared);
        }

        if (s_registry != null && s_scavenger == null)
        {
            s_scavenger = Maintenance.Scavenger.Create(s_metadata, s_pages, s_indexes, s_registry);
        }

        if (s_scavenger != null)
        {
            ProcessProfile.Read();
            ProcessChecks.Read();
            _ = SampledStacks.AreTaken;
            Corruption.Read();
            ProcessHardening.Read();
            if (!ProcessGuards.Read())
            {
                return false;
            }

            ProcessLimits.Start(&s_pages->Quota);

            // Last: it throws if it is asked to write where it cannot, and then the next start asks again.
            s_recorder = s_shared->Recorder = Recording.Recorder.FromEnvironment(s_metadata);
        }

        return s_scavenger != null;
    }
}
