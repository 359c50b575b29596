// Where an operation stands: in which function, and what has surely happened before it. These are questions about the tree, not about
// paths: the answers are exact where they are yes, and the rules of error severity ask nothing finer.

using System.Collections.Generic;
using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace NativeHeap.Analyzers.Usage;

internal static class Surroundings
{
    /// <summary>The outermost operation around one: the body of the member it stands in.</summary>
    public static IOperation BodyOf(IOperation operation)
    {
        while (operation.Parent is { } parent)
        {
            operation = parent;
        }

        return operation;
    }

    /// <summary>The lambda or local function that an operation stands in; null in the member's own body.</summary>
    public static IOperation? FunctionOf(IOperation operation)
    {
        IOperation? around = operation.Parent;
        while (around is not (null or ILocalFunctionOperation or IAnonymousFunctionOperation))
        {
            around = around.Parent;
        }

        return around;
    }

    /// <summary>The statements that have run when control reaches an operation: those before it in the blocks around it.</summary>
    public static IEnumerable<IOperation> StatementsBefore(IOperation operation)
    {
        IOperation? function = FunctionOf(operation);
        for (IOperation inner = operation; inner.Parent is { } outer && outer != function; inner = outer)
        {
            if (outer is IBlockOperation block)
            {
                foreach (IOperation statement in block.Operations.TakeWhile(s => s != inner))
                {
                    yield return statement;
                }
            }
        }
    }

    /// <summary>All references to a local in a body.</summary>
    public static IEnumerable<ILocalReferenceOperation> ReferencesTo(ILocalSymbol local, IOperation body)
        => body.Descendants().OfType<ILocalReferenceOperation>().Where(r => SymbolEqualityComparer.Default.Equals(r.Local, local));

    /// <summary>The name of the method that is called on a local here; null where the reference is no such receiver.</summary>
    public static string? CalledOn(ILocalReferenceOperation reference)
        => reference.Parent is IInvocationOperation call && call.Instance == reference ? call.TargetMethod.Name : null;

    /// <summary>Whether an expression stands behind the word <c>ref</c>, so that its address is taken and not its value.</summary>
    public static bool IsTakenByRef(IOperation value) => value.Syntax.Parent is RefExpressionSyntax;

    public static bool IsUnsafe(SyntaxNode node)
        => node.AncestorsAndSelf().Any(static n => n switch
        {
            UnsafeStatementSyntax => true,
            MemberDeclarationSyntax member => member.Modifiers.Any(SyntaxKind.UnsafeKeyword),
            LocalFunctionStatementSyntax function => function.Modifiers.Any(SyntaxKind.UnsafeKeyword),
            _ => false,
        });
}
