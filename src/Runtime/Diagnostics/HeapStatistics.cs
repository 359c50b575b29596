// The terms of one heap. Their versions are the process's (ProcessStatistics.Version); each has its key in the JSON (StatisticsJson.cs) and its line in docs/statistics.md,
// and a test holds the three together.

using System.Diagnostics;

namespace NativeHeap;

/// <summary>What one heap holds, in bytes but where a number of something is named.</summary>
/// <remarks>
/// <para><c>SpanBytes = LiveBytes + ThreadCachedBytes + CentralCachedBytes + ReturnedBytes</c></para>
/// <para><c>CentralCachedBytes + ReturnedBytes = DepotBytes + QuarantinedBytes + FreeSlotBytes + TailBytes</c></para>
/// <para>LiveObjects = those of the size classes + LargeObjects + Containers; LiveBytes likewise</para>
/// These hold always. The terms are exact while no thread is allocating or freeing in the heap; otherwise they may be of different moments: each is then cut to what is possible, and
/// <see cref="IsApproximate"/> says so. How the struct may grow: <see cref="ProcessStatistics.Version"/>.
/// </remarks>
[DebuggerDisplay("{LiveObjects} objects, {LiveBytes} of {SpanBytes} bytes live")]
public readonly record struct HeapStatistics
{
    /// <summary>The number of objects allocated and not freed.</summary>
    public long LiveObjects { get; init; }

    /// <summary>The slots and pages of those objects: what was asked for, rounded up to the size class or to whole pages.</summary>
    public long LiveBytes { get; init; }

    /// <summary>Of the objects, the number of those with pages of their own: over 32 KiB, or aligned as no slot is, or guarded samples.</summary>
    public long LargeObjects { get; init; }

    /// <summary>The pages of those.</summary>
    public long LargeBytes { get; init; }

    /// <summary>Of the objects, the number of tables and pools.</summary>
    public long Containers { get; init; }

    /// <summary>The usable part of their address regions.</summary>
    public long ContainerBytes { get; init; }

    /// <summary>Free slots in the caches of threads, of ended ones too until somebody takes them over.</summary>
    public long ThreadCachedBytes { get; init; }

    /// <summary>Free slots in depots, in quarantine and in spans, and the ends of spans that are shorter than a slot, but for what has been given back.</summary>
    public long CentralCachedBytes { get; init; }

    /// <summary>What has been freed and is kept from use for a while, of a heap of <see cref="CheckLevel.Full"/>. A part of <see cref="CentralCachedBytes"/>.</summary>
    public long QuarantinedBytes { get; init; }

    /// <summary>Free slots in depots, where threads exchange them by the magazine.</summary>
    public long DepotBytes { get; init; }

    /// <summary>Free slots in spans.</summary>
    public long FreeSlotBytes { get; init; }

    /// <summary>The ends of spans that are shorter than a slot.</summary>
    public long TailBytes { get; init; }

    /// <summary>Memory between its objects that has been given back to the operating system, or has not come from it yet.</summary>
    public long ReturnedBytes { get; init; }

    /// <summary>All pages that the heap holds: what counts for its limits.</summary>
    public long SpanBytes { get; init; }

    /// <summary>The most that <see cref="SpanBytes"/> has been.</summary>
    public long PeakSpanBytes { get; init; }

    /// <summary>The number of spans that are cut into slots.</summary>
    public long Spans { get; init; }

    /// <summary>The limit: <see cref="HeapOptions.MaximumBytes"/>.</summary>
    public long? MaximumBytes { get; init; }

    /// <summary>The soft limit: <see cref="HeapOptions.SoftLimitBytes"/>.</summary>
    public long? SoftLimitBytes { get; init; }

    /// <summary>Whether threads were seen at work, so that the terms may be of different moments.</summary>
    public bool IsApproximate { get; init; }
}
