namespace NativeHeap;

/// <summary>What one heap holds in the spans of one size class and kind: a row of <c>heap.GetStatistics(rows, out count)</c>.</summary>
/// <remarks>
/// <para><c>Slots = LiveObjects + ThreadCachedSlots + DepotSlots + QuarantinedSlots + FreeSlots</c></para>
/// <para><c>SpanBytes = Slots * SlotBytes + TailBytes</c></para>
/// Both always hold; how exact the terms are is said by <see cref="HeapStatistics.IsApproximate"/> of the same reading.
/// </remarks>
public readonly record struct SizeClassStatistics
{
    /// <summary>The most rows that a heap can have: 134, each size class with and without pointers.</summary>
    public const int MaxCount = NativeHeap.SizeClasses.SizeClass.SpanClassCount - 2;

    /// <summary>The number of the size class, 1 to 67.</summary>
    public int SizeClass { get; init; }

    /// <summary>The size of a slot, in bytes.</summary>
    public int SlotBytes { get; init; }

    /// <summary>Whether the objects may hold pointers: typed ones whose struct has a pointer field, and all untyped blocks.</summary>
    public bool HasPointers { get; init; }

    /// <summary>The number of spans.</summary>
    public long Spans { get; init; }

    /// <summary>Their pages, in bytes.</summary>
    public long SpanBytes { get; init; }

    /// <summary>Their slots.</summary>
    public long Slots { get; init; }

    /// <summary>The slots of objects that are allocated and not freed.</summary>
    public long LiveObjects { get; init; }

    /// <summary>Free slots in the caches of threads, of ended ones too until somebody takes them over.</summary>
    public long ThreadCachedSlots { get; init; }

    /// <summary>Free slots in the depot, where threads exchange them by the magazine.</summary>
    public long DepotSlots { get; init; }

    /// <summary>Slots that have been freed and are kept from use for a while, of a heap of <see cref="CheckLevel.Full"/>.</summary>
    public long QuarantinedSlots { get; init; }

    /// <summary>Free slots in the spans.</summary>
    public long FreeSlots { get; init; }

    /// <summary>The ends of the spans that are shorter than a slot, in bytes.</summary>
    public long TailBytes { get; init; }

    /// <summary>Of the free slots and tails, what has been given back to the operating system, in bytes.</summary>
    public long ReturnedBytes { get; init; }

    /// <summary>The slots of live objects, in bytes.</summary>
    public long LiveBytes => LiveObjects * SlotBytes;
}
