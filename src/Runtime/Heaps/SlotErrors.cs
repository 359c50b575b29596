// What a checked heap says of a wrong call: what was done, to which address and which slot of which span, and what to look for. HeapErrors has the other errors of the allocator, Corruption what becomes of them.
//
// What is said of the span is read when the error is made, without a lock: another thread may have changed it since.

using NativeHeap.Central;
using NativeHeap.Guards;
using NativeHeap.Pages;
using NativeHeap.SizeClasses;

using static System.FormattableString;

namespace NativeHeap.Heaps;

/// <summary>Makes the exceptions of checked heaps.</summary>
internal static unsafe class SlotErrors
{
    private const string Ignored = "The call was ignored and the heap is intact.";

    /// <summary>A free that was refused.</summary>
    /// <param name="fault">What is wrong.</param>
    /// <param name="set">The heap that was asked.</param>
    /// <param name="pointer">What was to be freed.</param>
    /// <param name="spanClass">What it was said to be.</param>
    /// <param name="origin">Who freed it.</param>
    public static HeapCorruptionException WrongFree(SlotFault fault, CentralSet* set, void* pointer, int spanClass, uint origin)
    {
        PageSpan* span = set->Pages->Map.SpanOf(pointer);
        string what = span == null || !span->Contains(pointer) ? NoBlock(set, pointer) : fault switch
        {
            SlotFault.OtherHeap => Invariant($"is of {Named(HeapProcess.Indexes->Find(span->HeapIndex), "another heap")} and was freed to {Named(set)}: it is {Place(span, pointer)}. Free it to the heap that allocated it"),
            SlotFault.OtherClass => Invariant($"was freed as another type's{As(origin)}, one of the {Kind(spanClass)}: it is {Place(span, pointer)}. Free it as the type that it was allocated as, or by Heap.Free, which takes any"),
            SlotFault.OtherType => Invariant($"was freed as another type's{As(origin)}: it is {Place(span, pointer)}. Free it as the type that it was allocated as, or by Heap.Free, which takes any"),
            SlotFault.Interior => Invariant($"is not that of a block's first byte: it is {Place(span, pointer)}. Free the pointer that the allocation returned"),
            SlotFault.Free => Invariant($"was freed before{Freed(span, pointer)}: it is {Place(span, pointer)}, and not in use. Look for the other Free of the block, or for the Reset that ended it, and let one owner free it"),
            SlotFault.Sealed => Invariant($"is of {Ended(span, pointer)}. Look for the other Free of the block, or for the Reset or Dispose that ended it, and use no pointer after that"),
            _ => NoBlock(set, pointer),
        };
        string message = Invariant($"The address 0x{(nuint)pointer:x} {what}. {Ignored}");
        return fault == SlotFault.Free ? Corruption.FoundOfFreed(set, pointer, message) : Corruption.Found(set, pointer, message);
    }

    /// <summary>A block asked for its size, or for another size, when it was free.</summary>
    public static HeapCorruptionException UsedAfterFree(CentralSet* set, void* block)
    {
        PageSpan* span = set->Pages->Map.SpanOf(block);
        string place = span == null ? "" : $": it is {Place(span, block)}, and not in use";
        return Corruption.FoundOfFreed(set, block, Invariant($"The address 0x{(nuint)block:x} of {Named(set)} was freed before{place}. Look for the Free of the block, or for the Reset that ended it, and use no pointer after that. {Ignored}"));
    }

    private static string NoBlock(CentralSet* set, void* pointer) => set->Containers.Owns(pointer)
        ? Invariant($"is in a table or a pool of {Named(set)}. Remove the element there, by its handle")
        : "is in no block of NativeHeap: it is another allocator's, on the stack, or of memory that has gone back since it was freed, with its heap or before. Free a block once, with what allocated it";

    private static string Place(PageSpan* span, void* pointer)
    {
        nuint offset = (nuint)((byte*)pointer - span->Base);
        if (span->State == SpanState.Large)
        {
            return Invariant($"{Owner(span, 0)}{Within(offset)}a {(span->IsGuarded ? "guarded block" : "large object")} of {span->UsableBytes:N0} bytes at 0x{(nuint)span->Base:x}");
        }

        int slot = span->SlotAt(offset);
        nuint start = (nuint)(uint)slot * (uint)span->SlotSize;
        string which = slot < span->SlotCount ? Invariant($"{Within(offset - start)}slot {slot} of {span->SlotCount}") : Invariant($"behind the last of {span->SlotCount} slots");
        return Invariant($"{Owner(span, slot)}{which} in a span of {Kind(span->SpanClass)} at 0x{(nuint)span->Base:x}, with {span->FreeCount} free in it");
    }

    private static string As(uint origin) => Origins.TypeOf(origin) is { } type ? $" ({type})" : "";

    // Whose a block is, if it is in use and that is known.
    private static string Owner(PageSpan* span, int slot)
    {
        uint origin = span->IsMarked && slot < span->MarkCount ? SlotMarks.OriginOf(span, slot) : 0;
        string? type = Origins.TypeOf(origin);
        string site = Origins.SiteOf(origin) is { } known ? $" (allocated at {known})" : "";
        return type == null && site.Length == 0 ? "" : $"{type ?? "an untyped block"}{site}, ";
    }

    // Who freed what is free, where that is recorded.
    private static string Freed(PageSpan* span, void* pointer)
    {
        int slot = span->SlotOf(pointer);
        if (!span->HasRecords || slot >= span->MarkCount || SlotMarks.RecordOf(span, slot)->FreeThread == 0)
        {
            return "";
        }

        SlotRecord* record = SlotMarks.RecordOf(span, slot);
        string type = Origins.TypeOf(record->Origin) is { } name ? $", as {name}" : "";
        return Invariant($"{type}{Site(", allocated at ", record->Origin)}{Site(", freed at ", record->FreeOrigin)}, by thread {record->FreeThread}");
    }

    private static string Site(string before, uint origin) => Origins.SiteOf(origin) is { } site ? $"{before}{site}" : "";

    // A span of slots is sealed when its heap ends, a large object's when it is freed, too.
    private static string Ended(PageSpan* span, void* pointer) => SizeClass.FromSpanClass(span->SpanClass) == SizeClass.Large
        ? Invariant($"a large object of {span->ByteCount:N0} bytes at 0x{(nuint)span->Base:x} that was freed before{Freed(span, pointer)}, or whose heap has been reset or disposed of")
        : "a heap that has been reset or disposed of";

    private static string Within(nuint offset) => offset == 0 ? "" : Invariant($"{offset:N0} bytes into ");

    private static string Kind(int spanClass)
    {
        int sizeClass = SizeClass.FromSpanClass(spanClass);
        string size = sizeClass == SizeClass.Large ? Invariant($"more than {SizeClass.MaxSmallSize:N0} bytes") : Invariant($"{SizeClass.SlotSize(sizeClass):N0} bytes");
        return Invariant($"blocks of {size} {(SizeClass.MayHoldPointers(spanClass) ? "that may hold pointers" : "without pointers")}");
    }

    private static string Named(CentralSet* set, string unnamed = "the heap") => Heap.Of(set) is { Name: not null } heap ? HeapErrors.Named(heap) : unnamed;
}
