// The allocator's errors, in one place so that they speak with one voice: what was asked, which value is wrong, what the way out is. Nothing here is
// reached but to throw.

using System;
using System.Diagnostics.CodeAnalysis;

using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;

using static System.FormattableString;

namespace NativeHeap.Heaps;

/// <summary>Makes the exceptions that users see.</summary>
internal static unsafe class HeapErrors
{
    /// <summary>The system has no memory or has refused it for another reason, or a limit stands in the way.</summary>
    /// <param name="size">What was asked for, in bytes.</param>
    /// <param name="heap">The heap that was asked, if it may have a limit of its own.</param>
    [SuppressMessage("Usage", "CA2201:Do not raise reserved exception types", Justification = "Running out of memory is what it means, as in NativeMemory.Alloc.")]
    public static Exception OutOfMemory(nuint size, Heap? heap = null)
    {
        if (SystemFailure.Take() is { } failure)
        {
            return failure;
        }

        if (!HeapProcess.IsStarted)
        {
            string budget = ArenaLayout.IsContiguous ? Invariant($" The contiguous layout's {ArenaLayout.Bytes:N0} bytes of addresses ({BudgetSetting}) are reserved with them.") : "";
            return new OutOfMemoryException(Invariant($"NativeHeap could not start: the system refused memory for its own tables.{budget} The request was for {size:N0} bytes."));
        }

        PageHeap* pages = HeapProcess.Pages;
        return new OutOfMemoryException(Refusal.Last switch
        {
            RefusedBy.HeapMaximum when heap != null => Invariant(
                $"The request for {size:N0} bytes would take {Named(heap)} over its limit of {heap.Set->Quota.Maximum:N0} bytes (HeapOptions.MaximumBytes): it holds {heap.Set->Quota.Used:N0}. Free objects of the heap, or give it a higher limit when it is made. {Totals(pages)}."),
            RefusedBy.HeapsWarmUp when heap != null => Invariant(
                $"The request for {size:N0} bytes would make {Named(heap)} grow beyond the {heap.Set->Quota.Maximum:N0} bytes that it held at the end of its warm-up (Heap.EndWarmUp): it holds {heap.Set->Quota.Used:N0}. Free objects of the heap, or warm it up with more. {Totals(pages)}."),
            RefusedBy.ProcessMaximum => Invariant(
                $"The request for {size:N0} bytes would take the process over its limit of {pages->Quota.Maximum:N0} bytes (ProcessLimits.MaximumBytes): {pages->Quota.Used:N0} are in use. Free objects, dispose of heaps, or raise the limit. {Totals(pages)} but not in one piece that is long enough."),
            RefusedBy.Budget => Invariant(
                $"The request for {size:N0} bytes does not fit into the contiguous layout's budget of {ArenaLayout.Bytes:N0} bytes ({BudgetSetting}). {Totals(pages)} but not in one piece that is long enough. Free objects, dispose of heaps, give the process a larger budget, or take the sparse layout, which has none."),
            _ => Invariant(
                $"The system refused memory for {size:N0} bytes. {Totals(pages)} but not in one piece that is long enough. Free objects, dispose of heaps, or raise the process's limit on address space or memory."),
        });
    }

    /// <summary>Passes a limit on, or throws if it is too low to be one.</summary>
    /// <param name="bytes">The limit in bytes; null for none.</param>
    /// <param name="name">The property's name.</param>
    public static long? RequireLimit(long? bytes, string name) => bytes is null or >= SizeClass.PageSize
        ? bytes
        : throw new ArgumentOutOfRangeException(name, bytes, Invariant($"The limit of {bytes:N0} bytes is less than a page. It must be {SizeClass.PageSize:N0} or more, or null for no limit."));

    /// <summary>Passes a distance of samples on, or throws if it is none.</summary>
    /// <param name="bytes">The distance in bytes; 0 for no samples, null for none of its own.</param>
    /// <param name="name">The property's name.</param>
    public static long? RequireDistance(long? bytes, string name) => bytes is null or >= 0
        ? bytes
        : throw new ArgumentOutOfRangeException(name, bytes, Invariant($"There are no {bytes:N0} bytes between samples. It must be 1 or more, 0 for no samples, or null for what the process is set to."));

    /// <summary>Passes a choice on, or throws if there is no such.</summary>
    public static T? RequireChoice<T>(T? choice, string name)
        where T : struct, Enum
        => choice is null || Enum.IsDefined(choice.Value)
        ? choice
        : throw new ArgumentOutOfRangeException(name, choice, $"There is no {typeof(T).Name} {choice.Value}. It must be one of {string.Join(", ", Enum.GetNames<T>())}, or null.");

    /// <summary>The value of an option that may be several of its enumeration's.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It has a bit that none of them has.</exception>
    public static T? RequireFlags<T>(T? flags, string name)
        where T : struct, Enum
        => flags is null || char.IsAsciiLetter(flags.Value.ToString()[0])
        ? flags
        : throw new ArgumentOutOfRangeException(name, flags, $"There is no {typeof(T).Name} {flags.Value}. It must be one or several of {string.Join(", ", Enum.GetNames<T>())}, or null.");

