// The free of guarded objects (Guards/GuardedSampling.cs), which every slow path of a free asks for first: in a heap that is checked and in one that is not, what is wrong with it is told at once.
//
//     in the region  ->  in an object, in use  ->  of this heap  ->  of the span class that the caller says  ->  its first byte  ->  tell the recorder  ->  free it
//
// The lookups of other members (Owns, UsableSize, Realloc, Walk) find a guarded object by the arena map, as a large one.

using System.Runtime.CompilerServices;

using NativeHeap.Central;
using NativeHeap.Guards;
using NativeHeap.Pages;
using NativeHeap.Threads;

namespace NativeHeap.Heaps;

/// <summary>Frees guarded objects.</summary>
internal static unsafe class GuardedRoutes
{
    /// <summary>Whether an address is where guarded objects are. Takes any value; after the start.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(void* pointer) => HeapProcess.Pages->Guarded.Holds(pointer);

    /// <summary>Frees a guarded object.</summary>
    /// <param name="set">The heap.</param>
    /// <param name="pointer">An address of the region.</param>
    /// <param name="spanClass">What it is to be a block of.</param>
    /// <param name="origin">Who frees it.</param>
    /// <exception cref="HeapCorruptionException">It is no block of that kind in use.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Free(CentralSet* set, void* pointer, int spanClass, uint origin)
    {
        RequireLive(pointer);
        GuardedPlace* place = Nearest(pointer);
        SlotFault fault = Find(set, place, pointer, spanClass);
        if (fault != SlotFault.None)
        {
            throw SlotErrors.WrongFree(fault, set, pointer, spanClass, origin);
        }

        if (set->Recorder != null)
        {
            RecordedRoutes.Free(set, pointer);
        }

        if (!GuardedSampling.TryFree(set, ThreadRecord.Current, &place->Span, pointer, origin))
        {
            // Another thread has meanwhile.
            throw GuardedErrors.FreedBefore(place, pointer);
        }
    }

    /// <summary>Throws if an address is in a guarded object that was freed.</summary>
    /// <param name="pointer">Any value; after the start.</param>
    public static void RequireLive(void* pointer)
    {
        GuardedPlace* place = Holds(pointer) ? Nearest(pointer) : null;
        if (place != null && place->State == GuardedState.Freed && IsIn(&place->Span, pointer))
        {
            throw GuardedErrors.FreedBefore(place, pointer);
        }
    }

    private static GuardedPlace* Nearest(void* pointer) => GuardedPages.Nearest(HeapProcess.Pages->Guarded.Places, pointer);

    private static SlotFault Find(CentralSet* set, GuardedPlace* place, void* pointer, int spanClass)
    {
        PageSpan* span = (PageSpan*)place;
        return place == null || place->State != GuardedState.Live || !IsIn(span, pointer) ? SlotFault.NoBlock
            : span->HeapIndex != set->Index ? SlotFault.OtherHeap
            : span->ObjectClass != spanClass ? SlotFault.OtherClass
            : span->Base != pointer ? SlotFault.Interior
            : SlotFault.None;
    }

    private static bool IsIn(PageSpan* span, void* pointer) => (nuint)((byte*)pointer - span->Base) < (nuint)(uint)span->SlotSize;
}
