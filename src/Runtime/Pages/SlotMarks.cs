// What is kept of each slot of a checked heap, and of each large object, behind the span's bits: a mark, and at the closest level a record.
//
//     mark i = origin   from when slot i was given to a user until a free of it has been accepted: who has it (Guards/Origins.cs), never 0
//            = 0        else: free in its span, or on its way there or from there
//     record i          what is known of the slot's object, or of its last one (SlotRecord)
//
//     memory of such a span:  [PageSpan, with its bits: LinesFor(SlotCount) lines][a word a slot: a line for 16][a record a slot: a line for 2]
//
// The free bitmap cannot say it, since its bit is down for a slot in a magazine as for one in use, and since two frees of one slot may both find it so. A mark goes to 0 by one atomic operation: whoever made it go has freed the slot,
// and everybody else has not.
//
// A struct is of its kind for ever, and with it the place of its marks: who looks a pointer up that is no block, while the span is becoming another, finds a mark there and never a bit of something else.
// Marks and records are written by who has the slot: by who has just allocated it, and by who frees it.

using System.Runtime.CompilerServices;

using NativeHeap.Platform;

namespace NativeHeap.Pages;

/// <summary>What is known of a slot's object, or of its last one.</summary>
internal unsafe struct SlotRecord
{
    private const int ClassShift = 56;

    private ulong _sizeAndClass;

    /// <summary>The next block of the quarantine (Central/Quarantine.cs), while it is in there.</summary>
    public void* Next;

    /// <summary>Where it was allocated.</summary>
    public uint Origin;

    /// <summary>Where it was freed.</summary>
    public uint FreeOrigin;

    /// <summary>The managed thread that allocated it.</summary>
    public int Thread;

    /// <summary>The managed thread that freed it.</summary>
    public int FreeThread;

    /// <summary>What was asked for, in bytes.</summary>
    public readonly nuint Size => (nuint)(_sizeAndClass & ((1UL << ClassShift) - 1));

    /// <summary>The span class that it was asked for as.</summary>
    public readonly int SpanClass => (int)(_sizeAndClass >> ClassShift);

    /// <summary>The record of an object that begins.</summary>
    public static SlotRecord Of(nuint size, int spanClass, uint origin, int thread) => new() { _sizeAndClass = size | ((ulong)(uint)spanClass << ClassShift), Origin = origin, Thread = thread };
}

/// <summary>What is known of each slot of a marked span beside its bit.</summary>
internal static unsafe class SlotMarks
{
    /// <summary>Says of all slots of a span that none is in use. Nobody may have one.</summary>
    public static void Clear(PageSpan* span)
    {
        if (span->IsMarked)
        {
            Unsafe.InitBlock(Of(span), 0, (uint)(span->MarkCount * sizeof(uint)));
        }

        if (span->HasRecords)
        {
            Unsafe.InitBlock(RecordOf(span, 0), 0, (uint)(span->MarkCount * sizeof(SlotRecord)));
        }
    }

    /// <summary>Says of a slot that it is in use from now on. For who has just got it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetLive(PageSpan* span, int slot, uint origin) => Of(span)[slot] = origin;

    /// <summary>Who has a slot; 0 if nobody.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint OriginOf(PageSpan* span, int slot) => Of(span)[slot];

    /// <summary>Says of a slot in use that it is no more.</summary>
    /// <param name="span">The span.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="origin">Who has it.</param>
    /// <returns>Whether he had until then: to one caller.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryEnd(PageSpan* span, int slot, uint origin) => Atomic.CompareExchange(ref Of(span)[slot], 0, origin) == origin;

    /// <summary>The record of a slot. Of a span with records.</summary>
    public static SlotRecord* RecordOf(PageSpan* span, int slot) => (SlotRecord*)((byte*)span + span->RecordsOffset) + slot;

    /// <summary>Has fetched what is known of a slot, and of the one before, without waiting for it. Of a span with records.</summary>
    public static void Fetch(PageSpan* span, int slot)
    {
        SlotRecord* record = RecordOf(span, slot);
        Processor.Prefetch(record);
        Processor.Prefetch(record - 1);
        Processor.Prefetch(Of(span) + slot);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint* Of(PageSpan* span) => (uint*)((byte*)span + span->MarksOffset);
}
