// Options are checked when they are set, so that the error names the property and its value; a heap reads them once, when it is made.
//
// What is not set is null, and then the process's settings hold, or the defaults.

using System;

using NativeHeap.Heaps;

namespace NativeHeap;

/// <summary>What a heap is to do beside the usual. Read once, when the heap is made.</summary>
public sealed class HeapOptions
{
    internal const long DefaultQuarantineBytes = 16 << 20;

    /// <summary>The heap's name in error messages and statistics; null for none. Names need not differ.</summary>
    public string? Name { get; init; }

    /// <summary>The most that the heap may hold, in bytes; null, as it is at first, for no limit of its own. At least 8,192, a page.</summary>
    /// <remarks>
    /// What counts is <see cref="HeapStatistics.SpanBytes"/>: the slots and pages that the heap has taken, in use or free, cached by threads or not. The limit is exact, on any number of threads. A request
    /// that would pass it first gives back what is free in the heap but for what other threads' caches hold (some KiB for each size class in use, and up to 384 KiB a thread beyond that); then it fails as one
    /// for which the system has no memory: with <see cref="OutOfMemoryException"/>, or <see langword="false"/> from <see cref="Heap.TryAlloc"/>. The heap stays usable.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 8,192.</exception>
    public long? MaximumBytes
    {
        get;
        init => field = HeapErrors.RequireLimit(value, nameof(MaximumBytes));
    }

    /// <summary>What the heap may hold without a word, in bytes; null, as it is at first, for <see cref="MaximumBytes"/>. At least 8,192. It refuses nothing.</summary>
    /// <remarks>What counts is what counts for <see cref="MaximumBytes"/>. When it is passed, <see cref="OnPressure"/> is called.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 8,192.</exception>
    public long? SoftLimitBytes
    {
        get;
        init => field = HeapErrors.RequireLimit(value, nameof(SoftLimitBytes));
    }

    /// <summary>Called when the heap has passed <see cref="SoftLimitBytes"/>, or when <see cref="MaximumBytes"/> has refused a request: the time to let go of what can be done without.</summary>
    /// <remarks>
    /// <para>
    /// Once for each time that the limit is passed, after the heap had fallen below 15/16 of it. On the thread whose request it is, which waits, with no lock held: the handler may use this heap and others, and free
    /// whatever it likes. What it frees counts at once, and a refused request is tried again when it returns. What it allocates itself does not call it again; another thread may, at the same time.
    /// </para>
    /// <para>What it throws goes to the caller of the allocation, which then has allocated nothing.</para>
    /// </remarks>
    public Action<HeapPressure>? OnPressure { get; init; }

    /// <summary>
    /// Whether what the heap holds is to weigh on the garbage collector, by <see cref="GC.AddMemoryPressure"/>; null, as it is at first, for what the process is set to by <c>NATIVEHEAP_ADD_MEMORY_PRESSURE</c> or AppContext's
    /// <c>NativeHeap.AddMemoryPressure</c>, and else not.
    /// </summary>
    /// <remarks>
    /// For heaps whose blocks are freed by finalizers, or by what the collector makes known otherwise, so that it collects in time; of no use where the program frees by itself. What counts is <see cref="HeapStatistics.SpanBytes"/>, told span by
    /// span on the slow path: an allocation that needs a span may then wait for a collection.
    /// </remarks>
    public bool? AddsMemoryPressure { get; init; }

    /// <summary>
    /// What the heap is to be good at; null, as it is at first, for what the process is set to by <c>NATIVEHEAP_PROFILE</c> or AppContext's <c>NativeHeap.Profile</c>, and else
    /// <see cref="HeapProfile.Balanced"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is no profile.</exception>
    public HeapProfile? Profile
    {
        get;
        init => field = HeapErrors.RequireChoice(value, nameof(Profile));
    }

