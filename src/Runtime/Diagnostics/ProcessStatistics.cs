// The terms of the process. Each has its key in the JSON (StatisticsJson.cs) and its line in docs/statistics.md, and a test holds the three together.
//
// Limits, peaks and counts of the page heap stand beside the terms of the equations; none is counted but under a lock that is held anyway.

using System.Diagnostics;

namespace NativeHeap;

/// <summary>What all heaps of the process hold together, in bytes but where a number of something is named.</summary>
/// <remarks>
/// <para><c>ReservedBytes = UnmappedBytes + MappedBytes</c></para>
/// <para><c>MappedBytes = LiveBytes + ThreadCachedBytes + CentralCachedBytes + FreeBytes + ReturnedBytes</c></para>
/// These hold always. The terms are exact while no thread is allocating or freeing; otherwise see <see cref="IsApproximate"/>.
/// </remarks>
[DebuggerDisplay("{LiveObjects} objects, {LiveBytes} of {MappedBytes} bytes live")]
public readonly record struct ProcessStatistics
{
    /// <summary>The version of this struct, of <see cref="HeapStatistics"/> and <see cref="SizeClassStatistics"/>, and of the JSON that has them all.</summary>
    /// <remarks>Within a version properties may be added, as further terms of what there is or beside it. One that goes, or means something else, makes a new version.</remarks>
    public const int Version = 1;

    /// <summary>Address space obtained from the operating system for objects.</summary>
    public long ReservedBytes { get; init; }

    /// <summary>Of that, what is not usable yet; it costs no memory.</summary>
    public long UnmappedBytes { get; init; }

    /// <summary>Of that, what is usable.</summary>
    public long MappedBytes { get; init; }

    /// <summary>The number of objects allocated and not freed.</summary>
    public long LiveObjects { get; init; }

    /// <summary>The slots and pages of those objects.</summary>
    public long LiveBytes { get; init; }

    /// <summary>Free slots in the caches of threads.</summary>
    public long ThreadCachedBytes { get; init; }

    /// <summary>Free slots in depots and spans, and the ends of spans.</summary>
    public long CentralCachedBytes { get; init; }

    /// <summary>Free pages whose memory is, or may be, still there.</summary>
    public long FreeBytes { get; init; }

    /// <summary>Of <see cref="FreeBytes"/>, what threads have in hand for the next spans that they need: at most 256 KiB each. It is there for others when they find no other.</summary>
    public long ThreadFreeBytes { get; init; }

    /// <summary>Free pages, and memory between objects, that have been given back to the operating system.</summary>
    public long ReturnedBytes { get; init; }

    /// <summary>Memory for the allocator's own tables, apart from all of the above.</summary>
    public long MetadataBytes { get; init; }

    /// <summary>What counts for the limits of the process: <see cref="MappedBytes"/> less the free pages that have been given back.</summary>
    public long UsedBytes { get; init; }

    /// <summary>The most that <see cref="UsedBytes"/> has been.</summary>
    public long PeakUsedBytes { get; init; }

    /// <summary>The limit in force: <see cref="ProcessLimits.MaximumBytes"/>.</summary>
    public long? MaximumBytes { get; init; }

    /// <summary>The soft limit in force: <see cref="ProcessLimits.SoftLimitBytes"/>.</summary>
    public long? SoftLimitBytes { get; init; }

    /// <summary>The container's limit: <see cref="ProcessLimits.ContainerLimitBytes"/>.</summary>
    public long? ContainerLimitBytes { get; init; }

    /// <summary>The number of heaps that have not been disposed of, the shared one included.</summary>
    public int Heaps { get; init; }

    /// <summary>The number of threads that have used a heap and, as far as is known, not ended.</summary>
    public int Threads { get; init; }

    /// <summary>The number of threads that have ended and whose caches have not been emptied or taken over.</summary>
    public int EndedThreads { get; init; }

    /// <summary>How many times address space was reserved for spans.</summary>
    public long Reservations { get; init; }

    /// <summary>How many times more of it was made usable.</summary>
    public long Growths { get; init; }

    /// <summary>How many runs of free pages were given back.</summary>
    public long Returns { get; init; }

    /// <summary>How many objects have been guarded samples: <see cref="HeapOptions.GuardedSampleBytes"/>.</summary>
    public long GuardedSamples { get; init; }

    /// <summary>How many of those are in use.</summary>
    public int GuardedObjects { get; init; }

    /// <summary>Whether threads were seen at work, so that the terms may be of different moments.</summary>
    public bool IsApproximate { get; init; }
}
