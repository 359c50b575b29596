using System.Linq;
using System.Threading;

using Microsoft.CodeAnalysis;

using NativeHeap.CodeAnalysis;

namespace NativeHeap.Generators.Model;

/// <summary>A struct of this project that gets stubs.</summary>
/// <param name="HintName">The name of its generated file.</param>
/// <param name="DisplayName">Its name as a user writes it, for documentation.</param>
/// <param name="Layout">What is known of its layout.</param>
/// <param name="IsIsolated">Whether its objects are in memory of their own.</param>
/// <param name="Hierarchy">Where it stands.</param>
/// <param name="DeclaredByUser">The stubs to leave out.</param>
/// <param name="Hook">The user's part of OnFreeing; null if there is none.</param>
internal sealed record OwnTypeModel(
    string HintName,
    string DisplayName,
    LayoutClaims Layout,
    bool IsIsolated,
    TypeHierarchy Hierarchy,
    Stubs DeclaredByUser,
    FreeingHookPart? Hook)
    : AllocatedTypeModel(HintName, DisplayName, Hierarchy.FullName, Layout, IsIsolated)
{
    /// <summary>The model of an annotated struct; null if it gets no stubs.</summary>
    public static OwnTypeModel? Create(GeneratorAttributeSyntaxContext context, CancellationToken cancellationToken)
    {
        if (context.TargetSymbol is not INamedTypeSymbol type
            || AllocatedTypeValidation.Validate(type, cancellationToken) is not null
            || !IsFirst(context.TargetNode, context.Attributes[0], type))
        {
            return null;
        }

        int alignment = AllocatedTypeValidation.RequestedAlignment(context.Attributes[0]);
        return new OwnTypeModel(
            HintNameOf(MetadataNameOf(type)),
            type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat),
            LayoutClaims.Of(type, context.SemanticModel.Compilation, alignment),
            AllocatedTypeValidation.IsIsolated(context.Attributes[0]),
            TypeHierarchy.Of(type),
            StubSet.DeclaredByUser(type),
            FreeingHookPart.Of(type));
    }

    // The attribute twice on a struct is NH0014; two files of one name would be an error of ours.
    private static bool IsFirst(SyntaxNode declaration, AttributeData attribute, INamedTypeSymbol type)
    {
        INamedTypeSymbol? attributeType = attribute.AttributeClass;
        AttributeData first = type.GetAttributes().First(a => SymbolEqualityComparer.Default.Equals(a.AttributeClass, attributeType));
        return first.ApplicationSyntaxReference is { } place
            && place.SyntaxTree == declaration.SyntaxTree
            && declaration.Span.Contains(place.Span);
    }

    private static string MetadataNameOf(INamedTypeSymbol type)
        => type.ContainingType is { } outer ? $"{MetadataNameOf(outer)}+{type.MetadataName}"
            : type.ContainingNamespace.IsGlobalNamespace ? type.MetadataName
            : $"{type.ContainingNamespace.ToDisplayString()}.{type.MetadataName}";
}
