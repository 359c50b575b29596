// The limits of the process: those of the page heap, which all heaps share. Set from outside before the start (Platform/Settings.cs), or from here at any time; where nothing is set, the container's.
//
//     settings MaximumBytes, SoftLimitBytes: 0 is no limit          the properties of those names: null is no limit
//     setting AddMemoryPressure: whether what the shared heap holds, and heaps whose options do not say it, weighs on the garbage collector; false
//     MaximumBytes not set    ->  the container's limit, or none
//     SoftLimitBytes not set  ->  three quarters of that, or none;  none if MaximumBytes is set

using System;

using NativeHeap.Heaps;
using NativeHeap.Pages;
using NativeHeap.Platform;

namespace NativeHeap;

/// <summary>What all heaps of the process together may take from the system. Thread-safe; a change holds from the next growth on.</summary>
/// <remarks>
/// What counts is the memory for objects: <see cref="ProcessStatistics.MappedBytes"/> less the free pages that have been returned to the system. The holes returned from between live objects still count, since
/// they take memory again when they are used, and nothing can refuse it to them. The allocator's own tables come on top
/// (<see cref="ProcessStatistics.MetadataBytes"/>); so do the garbage collector's heap and all else in the process. That is why the container's limit, which is the default, is a last resort: a maximum that
/// leaves room for the rest is the program's to set.
/// </remarks>
public static unsafe class ProcessLimits
{
    // The share that the garbage collector takes for its own heap: what is then left to both is little enough to be told.
    private const int SoftNumerator = 3;
    private const int SoftDenominator = 4;

    private static Action<HeapPressure>? s_onPressure;
    private static long? s_container;

    /// <summary>The most that may be in use, in bytes; null for no limit. At least 8,192.</summary>
    /// <value>
    /// At first the setting <c>NATIVEHEAP_MAXIMUM_BYTES</c>, or AppContext's <c>NativeHeap.MaximumBytes</c>, where 0 is no limit; where there is no such setting, <see cref="ContainerLimitBytes"/>.
    /// </value>
    /// <remarks>
    /// The limit is exact, on any number of threads. Memory is taken in steps of 256 KiB at least, so up to that much of it may stay unused. It may be set below what is in use: then what is free goes back to the
    /// system, and nothing more is taken from it until enough has gone back; what objects need stays. A request that would pass the limit first gives back what is parked, in all heaps, and as many free pages as it
    /// needs, and then fails as one for which the system has no memory.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 8,192.</exception>
    /// <exception cref="OutOfMemoryException">This is the process's first call, and the system has no memory.</exception>
    public static long? MaximumBytes
    {
        get => FromQuota(Pages->Quota.Maximum);
        set
        {
            PageHeap* pages = Pages;
            pages->Quota.Maximum = ToQuota(value, nameof(MaximumBytes));
            long excess = pages->Quota.Used - pages->Quota.Maximum;
            if (excess > 0)
            {
                HeapProcess.Scavenger->MakeRoom((nuint)excess);
            }
        }
    }

    /// <summary>What may be in use without a word, in bytes; null for <see cref="MaximumBytes"/>. At least 8,192. It refuses nothing.</summary>
    /// <value>
    /// At first the setting <c>NATIVEHEAP_SOFT_LIMIT_BYTES</c>, or AppContext's <c>NativeHeap.SoftLimitBytes</c>, where 0 is null; where neither it nor <c>NATIVEHEAP_MAXIMUM_BYTES</c> is set, three quarters of
    /// <see cref="ContainerLimitBytes"/>.
    /// </value>
    /// <inheritdoc cref="MaximumBytes" path="/exception"/>
    public static long? SoftLimitBytes
    {
        get => FromQuota(Pages->Quota.SoftLimit);
        set => Pages->Quota.SoftLimit = ToQuota(value, nameof(SoftLimitBytes));
    }

    /// <summary>Called when the process has passed <see cref="SoftLimitBytes"/>, or when <see cref="MaximumBytes"/> has refused a request; null for nobody.</summary>
    /// <remarks>
    /// <para>A new handler is called at the next growth if the limit is passed already.</para>
    /// <inheritdoc cref="HeapOptions.OnPressure" path="/remarks/para"/>
    /// </remarks>
    /// <inheritdoc cref="MaximumBytes" path="/exception[@cref='OutOfMemoryException']"/>
    public static Action<HeapPressure>? OnPressure
    {
        get => s_onPressure;
        set
        {
            s_onPressure = value;
            Pages->Quota.ForgetTelling();
        }
    }

    /// <summary>What the process's container may hold, in bytes, as it was at the start; null if there is no limit.</summary>
    /// <value>
    /// On Linux the lowest of the process's control group and those above it (<c>memory.max</c>, or <c>memory.limit_in_bytes</c> in version 1), as far as they can be seen; on Windows that of its job object.
    /// </value>
    /// <inheritdoc cref="MaximumBytes" path="/exception[@cref='OutOfMemoryException']"/>
    public static long? ContainerLimitBytes
    {
        get
        {
            _ = Pages;
            return s_container;
        }
    }

    private static PageHeap* Pages => HeapProcess.EnsureStarted() ? HeapProcess.Pages : throw HeapErrors.OutOfMemory((nuint)sizeof(PageHeap));

    /// <summary>Whether heaps whose options do not say it weigh on the garbage collector, the shared one among them.</summary>
    internal static bool AddsMemoryPressure { get; private set; }

    /// <summary>Sets what is set from outside. Once, before any heap is used.</summary>
    /// <exception cref="InvalidOperationException">A setting makes no sense.</exception>
    internal static void Start(MemoryQuota* quota)
    {
        long? maximum = Settings.ReadBytes(nameof(MaximumBytes));
        long? soft = Settings.ReadBytes(nameof(SoftLimitBytes));
        s_container = ContainerLimit.Read();
        AddsMemoryPressure = HeapProcess.Shared->Quota.AddsPressure = Settings.ReadSwitch("AddMemoryPressure") ?? false;
        quota->Maximum = FromSetting(maximum ?? s_container);
        quota->SoftLimit = FromSetting(soft ?? (maximum == null ? s_container / SoftDenominator * SoftNumerator : null));
    }

    private static long FromSetting(long? limit) => limit is null or 0 ? MemoryQuota.Unlimited : limit.Value;

    private static long? FromQuota(long limit) => limit == MemoryQuota.Unlimited ? null : limit;

    private static long ToQuota(long? limit, string name) => HeapErrors.RequireLimit(limit, name) ?? MemoryQuota.Unlimited;
}
