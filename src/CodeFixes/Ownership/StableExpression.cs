// Whether an expression can be written again at another place of the same member and mean the same: names, and members of names, of variables that are in scope there and
// assigned nowhere but where they are declared.

using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace NativeHeap.CodeFixes.Ownership;

internal static class StableExpression
{
    public static bool IsIn(SyntaxNode expression, int position, SemanticModel model) => expression switch
    {
        ThisExpressionSyntax or BaseExpressionSyntax => true,
        IdentifierNameSyntax name => IsStable(name, position, model),
        MemberAccessExpressionSyntax { RawKind: (int)SyntaxKind.SimpleMemberAccessExpression } access => IsIn(access.Expression, position, model),
        _ => model.GetSymbolInfo(expression).Symbol is ITypeSymbol or INamespaceSymbol,
    };

    /// <summary>Whether a local or parameter is given another value somewhere in the code around a node.</summary>
    public static bool IsAssigned(ISymbol variable, SyntaxNode around, SemanticModel model)
        => around.DescendantNodes().OfType<IdentifierNameSyntax>().Any(n => n.Identifier.ValueText == variable.Name && IsWritten(n)
            && SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(n).Symbol, variable));

    /// <summary>Whether a name stands where its variable is given a value, or where something else may give it one.</summary>
    public static bool IsWritten(IdentifierNameSyntax name) => name.Parent switch
    {
        AssignmentExpressionSyntax assignment => assignment.Left == name,
        ArgumentSyntax { RefKindKeyword.RawKind: (int)SyntaxKind.RefKeyword or (int)SyntaxKind.OutKeyword } => true,
        RefExpressionSyntax => true,
        PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PreIncrementExpression or (int)SyntaxKind.PreDecrementExpression or (int)SyntaxKind.AddressOfExpression } => true,
        PostfixUnaryExpressionSyntax { RawKind: not (int)SyntaxKind.SuppressNullableWarningExpression } => true,
        _ => false,
    };

    private static bool IsStable(IdentifierNameSyntax name, int position, SemanticModel model)
    {
        ISymbol? symbol = model.GetSymbolInfo(name).Symbol;
        if (symbol is not (ILocalSymbol or IParameterSymbol))
        {
            return symbol is not null;
        }

        SyntaxNode member = name.FirstAncestorOrSelf<MemberDeclarationSyntax>() ?? name.SyntaxTree.GetRoot();
        return model.LookupSymbols(position, name: symbol.Name).Contains(symbol, SymbolEqualityComparer.Default) && !IsAssigned(symbol, member, model);
    }
}
