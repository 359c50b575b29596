// Reads contracts off methods, and remembers them for the time of one compilation: nearly all calls are of methods met before, and cost a
// look-up. Shared by the threads that analyse.

using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace NativeHeap.Analyzers.Ownership;

internal sealed class Contracts
{
    private readonly ConcurrentDictionary<IMethodSymbol, Contract> _read = new(SymbolEqualityComparer.Default);
    private readonly INamedTypeSymbol _owned;
    private readonly INamedTypeSymbol? _ownedBy;
    private readonly INamedTypeSymbol? _taken;
    private readonly INamedTypeSymbol? _lent;
    private readonly INamedTypeSymbol? _invalidates;

    private Contracts(Compilation compilation, INamedTypeSymbol owned)
    {
        _owned = owned;
        _ownedBy = compilation.GetTypeByMetadataName("NativeHeap.OwnedByAttribute");
        _taken = compilation.GetTypeByMetadataName("NativeHeap.TakesOwnershipAttribute");
        _lent = compilation.GetTypeByMetadataName("NativeHeap.BorrowedAttribute");
        _invalidates = compilation.GetTypeByMetadataName("NativeHeap.InvalidatesReferencesAttribute");
        Heap = compilation.GetTypeByMetadataName("NativeHeap.Heap");
        Pointer = compilation.GetTypeByMetadataName("NativeHeap.NativePointer`1");
    }

    public INamedTypeSymbol? Heap { get; }

    public INamedTypeSymbol? Pointer { get; }

    /// <summary>Null where NativeHeap is not referenced.</summary>
    public static Contracts? Of(Compilation compilation)
        => compilation.GetTypeByMetadataName("NativeHeap.OwnedAttribute") is { } owned ? new Contracts(compilation, owned) : null;

    public Contract Of(IMethodSymbol method)
    {
        IMethodSymbol definition = (method.ReducedFrom ?? method).OriginalDefinition;
        return _read.TryGetValue(definition, out Contract? contract) ? contract : _read.GetOrAdd(definition, Read(definition));
    }

    /// <summary>The contract of a call that may end something: of a call of <c>IDisposable.Dispose</c>, that of the implementation, if the type says which it is.</summary>
    public Contract OfEnding(IInvocationOperation call)
    {
        Contract contract = Of(call.TargetMethod);
        if (call is not { TargetMethod: { Name: "Dispose", Parameters.IsEmpty: true } method, Instance: { } instance } || contract.TakesThis || contract.Invalidates)
        {
            return contract;
        }

        return Conversions.StripBuiltIn(instance).Type?.FindImplementationForInterfaceMember(method) is IMethodSymbol implementation ? Of(implementation) : Contract.None;
    }

    public bool IsHeap(ITypeSymbol? type) => type is not null && SymbolEqualityComparer.Default.Equals(type, Heap);

    /// <summary>Whether a type is <c>NativePointer</c>: a pointer under another name.</summary>
    public bool IsPointer(ITypeSymbol? type) => type is not null && SymbolEqualityComparer.Default.Equals(type.OriginalDefinition, Pointer);

    public bool IsOfRuntime(ISymbol symbol) => SymbolEqualityComparer.Default.Equals(symbol.ContainingAssembly, _owned.ContainingAssembly);

    public bool IsOwned(ImmutableArray<AttributeData> attributes) => Find(attributes, _owned) is not null;

    public bool IsTaken(ImmutableArray<AttributeData> attributes) => Find(attributes, _taken) is not null;

    public bool IsLent(ImmutableArray<AttributeData> attributes) => Find(attributes, _lent) is not null;

