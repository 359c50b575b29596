// NH1017. An owner that is a struct notes in itself that it has nothing to free any more. Where it cannot be changed, C# calls such a member on a copy, without a word: the object is freed or handed on, and
// the owner goes on owning it, so that the next who disposes of it frees it a second time.
//
//     reported  <=>  the member is not readonly, and takes the receiver's object ([TakesOwnership]) or hands it out ([return: Owned])
//               and  the receiver is readonly: an `in` or `ref readonly` parameter or local, a readonly field outside of the constructor, a field of such, or of `this` in a readonly member
//
// Owners that are readonly structs (boxes, message buffers, collections) keep that note behind a pointer, and are not concerned.

using System.Collections.Immutable;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace NativeHeap.Analyzers.Ownership;

/// <summary>NH1017: an owner that cannot be changed is disposed of or emptied, by a copy.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class OwnerDisposedByCopyAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptors.OwnerDisposedByCopy];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            if (Contracts.Of(start.Compilation) is { } contracts)
            {
                start.RegisterOperationAction(c => Examine(c, contracts), OperationKind.Invocation);
            }
        });
    }

    private static void Examine(OperationAnalysisContext context, Contracts contracts)
    {
        var call = (IInvocationOperation)context.Operation;
        IMethodSymbol method = call.TargetMethod;
        bool changesReceiver = call.Instance is not null && !method.IsReadOnly && method.ContainingType is { TypeKind: TypeKind.Struct, IsReadOnly: false };
        if (changesReceiver && contracts.Of(method) is { } contract && (contract.TakesThis || contract.ReturnsOwned) && IsReadOnly(call.Instance!, context.ContainingSymbol))
        {
            context.ReportDiagnostic(Diagnostic.Create(Descriptors.OwnerDisposedByCopy, call.Instance!.Syntax.GetLocation(), call.Instance.Syntax.ToString(), method.Name));
        }
    }

    // As the compiler judges it, where it makes a copy.
    private static bool IsReadOnly(IOperation place, ISymbol within) => place switch
    {
        IParameterReferenceOperation { Parameter.RefKind: RefKind.In or RefKind.RefReadOnlyParameter } => true,
        ILocalReferenceOperation { Local.RefKind: RefKind.RefReadOnly } => true,
        IPropertyReferenceOperation { Property.RefKind: RefKind.RefReadOnly } => true,
        IInvocationOperation { TargetMethod.RefKind: RefKind.RefReadOnly } => true,
        IInstanceReferenceOperation { Type.IsValueType: true } => within is IMethodSymbol { IsReadOnly: true } or { ContainingType: { IsValueType: true, IsReadOnly: true } },
        IFieldReferenceOperation { Field: { RefKind: RefKind.RefReadOnly } } => true,
        IFieldReferenceOperation { Field: { RefKind: RefKind.None } field } reference
            => (field.IsReadOnly && !IsBeingMade(field, within)) || (field.ContainingType.IsValueType && reference.Instance is { } whole && IsReadOnly(whole, within)),
        _ => false,
    };

    private static bool IsBeingMade(IFieldSymbol field, ISymbol within)
        => within is IMethodSymbol { MethodKind: MethodKind.Constructor or MethodKind.StaticConstructor } or IMethodSymbol { IsInitOnly: true }
            && SymbolEqualityComparer.Default.Equals(within.ContainingType.OriginalDefinition, field.ContainingType.OriginalDefinition);
}
