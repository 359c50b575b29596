// NH1015. A lambda that a method returns runs when the method has ended, and so after every `using` in it. What such a lambda captures of them is disposed of whenever it runs: a fact that needs no
// paths. The compiler forbids it of ref structs; what can be captured are message buffers, memory owners, collections, arenas, heaps.
//
//     reported  <=>  the lambda is what is returned, by itself or through a local assigned once
//               and  it names a local that a using of the same method disposes of
//               and  the local's Dispose takes or ends something, by its annotations, or what it holds was handed out [Owned]
//
// A lambda that is stored in a field, added to an event or passed on may well be gone when the method ends, or have run: those are not judged.

using System.Collections.Immutable;
using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

using NativeHeap.Analyzers.Usage;

namespace NativeHeap.Analyzers.Ownership;

/// <summary>NH1015: an owner that a using disposes of is captured by a lambda that is returned.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class OwnerCapturedAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptors.OwnerCaptured];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            if (Contracts.Of(start.Compilation) is { } contracts)
            {
                start.RegisterOperationAction(c => Examine(c, contracts), OperationKind.AnonymousFunction);
            }
        });
    }

    private static void Examine(OperationAnalysisContext context, Contracts contracts)
    {
        var lambda = (IAnonymousFunctionOperation)context.Operation;
        if (!IsReturned(lambda))
        {
            return;
        }

        foreach (ILocalReferenceOperation captured in lambda.Body.Descendants().OfType<ILocalReferenceOperation>())
        {
            if (captured.Local.IsUsing && IsDeclaredBeside(captured.Local, lambda) && EndsSomething(captured, contracts))
            {
                context.ReportDiagnostic(Diagnostic.Create(Descriptors.OwnerCaptured, captured.Syntax.GetLocation(), captured.Local.Name));
            }
        }
    }

    private static bool IsReturned(IOperation function)
    {
        IOperation value = Outermost(function);
        return value.Parent switch
        {
            IReturnOperation { Kind: OperationKind.Return } => true,
            IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator } => IsOnlyValueReturned(declarator.Symbol, function),
            _ => false,
        };
    }

    private static bool IsOnlyValueReturned(ILocalSymbol local, IOperation function)
    {
        ILocalReferenceOperation[] references = [.. Surroundings.ReferencesTo(local, Surroundings.BodyOf(function))];
        return references.Any(r => Outermost(r).Parent is IReturnOperation { Kind: OperationKind.Return } && Surroundings.FunctionOf(r) == Surroundings.FunctionOf(function))
            && references.All(static r => r.Parent is not (IAssignmentOperation or IArgumentOperation { Parameter.RefKind: not RefKind.None }));
    }

    private static IOperation Outermost(IOperation value)
    {
        while (value.Parent is IDelegateCreationOperation or IConversionOperation or IParenthesizedOperation)
        {
            value = value.Parent;
        }

        return value;
    }

    // Of the method that returns the lambda, not of the lambda.
    private static bool IsDeclaredBeside(ILocalSymbol local, IAnonymousFunctionOperation lambda)
        => SymbolEqualityComparer.Default.Equals(local.ContainingSymbol, lambda.Symbol.ContainingSymbol);

    private static bool EndsSomething(ILocalReferenceOperation captured, Contracts contracts)
    {
        bool ends = captured.Local.Type.GetMembers("Dispose").OfType<IMethodSymbol>().Any(m => m.Parameters.IsEmpty && contracts.Of(m) is { } contract && (contract.TakesThis || contract.Invalidates));
        return ends || Surroundings.BodyOf(captured).Descendants().OfType<IVariableDeclaratorOperation>().Any(d =>
            SymbolEqualityComparer.Default.Equals(d.Symbol, captured.Local) && d.Initializer is { Value: var value } && Conversions.Strip(value) is IInvocationOperation call && contracts.Of(call.TargetMethod).ReturnsOwned);
    }
}
