// The uses of a pointer, written as those of an owner.

using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace NativeHeap.CodeFixes.Ownership;

internal static class PointerUse
{
    /// <summary>Notes the change that a use needs; false if there is none that means the same.</summary>
    public static bool Rewrite(Use use, Holder holder, Ending ending, StatementEdits edits, SemanticModel model)
    {
        string owner = use.Name.Identifier.Text;
        switch (use.Kind)
        {
            case UseKind.Named:
                return true;
            case UseKind.Read when !use.IsCast && use.At is MemberAccessExpressionSyntax { RawKind: (int)SyntaxKind.PointerMemberAccessExpression }:
                edits.Replace(use.At, n => Text($"{owner}.Value.{((MemberAccessExpressionSyntax)n).Name}", n));
                return true;
            case UseKind.Read when !use.IsCast && use.At is PrefixUnaryExpressionSyntax:
                SyntaxNode object_ = use.At.Parent is ParenthesizedExpressionSyntax inParentheses ? inParentheses : use.At;
                edits.Replace(object_, n => Text(owner + ".Value", n));
                return true;
            case UseKind.Read when !use.IsCast && use.At is ElementAccessExpressionSyntax { ArgumentList.Arguments: [{ Expression: LiteralExpressionSyntax { Token.Value: 0 } }] }:
                edits.Replace(use.At, n => Text(owner + ".Value", n));
                return true;
            case UseKind.Tested:
                bool isNot = use.At.IsKind(SyntaxKind.NotEqualsExpression) || use.At is IsPatternExpressionSyntax { Pattern: UnaryPatternSyntax };
                edits.Replace(use.At, n => Text((isNot ? "!" : string.Empty) + owner + ".IsNull", n));
                return true;
            case UseKind.Read or UseKind.Lent or UseKind.Compared:
                edits.Replace(use.Name, n => Text(owner + ".DangerousGetPointer()", n));
                return true;
            case UseKind.Assigned:
                // The null after a free, which goes with it.
                return PrecedingStatement(use.Statement) is { } before && IsNull(use.At) && Frees(before, holder, ending, model) && Removed(use.Statement!, edits);
            case UseKind.Taken when use.Statement is { } statement && Frees(statement, holder, ending, model):
                if (holder.EndsAfter(statement))
                {
                    edits.Remove(statement);
                }
                else
                {
                    edits.Replace(use.At, n => Text(owner + ".Dispose()", n));
                }

                return true;
            case UseKind.Taken:
                edits.Replace(use.Name, n => Text(owner + ".Detach()", n));
                return true;
            default:
                return false;
        }
    }

    /// <summary>Whether a statement is the call that frees the object of a local, passed by name.</summary>
    public static bool Frees(StatementSyntax statement, Holder holder, Ending ending, SemanticModel model)
        => statement is ExpressionStatementSyntax { Expression: InvocationExpressionSyntax call }
            && call.DescendantNodes().OfType<IdentifierNameSyntax>().Any(n => n.Identifier.ValueText == holder.Local.Name)
            && model.GetOperation(call) is IInvocationOperation operation && ending.IsMadeBy(operation);

    /// <summary>Whether an assignment is of null.</summary>
    public static bool IsNull(SyntaxNode assignment)
        => assignment is AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SimpleAssignmentExpression, Right: LiteralExpressionSyntax literal }
            && (literal.IsKind(SyntaxKind.NullLiteralExpression) || literal.IsKind(SyntaxKind.DefaultLiteralExpression));

    public static StatementSyntax? PrecedingStatement(StatementSyntax? statement)
        => statement is null ? null : StatementEdits.ListOf(statement).TakeWhile(s => s != statement).LastOrDefault();

    private static bool Removed(StatementSyntax statement, StatementEdits edits)
    {
        edits.Remove(statement);
        return true;
    }

    private static ExpressionSyntax Text(string text, SyntaxNode old) => SyntaxFactory.ParseExpression(text).WithTriviaFrom(old);
}
