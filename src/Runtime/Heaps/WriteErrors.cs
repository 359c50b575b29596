// What is said of a write that was found where no object is: whose object it belongs to, which byte, when it was allocated and freed, where and by which thread. SlotErrors has what is said of wrong calls.

using NativeHeap.Guards;
using NativeHeap.Pages;

using static System.FormattableString;

namespace NativeHeap.Heaps;

/// <summary>Makes the exceptions of writes that were found late.</summary>
internal static unsafe class WriteErrors
{
    /// <summary>Something was written around an object.</summary>
    /// <param name="span">Its span.</param>
    /// <param name="slot">Its slot.</param>
    /// <param name="block">Its first byte.</param>
    /// <param name="offset">The byte that has changed, from the object's first on.</param>
    /// <param name="whenFreed">Whether the object is being freed.</param>
    public static HeapCorruptionException Outside(PageSpan* span, int slot, byte* block, nint offset, bool whenFreed)
    {
        SlotRecord* record = SlotMarks.RecordOf(span, slot);
        string where = offset < 0
            ? Invariant($"{-offset} bytes before the first byte of {Object(record, block)}. That, or the object before it, was written beyond its bounds")
            : Invariant($"{offset - (nint)record->Size} bytes behind the last byte of {Object(record, block)}. It was written beyond its end");
        string when = whenFreed ? "found when it was freed, which it is now" : "found by a look at the whole heap";
        return Corruption.Found(block, Invariant($"A byte was written {where}: {when}. Look at what writes to it for an index or a length that is too large, or a cast to a larger type."));
    }

    /// <summary>Something was written to an object after it was freed.</summary>
    /// <param name="span">Its span.</param>
    /// <param name="slot">Its slot.</param>
    /// <param name="block">Its first byte.</param>
    /// <param name="offset">The byte that has changed.</param>
    public static HeapCorruptionException AfterFree(PageSpan* span, int slot, byte* block, nint offset)
    {
        SlotRecord* record = SlotMarks.RecordOf(span, slot);
        return Corruption.FoundOfFreed(HeapProcess.Indexes->Find(span->HeapIndex), block, Invariant($"A byte was written to {Object(record, block)}, {offset} bytes from its start, after it was freed{At(record->FreeOrigin)} by thread {record->FreeThread}: found when it left quarantine, or by a look at the whole heap. Look for a pointer to it that is used after the free."));
    }

    private static string Object(SlotRecord* record, byte* block) =>
        Invariant($"{Origins.TypeOf(record->Origin) ?? "an untyped block"} at 0x{(nuint)block:x}, of {record->Size:N0} bytes, allocated{At(record->Origin)} by thread {record->Thread}");

    private static string At(uint origin) => Origins.SiteOf(origin) is { } site ? $" at {site}" : "";
}
