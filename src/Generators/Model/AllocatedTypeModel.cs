// All that the text of a struct's stubs depends on, by value: two equal models are the same text.

using System.Linq;
using System.Text;
using System.Threading;

using Microsoft.CodeAnalysis;

using NativeHeap.CodeAnalysis;

namespace NativeHeap.Generators.Model;

/// <summary>A struct that gets stubs.</summary>
/// <param name="HintName">The name of its generated file.</param>
/// <param name="DisplayName">Its name as its author writes it, for documentation.</param>
/// <param name="Hierarchy">Where it stands.</param>
/// <param name="Layout">What is known of its layout.</param>
/// <param name="DeclaredByUser">The stubs to leave out.</param>
/// <param name="Hook">The user's part of OnFreeing; null if there is none.</param>
internal sealed record AllocatedTypeModel(
    string HintName,
    string DisplayName,
    TypeHierarchy Hierarchy,
    LayoutClaims Layout,
    Stubs DeclaredByUser,
    FreeingHookPart? Hook)
{
    private const int MaxReadableName = 100;

    /// <summary>The model of an annotated struct; null if it gets no stubs.</summary>
    public static AllocatedTypeModel? Create(GeneratorAttributeSyntaxContext context, CancellationToken cancellationToken)
    {
        if (context.TargetSymbol is not INamedTypeSymbol type
            || AllocatedTypeValidation.Validate(type, cancellationToken) is not null
            || !IsFirst(context.TargetNode, context.Attributes[0], type))
        {
            return null;
        }

        int alignment = AllocatedTypeValidation.RequestedAlignment(context.Attributes[0]);
        return new AllocatedTypeModel(
            HintNameOf(type),
            type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat),
            TypeHierarchy.Of(type),
            LayoutClaims.Of(type, context.SemanticModel.Compilation, alignment),
            StubSet.DeclaredByUser(type),
            FreeingHookPart.Of(type));
    }

    // The attribute on two parts of a struct is an error of the compiler's; two files of one name would be one of ours.
    private static bool IsFirst(SyntaxNode declaration, AttributeData attribute, INamedTypeSymbol type)
    {
        INamedTypeSymbol? attributeType = attribute.AttributeClass;
        AttributeData first = type.GetAttributes().First(a => SymbolEqualityComparer.Default.Equals(a.AttributeClass, attributeType));
        return first.ApplicationSyntaxReference is { } place
            && place.SyntaxTree == declaration.SyntaxTree
            && declaration.Span.Contains(place.Span);
    }

    // Hint names are compared ignoring case, and become names of files: `Order` beside `order`, and names of any length, are told
    // apart by a hash of the exact name (FNV-1a).
    private static string HintNameOf(INamedTypeSymbol type)
    {
        string exact = MetadataNameOf(type);
        uint hash = 2166136261;
        StringBuilder readable = new();
        foreach (char c in exact)
        {
            hash = unchecked((hash ^ c) * 16777619);
            if (readable.Length < MaxReadableName)
            {
                readable.Append(c == '+' ? '.' : char.IsLetterOrDigit(c) || c is '.' or '_' ? c : '-');
            }
        }

        return $"{readable}.{hash:x8}.g.cs";
    }

    private static string MetadataNameOf(INamedTypeSymbol type)
        => type.ContainingType is { } outer ? $"{MetadataNameOf(outer)}+{type.MetadataName}"
            : type.ContainingNamespace.IsGlobalNamespace ? type.MetadataName
            : $"{type.ContainingNamespace.ToDisplayString()}.{type.MetadataName}";
}
