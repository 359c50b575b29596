// The types of the runtime that the rules speak of, looked up once a compilation. A compilation that does not reference NativeHeap
// has none of them, and then no analyzer registers anything: the rules cost such a project nothing.

using Microsoft.CodeAnalysis;

using NativeHeap.CodeAnalysis;

namespace NativeHeap.Analyzers;

internal sealed class KnownSymbols
{
    private readonly INamedTypeSymbol _owner;
    private readonly INamedTypeSymbol? _pointer;
    private readonly INamedTypeSymbol? _borrowed;

    private KnownSymbols(Compilation compilation, INamedTypeSymbol owner)
    {
        _owner = owner;
        _pointer = compilation.GetTypeByMetadataName("NativeHeap.NativePointer`1");
        _borrowed = compilation.GetTypeByMetadataName("NativeHeap.BorrowedAttribute");
    }

    /// <summary>The attribute that asks for stubs; null where NativeHeap is not referenced.</summary>
    public static INamedTypeSymbol? AllocatedAttribute(Compilation compilation)
        => compilation.GetTypeByMetadataName(AllocatedTypeValidation.AttributeName);

    /// <summary>What the rules of usage need; null where NativeHeap is not referenced.</summary>
    public static KnownSymbols? Of(Compilation compilation)
        => compilation.GetTypeByMetadataName("NativeHeap.NativeOwner`1") is { } owner ? new KnownSymbols(compilation, owner) : null;

    public bool IsOwner(ITypeSymbol? type) => type is not null && SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, _owner);

    /// <summary>Whether a type is made to hold the address of an object. Integers can, too, but mostly to be printed or compared.</summary>
    public bool HoldsAddress(ITypeSymbol? type) => type switch
    {
        IPointerTypeSymbol => true,
        INamedTypeSymbol named => IsSpan(named) || SymbolEqualityComparer.Default.Equals(named.OriginalDefinition, _pointer),
        _ => false,
    };

    /// <summary>Whether a type is <c>Span</c> or <c>ReadOnlySpan</c>.</summary>
    public static bool IsSpan(ITypeSymbol? type) => type is
    {
        IsRefLikeType: true,
        Name: "Span" or "ReadOnlySpan",
        ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true },
    };

    /// <summary>Whether a callee promises to only use the argument during the call.</summary>
    public bool IsBorrowed(IParameterSymbol parameter)
    {
        foreach (AttributeData attribute in parameter.OriginalDefinition.GetAttributes())
        {
            if (_borrowed is not null && SymbolEqualityComparer.Default.Equals(attribute.AttributeClass, _borrowed))
            {
                return true;
            }
        }

        return false;
    }
}
