// NH1013 asks whether an object allocated as one type may be freed as another. It may if both take a slot of the same class: that is all the heap knows
// of an object. Where a layout is not known here, nothing is said.

using System;

using Microsoft.CodeAnalysis;

using NativeHeap.CodeAnalysis;
using NativeHeap.CodeAnalysis.Layout;
using NativeHeap.SizeClasses;

namespace NativeHeap.Analyzers.Ownership;

internal readonly record struct SlotMismatch(string Allocated, string Freed)
{
    public static SlotMismatch? Of(ITypeSymbol allocated, ITypeSymbol? freed, Compilation compilation)
    {
        if (allocated is not IPointerTypeSymbol { PointedAtType: INamedTypeSymbol { IsGenericType: false } from }
            || freed is not IPointerTypeSymbol { PointedAtType: INamedTypeSymbol { IsGenericType: false } to }
            || from.SpecialType == SpecialType.System_Void || to.SpecialType == SpecialType.System_Void
            || SymbolEqualityComparer.Default.Equals(from, to))
        {
            return null;
        }

        LayoutCalculator calculator = new(compilation, TargetLayout.X64);
        TypeLayout first = calculator.LayoutOf(from);
        TypeLayout second = calculator.LayoutOf(to);
        if (!first.IsKnown || !second.IsKnown || ClassOf(from, first, compilation) == ClassOf(to, second, compilation))
        {
            return null;
        }

        return new SlotMismatch($"{from.Name} ({first.Size} bytes)", $"{to.Name} ({second.Size} bytes)");
    }

    private static int ClassOf(INamedTypeSymbol type, TypeLayout layout, Compilation compilation)
    {
        int requested = ForeignTypes.RequestedAlignment(compilation, type);
        foreach (AttributeData attribute in type.GetAttributes())
        {
            if (attribute.AttributeClass?.ToDisplayString() == AllocatedTypeValidation.AttributeName)
            {
                requested = AllocatedTypeValidation.RequestedAlignment(attribute);
            }
        }

        return SizeClass.ClassOf(layout.Size, Math.Max(layout.Alignment, requested));
    }
}
