// The limits of the process: those of the page heap, which all heaps share. Set from outside before the start (Platform/Settings.cs) or from here at any time.
//
//     settings MaximumBytes, SoftLimitBytes: 0 is no limit          the properties of those names: null is no limit

using System;

using NativeHeap.Heaps;
using NativeHeap.Pages;

namespace NativeHeap;

/// <summary>What all heaps of the process together may take from the system. Thread-safe; a change holds from the next growth on.</summary>
/// <remarks>
/// What counts is the memory for objects: <see cref="ProcessStatistics.MappedBytes"/> less <see cref="ProcessStatistics.ReturnedBytes"/>. The allocator's own tables come on top
/// (<see cref="ProcessStatistics.MetadataBytes"/>); so do the garbage collector's heap and all else in the process.
/// </remarks>
public static unsafe class ProcessLimits
{
    private static Action<HeapPressure>? s_onPressure;

    /// <summary>The most that may be in use, in bytes; null for no limit. At least 8,192.</summary>
    /// <value>At first the setting <c>NATIVEHEAP_MAXIMUM_BYTES</c>, or AppContext's <c>NativeHeap.MaximumBytes</c>; 0 there is no limit.</value>
    /// <remarks>
    /// The limit is exact, on any number of threads. Memory is taken in steps of 256 KiB at least, so up to that much of it may stay unused. It may be set below what is in use: then nothing more is taken from
    /// the system until enough has been given back, and what is in use stays so. A request that would pass it first gives back what is parked, and then fails as one for which the
    /// system has no memory.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 8,192.</exception>
    /// <exception cref="OutOfMemoryException">This is the process's first call, and the system has no memory.</exception>
    public static long? MaximumBytes
    {
        get => FromQuota(Pages->Quota.Maximum);
        set => Pages->Quota.Maximum = ToQuota(value, nameof(MaximumBytes));
    }

    /// <summary>What may be in use without a word, in bytes; null for <see cref="MaximumBytes"/>. At least 8,192. It refuses nothing.</summary>
    /// <value>At first the setting <c>NATIVEHEAP_SOFT_LIMIT_BYTES</c>, or AppContext's <c>NativeHeap.SoftLimitBytes</c>; 0 there is null.</value>
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

    private static PageHeap* Pages => HeapProcess.EnsureStarted() ? HeapProcess.Pages : throw HeapErrors.OutOfMemory((nuint)sizeof(PageHeap));

    private static long? FromQuota(long limit) => limit == MemoryQuota.Unlimited ? null : limit;

    private static long ToQuota(long? limit, string name) => HeapErrors.RequireLimit(limit, name) ?? MemoryQuota.Unlimited;
}
