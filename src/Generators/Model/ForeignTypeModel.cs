using System.Collections.Immutable;
using System.Linq;

using Microsoft.CodeAnalysis;

using NativeHeap.CodeAnalysis;

namespace NativeHeap.Generators.Model;

/// <summary>A struct of another assembly that this one asks stubs for.</summary>
/// <param name="HintName">The name of its generated file.</param>
/// <param name="DisplayName">Its name as a user writes it, for documentation.</param>
/// <param name="FullName">Its name from the root of all namespaces on, to be understood anywhere.</param>
/// <param name="Layout">What is known of its layout.</param>
/// <param name="IsIsolated">Whether its objects are in memory of their own.</param>
/// <param name="ClassName">The class of its stubs, in namespace NativeHeap.</param>
internal sealed record ForeignTypeModel(string HintName, string DisplayName, string FullName, LayoutClaims Layout, bool IsIsolated, string ClassName)
    : AllocatedTypeModel(HintName, DisplayName, FullName, Layout, IsIsolated)
{
    /// <summary>The models of all types that the attributes of a file name, without those that get no stubs.</summary>
    public static ImmutableArray<ForeignTypeModel> CreateAll(GeneratorAttributeSyntaxContext context)
    {
        Compilation compilation = context.SemanticModel.Compilation;
        SyntaxTree file = context.TargetNode.SyntaxTree;
        return
        [
            .. ForeignTypes.Of(compilation)
                .Where(request => request.Problem is null && request.Attribute.ApplicationSyntaxReference?.SyntaxTree == file)
                .Select(request => Of(request, (INamedTypeSymbol)request.Type!, compilation)),
        ];
    }

    private static ForeignTypeModel Of(ForeignTypeRequest request, INamedTypeSymbol type, Compilation compilation)
        => new(
            HintNameOf($"{ForeignTypes.Namespace}.{request.ClassName}"),
            type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat),
            type.ToDisplayString(ForeignTypes.FullName),
            LayoutClaims.Of(type, compilation, AllocatedTypeValidation.RequestedAlignment(request.Attribute)),
            AllocatedTypeValidation.IsIsolated(request.Attribute),
            request.ClassName);
}
