// What a struct's declaration says of its layout: [StructLayout], [FieldOffset] and [InlineArray].
//
// Source and metadata show this in different ways. In source all three are attributes. In metadata the first two are no
// attributes but flags and table rows, for which Roslyn has no public API (GetAttributes leaves them out, so Pack and Size would silently
// be lost): MetadataLayoutReader reads those.

using System;
using System.Linq;
using System.Runtime.InteropServices;

using Microsoft.CodeAnalysis;

namespace NativeHeap.CodeAnalysis.Layout;

/// <summary>The layout that a struct declares.</summary>
/// <param name="Kind">Sequential, explicit, or automatic.</param>
/// <param name="Pack">The greatest alignment of a field, in bytes; 0 for no limit.</param>
/// <param name="Size">The least size, in bytes; 0 for none.</param>
/// <param name="InlineLength">The number of elements of an inline array; null for any other struct.</param>
internal readonly record struct DeclaredLayout(LayoutKind Kind, int Pack, int Size, int? InlineLength)
{
    private const string CompilerServices = "System.Runtime.CompilerServices";
    private const string InteropServices = "System.Runtime.InteropServices";

    /// <summary>Reads the attributes of a struct declared in source.</summary>
    public static DeclaredLayout FromAttributes(INamedTypeSymbol definition)
    {
        DeclaredLayout layout = new(LayoutKind.Sequential, 0, 0, InlineLengthOf(definition));
        AttributeData? attribute = FindAttribute(definition, InteropServices, "StructLayoutAttribute");
        return attribute is { ConstructorArguments: [{ Value: { } kind }] }
            ? layout with
            {
                Kind = (LayoutKind)Convert.ToInt32(kind, null),
                Pack = NamedInt(attribute, nameof(StructLayoutAttribute.Pack)),
                Size = NamedInt(attribute, nameof(StructLayoutAttribute.Size)),
            }
            : layout;
    }

    /// <summary>The offset that a field declared in source asks for, in bytes; null if it asks for none.</summary>
    public static int? OffsetOf(IFieldSymbol field)
        => SoleInt(FindAttribute(field, InteropServices, "FieldOffsetAttribute"));

    /// <summary>The number of elements that <c>[InlineArray]</c> asks for: a true attribute, in source as in metadata.</summary>
    public static int? InlineLengthOf(INamedTypeSymbol definition)
        => SoleInt(FindAttribute(definition, CompilerServices, "InlineArrayAttribute"));

    private static AttributeData? FindAttribute(ISymbol symbol, string containingNamespace, string name)
        => symbol.GetAttributes().FirstOrDefault(a => a.AttributeClass is { } type
            && type.Name == name
            && type.ContainingNamespace.ToDisplayString() == containingNamespace);

    private static int? SoleInt(AttributeData? attribute) => attribute is { ConstructorArguments: [{ Value: int value }] } ? value : null;

    private static int NamedInt(AttributeData attribute, string name)
        => attribute.NamedArguments.FirstOrDefault(a => a.Key == name).Value.Value is int value ? value : 0;
}
