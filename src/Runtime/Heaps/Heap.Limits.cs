// A heap's limits and who is told of them. The allocator knows heaps by their sets; a handler is told the heap's object, which the set holds by a handle of the runtime's.
//
//     set->Owner -> this, from the heap's making to its disposal: a heap that is dropped without being disposed of stays, as its memory does

using System;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

using NativeHeap.Central;
using NativeHeap.Heaps;
using NativeHeap.Pages;

namespace NativeHeap;

[DebuggerDisplay("{DebuggerText,nq}")]
public sealed unsafe partial class Heap
{
    /// <summary>The name given in its options, null if none was; of <see cref="Shared"/> its own.</summary>
    public string? Name { get; }

    /// <summary>Who is told that its soft limit has been passed.</summary>
    internal Action<HeapPressure>? OnPressure { get; }

    /// <summary>The heap's central caches; null for the shared heap before the start, and for one that has been disposed of.</summary>
    internal CentralSet* SetOrNull => _index == SharedIndex ? HeapProcess.Shared : _index != DisposedIndex ? _set : null;

    /// <summary>The heap of a set that is in use; null if it has been disposed of.</summary>
    internal static Heap? Of(CentralSet* set) =>
        set->Index == SharedIndex ? Shared : set->Owner == 0 ? null : (Heap?)GCHandle.FromIntPtr(set->Owner).Target;

    private string DebuggerText => SetOrNull == null ? $"{Name}: holds nothing" : string.Create(CultureInfo.InvariantCulture, $"{Name}: holds {SetOrNull->Quota.Used:N0} bytes");

    private void SetLimits(HeapOptions options)
    {
        _set->Quota.Maximum = options.MaximumBytes ?? MemoryQuota.Unlimited;
        _set->Quota.SoftLimit = options.SoftLimitBytes ?? MemoryQuota.Unlimited;
        _set->Quota.AddsPressure = options.AddsMemoryPressure ?? ProcessLimits.AddsMemoryPressure;
    }

    private void TakeSet()
    {
        if (_set->Owner == 0)
        {
            _set->Owner = GCHandle.ToIntPtr(GCHandle.Alloc(this));
        }
        else
        {
            SetOwner(this);
        }
    }

    private void LeaveSet() => SetOwner(null);

    private void SetOwner(Heap? heap)
    {
        GCHandle handle = GCHandle.FromIntPtr(_set->Owner);
        handle.Target = heap;
    }
}
