// Who still points into a block: the answer to "why does this pointer dangle", for a block that is freed, and to "who has this", for one that is not.
//
//     References = the words in live memory (PointerScan.cs) whose value is in [Address, Address + Bytes), but for those in the block itself; blocks first, in the order of their addresses

using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Text;

using NativeHeap.Diagnostics;
using NativeHeap.Heaps;
using NativeHeap.Pages;

using static System.FormattableString;

namespace NativeHeap;

/// <summary>Who points into a block: <c>Heap.FindReferences</c>. Values of one moment.</summary>
public sealed unsafe class ReferenceReport
{
    private const int MostNamed = 4;

    internal ReferenceReport(byte* block, nuint bytes)
    {
        Address = (nint)block;
        Bytes = bytes;
        List<HeapReference> references = [];
        if (HeapProcess.IsStarted)
        {
            ReferenceSink sink = new(references, block, bytes);
            PointerScan<ReferenceSink>.Run((nuint)block, bytes, ref sink);
        }

        References = references;
    }

    /// <summary>The first byte of the block.</summary>
    public nint Address { get; }

    /// <summary>How many bytes from there on were looked for.</summary>
    public nuint Bytes { get; }

    /// <summary>The pointers into it.</summary>
    public IReadOnlyList<HeapReference> References { get; }

    /// <summary>The report as lines of text: one for the block, and one for each pointer.</summary>
    public override string ToString()
    {
        string block = Invariant($"the {Bytes:N0} {(Bytes == 1 ? "byte" : "bytes")} at 0x{Address:x}");
        if (References.Count == 0)
        {
            return $"No live object points into {block}.";
        }

        StringBuilder text = new(Invariant($"{References.Count:N0} {(References.Count == 1 ? "pointer" : "pointers")} into {block}:"));
        foreach (HeapReference reference in References)
        {
            _ = text.AppendLine().Append("  ").Append(reference);
            if (reference.Target != Address)
            {
                _ = text.Append(Invariant($", to byte {reference.Target - Address:N0}"));
            }
        }

        return text.ToString();
    }

    /// <summary>Leaves the door for reports of misuse (Heaps/Corruption.cs), which are made on a lower floor.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255:The 'ModuleInitializer' attribute should not be used in libraries", Justification = "The lower floor cannot name this one; it costs a store.")]
    internal static void ServeCorruption() => Corruption.References = &SayWhoPointsTo;

    /// <summary>Looks for what points into the block that an address is, or was, part of.</summary>
    /// <param name="block">The address.</param>
    internal static ReferenceReport Of(byte* block)
    {
        PageSpan* span = HeapProcess.IsStarted ? HeapProcess.Pages->Map.SpanOf(block) : null;
        if (span == null || !span->Contains(block))
        {
            return new(block, 1);
        }

        if (span->State == SpanState.Large)
        {
            return new(span->Base, span->UsableBytes);
        }

        int slot = span->SlotOf(block);
        return slot < span->SlotCount ? new(span->Base + ((nuint)(uint)slot * (uint)span->SlotSize), (uint)span->SlotSize) : new(block, 1);
    }

    // One line, whatever there is: it becomes part of a message.
    private static string SayWhoPointsTo(byte* block)
    {
        IReadOnlyList<HeapReference> references = Of(block).References;
        int more = references.Count - MostNamed;
        return references.Count == 0 ? " No live object points to it: look in local variables, and in fields of classes."
            : Invariant($" It is still pointed to by {string.Join("; ", references.Take(MostNamed))}{(more > 0 ? Invariant($"; and {more:N0} more") : "")}.");
    }

    private readonly struct ReferenceSink(List<HeapReference> references, byte* block, nuint bytes) : IPointerSink
    {
        public void Add(in Holder holder, nuint offset, nuint value)
        {
            if ((nuint)(holder.Start - block) >= bytes)
            {
                references.Add(new HeapReference
                {
                    Holder = (nint)holder.Start,
                    Offset = offset,
                    Target = (nint)value,
                    Kind = KindOf(holder),
                    HeapName = holder.Set == null ? null : Heap.Of(holder.Set)?.Name,
                });
            }
        }

        private static string KindOf(in Holder holder) => holder.Kind switch
        {
            HolderKind.Block => BlockKind.OfOne(holder.Span->ObjectClass, OriginOf(holder.Span, holder.Start)),
            HolderKind.TableElement => "An element of a table",
            HolderKind.PoolElement => "An element of a pool",
            HolderKind.MovableMemory => "A compacting allocator's memory",
            HolderKind.Collection => "A collection",
            _ => "A root",
        };

        private static uint OriginOf(PageSpan* span, byte* start)
        {
            int slot = span->SlotOf(start);
            return span->IsMarked && slot < span->MarkCount ? SlotMarks.OriginOf(span, slot) : 0;
        }
    }
}

/// <summary>A pointer into a block: a row of a <see cref="ReferenceReport"/>.</summary>
public readonly record struct HeapReference
{
    /// <summary>The first byte of what holds the pointer: a block, an element of a table or a pool, or a root.</summary>
    public nint Holder { get; init; }

    /// <summary>Where the pointer is in it, in bytes.</summary>
    public nuint Offset { get; init; }

    /// <summary>The pointer.</summary>
    public nint Target { get; init; }

    /// <summary>What holds it: of a block its type and where it was allocated, or its size class.</summary>
    public string Kind { get; init; }

    /// <summary>The name of the heap of what holds it; null if that has none, or for a root.</summary>
    public string? HeapName { get; init; }

    /// <summary>The row as a line of text.</summary>
    public override string ToString() => Invariant($"{Kind} at 0x{Holder:x}{(HeapName == null ? "" : $" of the heap '{HeapName}'")}, {Offset:N0} bytes in");
}
