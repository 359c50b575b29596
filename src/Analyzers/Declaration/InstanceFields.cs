// The fields that make up an object, as a reader of the source knows them. The compiler's own fields (behind an auto-property, or
// for a captured parameter of a primary constructor) go by the name and the place of what they stand for.

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

    public static string NameOf(IFieldSymbol field)
    {
        if (field.AssociatedSymbol is { } associated)
        {
            return associated.Name;
        }

        // A captured parameter p lives in a field named <p>P.
        int end = field.Name.IndexOf('>');
        return field.Name.Length > 0 && field.Name[0] == '<' && end > 1 ? field.Name.Substring(1, end - 1) : field.Name;
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
