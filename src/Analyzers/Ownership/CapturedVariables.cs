// Variables that several functions of a body share. Which of them runs when is not followed, so such a variable is known only if it keeps the value that it was declared with.

using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

using NativeHeap.Analyzers.Usage;

namespace NativeHeap.Analyzers.Ownership;

internal static class CapturedVariables
{
    /// <summary>Whether no function of the body that an operation stands in assigns a variable after its declaration.</summary>
    public static bool IsNeverReassigned(ISymbol variable, IOperation within)
        => !Surroundings.BodyOf(within).Descendants().Any(o => IsOf(variable, o) && IsWritten(o));

    private static bool IsOf(ISymbol variable, IOperation operation)
        => SymbolEqualityComparer.Default.Equals(variable, (operation as ILocalReferenceOperation)?.Local ?? (ISymbol?)(operation as IParameterReferenceOperation)?.Parameter);

    private static bool IsWritten(IOperation reference) => reference.Parent switch
    {
        IAssignmentOperation assignment => assignment.Target == reference,
        IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out } => true,
        IIncrementOrDecrementOperation or IAddressOfOperation or ITupleOperation => true,
        _ => reference.Syntax.Parent is RefExpressionSyntax,
    };
}