    /// <summary>Huge pages asked for where there are none.</summary>
    public static InvalidOperationException NoHugePages(string setting, string reason) =>
        new($"{setting} asks for huge pages, and there are none to be had: {reason}. Turn them on, or do without.");

    /// <summary>A size beyond any that can be served.</summary>
    public static ArgumentOutOfRangeException SizeTooLarge(string parameter, nuint size) =>
        new(parameter, size, Invariant($"The size of {size:N0} bytes is over the limit of {PageHeap.MaxObjectSize:N0}."));

    /// <summary>An alignment that is not a power of two, or beyond the limit.</summary>
    public static ArgumentOutOfRangeException BadAlignment(string parameter, nuint alignment) =>
        new(parameter, alignment, Invariant($"The alignment of {alignment:N0} bytes is not a power of two from 1 to {Heap.MaxAlignment:N0}."));

    /// <summary>A pointer that the heap did not hand out.</summary>
    public static ArgumentException NotABlock(string parameter, void* pointer, PageSpan* span, int heapIndex)
    {
        string address = Invariant($"0x{(nuint)pointer:x}");
        if (span == null && HeapProcess.IsStarted && HeapProcess.Indexes->Find(heapIndex)->Containers.Owns(pointer))
        {
            return new ArgumentException($"The pointer {address} is into a table or a pool of the heap. Remove the element there, by its handle.", parameter);
        }

        if (span == null || !span->Contains(pointer))
        {
            return new ArgumentException($"The pointer {address} is not to a block of NativeHeap: another allocator's, on the stack, or of memory freed before. Free it with what allocated it, and once.", parameter);
        }

        if (span->HeapIndex != heapIndex)
        {
            return new ArgumentException($"The pointer {address} is to a block of another heap. Free it with the heap that allocated it.", parameter);
        }

        nuint offset = (nuint)((byte*)pointer - span->Base);
        nuint start = span->State == SpanState.Large ? 0 : (nuint)(uint)(span->SlotAt(offset) * span->SlotSize);
        return new ArgumentException(Invariant($"The pointer {address} points {offset - start:N0} bytes into a block that starts at 0x{(nuint)(span->Base + start):x}. Free the pointer that the allocation returned."), parameter);
    }

    /// <summary>A free that was wrong, found when the slot reached its span.</summary>
    public static HeapCorruptionException WrongFree(void* pointer) => Corruption.Found(pointer, Invariant(
        $"The block at 0x{(nuint)pointer:x} was freed wrongly, by this call or at some time before it: twice, as another type than it was allocated as, with another heap than its own, or it never was a block. The wrong free was ignored and the heap is intact, but the block may have been handed out twice in the meantime. Look for the other Free of that address."));

    /// <summary>An end of all objects asked of the shared heap.</summary>
    public static InvalidOperationException SharedHeapHasNoEnd(string what) =>
        new($"Heap.Shared cannot {what}: generated stubs use it as long as the process lives. Make a Heap of your own for what is to be freed at once.");

    /// <summary>A walk that goes on after a reset.</summary>
    public static InvalidOperationException ResetWhileWalked() => new("The heap was reset during the walk, and every block in it freed. Start another walk after the reset.");

    /// <summary>More slots than the heap graph has numbers for.</summary>
    public static InvalidOperationException TooManySlots() => new(Invariant($"The heaps have more than {int.MaxValue:N0} slots, which the heap graph has no numbers for."));

    /// <summary>A heap used after its disposal.</summary>
    public static ObjectDisposedException Disposed() => new(nameof(Heap), "The heap has been disposed of, and every object in it with it.");

    /// <summary>The heap of an isolated type asked for something else.</summary>
    public static InvalidOperationException Isolated(string name) =>
        new($"The heap '{name}' is that of an isolated type, for as long as the process lives: only the type's own stubs allocate and free there. It can be read: statistics, leak reports, walks.");

    /// <summary>A type that no slot can hold.</summary>
    public static NotSupportedException CannotBeIsolated(string typeName, nuint size, nuint alignment) => new(Invariant(
        $"The struct {typeName} of {size:N0} bytes, aligned to {alignment:N0}, cannot be isolated: it needs pages of its own, and those go to others when it is freed. Make it no larger than {SizeClass.MaxSmallSize:N0} bytes, or leave Isolated out."));

    /// <summary>Too many heaps.</summary>
    public static InvalidOperationException TooManyHeaps() =>
        new(Invariant($"There are {Central.HeapIndexes.MaxHeaps:N0} heaps already, which is the limit. Dispose of some."));

    private static string BudgetSetting => Settings.EnvironmentNameOf(ArenaLayout.BytesSetting);

    /// <summary>A heap in a sentence.</summary>
    public static string Named(Heap heap) => heap.Name == null ? "the heap" : $"the heap '{heap.Name}'";

    private static string Totals(PageHeap* pages)
    {
        PageHeapTotals totals = pages->GetTotals();
        return Invariant($"NativeHeap has reserved {totals.Reserved:N0} bytes and mapped {totals.Mapped:N0}, of which {totals.Free + totals.Returned:N0} are free");
    }
}
