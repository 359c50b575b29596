// NH1022. The using declaration disposes the variable, whatever was copied out of it: the copy then owns freed memory, and whoever
// disposes the copy frees it a second time. C# has no move, so an ordinary owner is handed on by copying it and forgetting the
// original (`var o = Order.Rent(); return o;`), which is right; what `using` rules out is the forgetting.
//
// Every mention of a using local is looked at, and its value followed outward through what passes it on unchanged (?:, switch
// expressions, identity conversions) to the place where it ends:
//
//     a return, another variable, a field, an argument by value, a second using      a copy: reported
//     o.Anything, ref and in, a discard, a pattern, nameof                           no copy
//     an argument to a [Borrowed] parameter                                          the callee promises to keep nothing
//     after o.Move(), o.Detach() or o.Dispose() in a statement before                the owner is empty: nothing to free twice

using System.Collections.Immutable;
using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace NativeHeap.Analyzers.Usage;

/// <summary>NH1022: an owner that a using declaration disposes is returned or copied.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class OwnerCopiedAnalyzer : UsageAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptors.OwnerCopied];

    private protected override void Register(CompilationStartAnalysisContext context, KnownSymbols symbols)
        => context.RegisterOperationAction(c => Examine(c, symbols), OperationKind.LocalReference);

    private static void Examine(OperationAnalysisContext context, KnownSymbols symbols)
    {
        var owner = (ILocalReferenceOperation)context.Operation;
        if (owner.Local.IsUsing && symbols.IsOwner(owner.Local.Type) && CopyMade(owner, symbols) is { } fate && !IsEmpty(owner))
        {
            context.ReportDiagnostic(Diagnostic.Create(Descriptors.OwnerCopied, owner.Syntax.GetLocation(), owner.Local.Name, fate));
        }
    }

    private static string? CopyMade(IOperation value, KnownSymbols symbols)
    {
        while (value.Parent is { } parent && !Surroundings.IsTakenByRef(value))
        {
            switch (parent)
            {
                case IConversionOperation { OperatorMethod: null }:
                case IConditionalOperation conditional when conditional.Condition != value:
                case ISwitchExpressionArmOperation arm when arm.Value == value:
                case ISwitchExpressionOperation choice when choice.Value != value:
                    value = parent;
                    continue;
                case IReturnOperation:
                    return "returned";
                case IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator }:
                    return $"assigned to '{declarator.Symbol.Name}'";
                case ISimpleAssignmentOperation { Target: not IDiscardOperation, IsRef: false } assignment when assignment.Value == value:
                    return $"assigned to '{assignment.Target.Syntax}'";
                case IArgumentOperation { Parameter: { RefKind: RefKind.None } parameter } when !symbols.IsBorrowed(parameter):
                    return $"passed by value to '{parameter.ContainingSymbol.Name}'";
                case IUsingOperation used when used.Resources == value:
                    return "disposed by a second using";
                default:
                    return null;
            }
        }

        return null;
    }

    private static bool IsEmpty(ILocalReferenceOperation owner)
        => Surroundings.StatementsBefore(owner)
            .Where(static s => s is IExpressionStatementOperation or IVariableDeclarationGroupOperation or IUsingDeclarationOperation)
            .SelectMany(s => Surroundings.ReferencesTo(owner.Local, s))
            .Any(static r => Surroundings.CalledOn(r) is "Move" or "Detach" or "Dispose");
}
