// The routes of a heap that is recorded: those of AllocationRoutes, and the recorder hears of each call at the moment that the order of its trace wants: of an allocation
// after it, of a free before it.
//
// When the recording has ended, the first calls after it find out and take the recorder off the heap, whose bins then open as anybody's.

using System.Runtime.CompilerServices;

using NativeHeap.Central;
using NativeHeap.Recording;
using NativeHeap.Threads;

namespace NativeHeap.Heaps;

/// <summary>Allocation and free under the eyes of a recorder.</summary>
internal static unsafe class RecordedRoutes
{
    /// <summary>Allocates and records it.</summary>
    /// <inheritdoc cref="AllocationRoutes.Take" path="/param|/returns"/>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void* Alloc(CentralSet* set, ThreadRecord* thread, int spanClass, nuint size, nuint alignment, bool zeroed, uint origin)
    {
        void* block = AllocationRoutes.Take(set, thread, spanClass, size, alignment, zeroed, origin);
        Recorder* recorder = set->Recorder;
        if (block != null && recorder != null && !recorder->Alloc(block, size, alignment, zeroed, set->Index))
        {
            set->Recorder = null;
        }

        return block;
    }

    /// <summary>Records that a block is about to be freed.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Free(CentralSet* set, void* block)
    {
        Recorder* recorder = set->Recorder;
        if (recorder != null && !recorder->Free(block))
        {
            set->Recorder = null;
        }
    }

    /// <summary>Records that a block has another size now, and perhaps another place; the old one is not yet free.</summary>
    public static void Realloc(CentralSet* set, void* block, void* moved, nuint size)
    {
        Recorder* recorder = set->Recorder;
        if (recorder != null && !recorder->Realloc(block, moved, size, set->Index))
        {
            set->Recorder = null;
        }
    }
}
