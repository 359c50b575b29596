// The layout that the stubs of a struct claim, as numbers.
//
// One assembly runs on every target, so a claim is made for a pointer width, where all targets of that width agree. What no claim is
// made for is computed by the running process: at no cost in optimised code, where the size of a type is a constant. The runtime
// compares each claim with sizeof and with its own table of size classes before it believes it.
//
//     claim.Size <= claim.SlotSize  or  claim.SlotSize == 0 (large: pages of its own)
//     claim.SlotSize mod claim.Alignment == 0
//     an open type parameter in sight  =>  no claim

using System;

using Microsoft.CodeAnalysis;

using NativeHeap.CodeAnalysis;
using NativeHeap.CodeAnalysis.Layout;
using NativeHeap.SizeClasses;

namespace NativeHeap.Generators.Model;

/// <summary>The layout of a struct on all targets of one pointer width. All figures but the span class are in bytes.</summary>
/// <param name="SpanClass">Twice the size class, plus one if the struct is noscan.</param>
/// <param name="SlotSize">The size of that class's slots; 0 for large objects.</param>
/// <param name="Size">The size of the struct.</param>
/// <param name="Alignment">The alignment of its objects: the greater of the natural one and the one asked for.</param>
internal readonly record struct LayoutClaim(int SpanClass, int SlotSize, int Size, int Alignment)
{
    public static LayoutClaim Of(int size, int alignment, bool noScan)
    {
        int sizeClass = SizeClass.ClassOf(size, alignment);
        return new(SizeClass.ToSpanClass(sizeClass, noScan), SizeClass.SlotSize(sizeClass), size, alignment);
    }
}

/// <summary>What is known at compile time of a struct's layout.</summary>
/// <param name="On64Bit">The claim for 64-bit targets; null if they differ or the layout is unknown.</param>
/// <param name="On32Bit">The claim for 32-bit targets; null if they differ or the layout is unknown.</param>
/// <param name="RequestedAlignment">The alignment that the attribute asks for, in bytes; 1 if it asks for none.</param>
/// <param name="NoScan">Whether the struct holds no pointer.</param>
internal sealed record LayoutClaims(LayoutClaim? On64Bit, LayoutClaim? On32Bit, int RequestedAlignment, bool NoScan)
{
    public static LayoutClaims Of(INamedTypeSymbol type, Compilation compilation, int requestedAlignment)
    {
        bool noScan = PointerScan.IsNoScan(type);
        int alignment = requestedAlignment == 0 ? 1 : requestedAlignment;
        return AllocatedTypeValidation.IsOpen(type)
            ? new(null, null, alignment, noScan)
            : new(ClaimOn(TargetLayout.X64, TargetLayout.Arm64), ClaimOn(TargetLayout.X86, TargetLayout.Arm32), alignment, noScan);

        LayoutClaim? ClaimOn(TargetLayout first, TargetLayout second)
            => ClaimOf(first) is { } claim && claim == ClaimOf(second) ? claim : null;

        LayoutClaim? ClaimOf(TargetLayout target)
        {
            TypeLayout layout = new LayoutCalculator(compilation, target).LayoutOf(type);
            return layout.IsKnown ? LayoutClaim.Of(layout.Size, Math.Max(layout.Alignment, alignment), noScan) : null;
        }
    }
}
