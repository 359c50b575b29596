// The fields that make up an object, and where a reader of the source finds them: the compiler's own field behind an auto-property
// stands where the property does.

using System.Collections.Generic;

using Microsoft.CodeAnalysis;

namespace NativeHeap.Analyzers.Declaration;

internal static class InstanceFields
{
    public static IEnumerable<IFieldSymbol> Of(INamedTypeSymbol type)
    {
        foreach (ISymbol member in type.GetMembers())
        {
            if (member is IFieldSymbol { IsStatic: false, IsConst: false } field)
            {
                yield return field;
            }
        }
    }

    /// <summary>Where the field stands in this compilation's source; null for a field of another assembly.</summary>
    public static Location? LocationOf(IFieldSymbol field, Compilation compilation)
    {
        foreach (Location location in (field.AssociatedSymbol ?? field).Locations)
        {
            // In an editor a referenced project is source as well, but diagnostics may name trees of their own compilation only.
            if (location.SourceTree is { } tree && compilation.ContainsSyntaxTree(tree))
            {
                return location;
            }
        }

        return null;
    }
}