    /// <summary>
    /// How closely the heap's calls are checked; null, as it is at first, for what the process is set to by <c>NATIVEHEAP_CHECK</c>, AppContext's <c>NativeHeap.Check</c> or the project file's
    /// <c>NativeHeapCheck</c>, and else <see cref="CheckLevel.Off"/>. <see cref="Heap.Shared"/> goes by the process's.
    /// </summary>
    /// <remarks>
    /// At <see cref="CheckLevel.Basic"/> a free that is wrong throws <see cref="HeapCorruptionException"/> from the very call, and changes nothing. <c>docs/hardening.md</c> lists what is found and what is not. No call is
    /// then served by inlined code.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">There is no such level.</exception>
    public CheckLevel? Check
    {
        get;
        init => field = HeapErrors.RequireChoice(value, nameof(Check));
    }

    /// <summary>
    /// Whether the process ends at once where a call finds that the heap was misused, in place of a <see cref="HeapCorruptionException"/>; null, as it is at first, for what the process is set to by <c>NATIVEHEAP_FAIL_FAST</c>,
    /// AppContext's <c>NativeHeap.FailFast</c> or the project file's <c>NativeHeapFailFast</c>, and else not. <see cref="Heap.Shared"/> goes by the process's.
    /// </summary>
    /// <remarks>By <see cref="Environment.FailFast(string)"/>, with what the exception would have said: nothing is unwound, no handler runs, and a dump shows the very moment.</remarks>
    public bool? FailsFast { get; init; }

    /// <summary>
    /// How much of what is freed a heap of <see cref="CheckLevel.Full"/> keeps from use, in bytes: 16 MiB, unless it is set. What was freed first goes back first. Other heaps keep nothing.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public long QuarantineBytes
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(QuarantineBytes));
            field = value;
        }
    }

    = DefaultQuarantineBytes;

    /// <summary>
    /// What the heap does against whoever makes use of a program's mistakes; null, as it is at first, for what the process is set to by <c>NATIVEHEAP_HARDENING</c>, AppContext's <c>NativeHeap.Hardening</c> or the
    /// project file's <c>NativeHeapHardening</c>, and else <see cref="HeapHardening.None"/>. <see cref="Heap.Shared"/> goes by the process's.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such thing.</exception>
    public HeapHardening? Hardening
    {
        get;
        init => field = HeapErrors.RequireFlags(value, nameof(Hardening));
    }

    /// <summary>
    /// How many bytes lie between two guarded samples, on the average; 0 for no samples; null, as it is at first, for what the process is set to by <c>NATIVEHEAP_GUARDED</c>, AppContext's <c>NativeHeap.Guarded</c> or the
    /// project file's <c>NativeHeapGuarded</c>, and else for none. <see cref="Heap.Shared"/> goes by the process's.
    /// </summary>
    /// <remarks>
    /// <para>
    /// A guarded sample is an object of up to 32 KiB that stands alone between pages that nothing may touch. A program that writes or reads beyond it, or after it was freed, ends at that very instruction, with a report of what it was. For
    /// programs in production: 16 MiB between samples, which the settings mean by <c>true</c>, cost less than 1 %, since then a thread works for at least 10 ms between two. <c>docs/hardening.md</c> says what is found and what is not.
    /// </para>
    /// <para>At most 64 such objects are in use at a time, in all heaps. They are in the figures of their heap as large objects are, by whole pages.</para>
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public long? GuardedSampleBytes
    {
        get;
        init => field = HeapErrors.RequireDistance(value, nameof(GuardedSampleBytes));
    }

    /// <summary>
    /// The file to which the heap's allocations are recorded, until <see cref="Heap.StopRecording"/>, the heap's disposal or the end of the process; null for none.
    /// </summary>
    /// <remarks>
    /// The file is an allocation trace in the format NHT1, compressed with Brotli if its name ends in <c>.br</c>, and replaces one of that name. While it is recorded, a heap serves no call from
    /// a thread's own cache: each costs some hundreds of nanoseconds more (600 in <c>samples/OrderBook</c>, on a busy machine), and nothing else about the heap changes. All heaps of a process are
    /// recorded into one file when the environment variable <c>NATIVEHEAP_RECORD</c> names it; one that has a file of its own is recorded there alone.
    /// </remarks>
    public string? RecordTo { get; init; }
}