    private Contract Read(IMethodSymbol method)
    {
        if (ForeignContract(method) is { } foreign)
        {
            return foreign;
        }

        ImmutableArray<AttributeData> returns = method.GetReturnTypeAttributes();
        ImmutableArray<AttributeData> own = method.GetAttributes();
        string? heap = HeapNamed(returns);
        Duty[] duties = new Duty[method.Parameters.Length];
        Invalidation[] invalidations = [];
        foreach (IParameterSymbol parameter in method.Parameters)
        {
            ImmutableArray<AttributeData> attributes = parameter.GetAttributes();
            duties[parameter.Ordinal] = DutyOf(method, parameter, attributes);
            heap ??= HeapNamed(attributes);
            if (InvalidationOf(attributes) is var invalidation && invalidation != Invalidation.None)
            {
                invalidations = invalidations.Length == 0 ? new Invalidation[method.Parameters.Length] : invalidations;
                invalidations[parameter.Ordinal] = invalidation;
            }
        }

        bool isOfRuntime = IsOfRuntime(method) || own.Any(static a => a.AttributeClass?.Name == "GeneratedCodeAttribute"
            && a.ConstructorArguments is [{ Value: "NativeHeap.Generators" }, ..]);
        Contract contract = new(duties)
        {
            Family = isOfRuntime ? AllocatorFamily.NativeHeap : AllocatorFamily.Unknown,
            ReturnsOwned = IsOwned(returns),
            ReturnsLent = IsLent(returns),
            TakesThis = !method.IsStatic && IsTaken(own),
            NeverReturns = own.Any(static a => a.AttributeClass?.Name == "DoesNotReturnAttribute"),
            OwningHeap = heap,
            Invalidation = method.IsStatic ? Invalidation.None : InvalidationOf(own),
            Invalidations = invalidations,
            Since = NamedArgument(Find(own, _invalidates), "Since") as string,
        };
        bool saysNothing = !contract.Transfers && !contract.Invalidates && !contract.ReturnsLent && !contract.NeverReturns && !contract.Has(Duty.Lent);
        return saysNothing ? Contract.None : contract;
    }

    private Duty DutyOf(IMethodSymbol method, IParameterSymbol parameter, ImmutableArray<AttributeData> attributes)
    {
        if (IsTaken(attributes))
        {
            return Duty.Taken;
        }

        if (parameter.RefKind == RefKind.Out)
        {
            return IsOwned(attributes) ? Duty.Given : IsLent(attributes) ? Duty.Lent : Duty.Unsaid;
        }

        return IsLent(attributes) || KeepsNothing(method) ? Duty.Lent : Duty.Unsaid;
    }

    private Invalidation InvalidationOf(ImmutableArray<AttributeData> attributes)
        => Find(attributes, _invalidates) is not { } invalidates ? Invalidation.None
            : NamedArgument(invalidates, "Always") is false ? Invalidation.Possible : Invalidation.Certain;

    private static object? NamedArgument(AttributeData? attribute, string name)
    {
        foreach (KeyValuePair<string, TypedConstant> argument in attribute?.NamedArguments ?? [])
        {
            if (argument.Key == name && argument.Value.Kind == TypedConstantKind.Primitive)
            {
                return argument.Value.Value;
            }
        }

        return null;
    }

    private string? HeapNamed(ImmutableArray<AttributeData> attributes)
        => Find(attributes, _ownedBy)?.ConstructorArguments is [{ Value: string name }] ? name : null;

    private static AttributeData? Find(ImmutableArray<AttributeData> attributes, INamedTypeSymbol? type)
    {
        foreach (AttributeData attribute in attributes)
        {
            if (type is not null && SymbolEqualityComparer.Default.Equals(attribute.AttributeClass, type))
            {
                return attribute;
            }
        }

        return null;
    }

    private static Contract? ForeignContract(IMethodSymbol method)
    {
        bool isForeign = method.ContainingType is { Name: "NativeMemory" or "Marshal", ContainingNamespace: { Name: "InteropServices", ContainingNamespace.Name: "Runtime" } };
        if (!isForeign)
        {
            return null;
        }

        bool resizes = method.Name is "Realloc" or "AlignedRealloc" or "ReAllocHGlobal" or "ReAllocCoTaskMem";
        bool frees = resizes || method.Name is "Free" or "AlignedFree" or "FreeHGlobal" or "FreeCoTaskMem";
        bool allocates = resizes || method.Name is "Alloc" or "AllocZeroed" or "AlignedAlloc" or "AllocHGlobal" or "AllocCoTaskMem";
        return frees || allocates
            ? new Contract(frees ? [Duty.Taken] : []) { Family = AllocatorFamily.Foreign, ReturnsOwned = allocates }
            : null;
    }

    // Functions of the framework that write or read through an address and are done with it when they return.
    private static bool KeepsNothing(IMethodSymbol method) => method.ContainingType switch
    {
        { Name: "NativeMemory", ContainingNamespace.Name: "InteropServices" } => true,
        { Name: "Buffer", ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true } } => true,
        { Name: "Unsafe", ContainingNamespace.Name: "CompilerServices" } => method.ReturnsVoid || method.Name is "Read" or "ReadUnaligned",
        { } type => method.MethodKind == MethodKind.Constructor && KnownSymbols.IsSpan(type),
        _ => false,
    };
}
