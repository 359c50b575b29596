// The rules that follow objects along the paths of a method, which one flow analysis answers together. A method that calls nothing annotated costs one walk over its
// operations; only where something is handed out or taken does the compiler build a control-flow graph. Lambdas and local
// functions have graphs of their own, and what they share with the method around them is followed in neither.

using System.Collections.Immutable;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace NativeHeap.Analyzers.Ownership;

/// <summary>NH1001 to NH1013, NH1019 to NH1021 and NH1024: what is done to objects along the paths of a method.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class OwnershipAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
    [
        Descriptors.FreedTwice, Descriptors.MayBeFreedTwice, Descriptors.UsedAfterFree, Descriptors.MayBeUsedAfterFree, Descriptors.NeverFreed,
        Descriptors.NotFreedOnEveryPath, Descriptors.ResultDiscarded, Descriptors.LastReferenceLost, Descriptors.InteriorFreed, Descriptors.StackFreed,
        Descriptors.FreedReturned, Descriptors.ForeignFreed, Descriptors.FreedAsAnother, Descriptors.WrongHeap, Descriptors.DisposedTwice,
        Descriptors.ReferenceInvalidated, Descriptors.ReferenceMayBeInvalidated,
    ];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            if (Contracts.Of(start.Compilation) is { } contracts)
            {
                start.RegisterOperationBlockAction(c => Examine(c, contracts));
            }
        });
    }

    private static void Examine(OperationBlockAnalysisContext context, Contracts contracts)
    {
        foreach (IOperation block in context.OperationBlocks)
        {
            // The statements at the top level of a program come as a whole method.
            if (block is IBlockOperation or IMethodBodyOperation && IsWorthIt(block, contracts))
            {
                Analyze(context, contracts, context.GetControlFlowGraph(block), context.OwningSymbol);
            }
        }
    }

    private static bool IsWorthIt(IOperation body, Contracts contracts)
    {
        (bool lends, bool ends) = (false, false);
        return Visit(body);

        bool Visit(IOperation operation)
        {
            switch (operation)
            {
                case IInvocationOperation call:
                    Note(contracts.Of(call.TargetMethod), out bool transfers);
                    if (transfers)
                    {
                        return true;
                    }

                    break;
                case IObjectCreationOperation { Constructor: { } constructor } when contracts.Of(constructor).Transfers:
                    return true;
                case IPropertyReferenceOperation { Property: var property }:
                    NoteAccessor(property.GetMethod);
                    NoteAccessor(property.SetMethod);
                    break;
                case IImplicitIndexerReferenceOperation { IndexerSymbol: var indexer }:
                    NoteAccessor(indexer as IMethodSymbol ?? (indexer as IPropertySymbol)?.GetMethod);
                    break;
                case IUsingOperation { Resources.Type: { } resource }:
                    NoteMember(resource, "Dispose");
                    break;
                case IVariableDeclaratorOperation { Symbol: { IsUsing: true, Type: var resource } }:
                    NoteMember(resource, "Dispose");
                    break;
                case IForEachLoopOperation { Collection: var collection }:
                    NoteMember((collection is IConversionOperation conversion ? conversion.Operand : collection).Type, "GetEnumerator");
                    break;
                default:
                    break;
            }

            if (lends && ends)
            {
                return true;
            }

            foreach (IOperation child in operation.ChildOperations)
            {
                if (Visit(child))
                {
                    return true;
                }
            }

            return false;
        }

        // What the compiler will call, and what is no operation yet.
        void NoteMember(ITypeSymbol? type, string name)
        {
            foreach (ISymbol member in type?.GetMembers(name) ?? [])
            {
                NoteAccessor(member as IMethodSymbol);
            }
        }

        void NoteAccessor(IMethodSymbol? accessor)
        {
            if (accessor is not null)
            {
                Note(contracts.Of(accessor), out _);
            }
        }

        void Note(Contract contract, out bool transfers)
        {
            transfers = contract.Transfers;
            lends |= contract.ReturnsLent || contract.Has(Duty.Lent);
            ends |= contract.Invalidates;
        }
    }

    private static void Analyze(OperationBlockAnalysisContext context, Contracts contracts, ControlFlowGraph graph, ISymbol function)
    {
        Survey survey = new(graph, function, contracts);
        new OwnershipFlow(graph, survey, contracts, context.Compilation, context.ReportDiagnostic, context.CancellationToken).Run();
        foreach (IFlowAnonymousFunctionOperation lambda in survey.Lambdas)
        {
            Analyze(context, contracts, graph.GetAnonymousFunctionControlFlowGraph(lambda, context.CancellationToken), lambda.Symbol);
        }

        foreach (IMethodSymbol local in graph.LocalFunctions)
        {
            Analyze(context, contracts, graph.GetLocalFunctionControlFlowGraph(local, context.CancellationToken), local);
        }
    }
}
