// Reads [NativeAllocated] off a type. Attributes of an error type or a duplicate are the compiler's to report: the first one counts.

using Microsoft.CodeAnalysis;

namespace NativeHeap.Analyzers.Declaration;

internal static class Allocated
{
    public static AttributeData? AttributeOf(INamedTypeSymbol type, INamedTypeSymbol attributeClass)
    {
        foreach (AttributeData attribute in type.GetAttributes())
        {
            if (SymbolEqualityComparer.Default.Equals(attribute.AttributeClass, attributeClass))
            {
                return attribute;
            }
        }

        return null;
    }
}
