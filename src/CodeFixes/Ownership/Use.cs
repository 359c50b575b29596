// What a method does with a variable that holds an object, use by use, as its text shows it. The rules have followed the object's value along the paths; a fix changes text, and has to know
// of each mention of the variable whether it can stand beside the change, be rewritten, or rules the fix out.
//
//     p->X  *p  p[i]  p.Value       Read            p == null  p is null       Tested         p = ...  ref p  p++      Assigned
//     F(p), [Borrowed]              Lent            F(p), [TakesOwnership]     Taken          o.Dispose()  o.Move()    Taken, by a member
//     q = p  p + 1  () => p ...     Other: the object is known by another name, or at another time
//     s = new Span<T>(p, 1)         Other, too; but not in the declaration of a local, which ends with the scope

using System.Collections.Generic;
using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

using NativeHeap.Analyzers.Ownership;

namespace NativeHeap.CodeFixes.Ownership;

internal enum UseKind
{
    Other,
    Named,
    Read,
    Tested,
    Compared,
    Lent,
    Taken,
    Assigned,
}

/// <summary>A mention of a variable.</summary>
/// <param name="Name">The name.</param>
/// <param name="Kind">What is done.</param>
/// <param name="At">The expression that does it.</param>
/// <param name="IsCast">Whether a cast stands between the two.</param>
internal readonly record struct Use(IdentifierNameSyntax Name, UseKind Kind, SyntaxNode At, bool IsCast)
{
    /// <summary>The statement that consists of nothing but this; null if there is more to it.</summary>
    public ExpressionStatementSyntax? Statement => At.Parent as ExpressionStatementSyntax;

    /// <summary>All mentions of a local in the code around its declaration, but for that.</summary>
    public static IEnumerable<Use> Of(ILocalSymbol local, SyntaxNode around, SemanticModel model, Contracts contracts)
        => around.DescendantNodes().OfType<IdentifierNameSyntax>()
            .Where(n => n.Identifier.ValueText == local.Name && SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(n).Symbol, local))
            .Select(n => Of(n, local, model, contracts));

    private static Use Of(IdentifierNameSyntax name, ILocalSymbol local, SemanticModel model, Contracts contracts)
    {
        bool isOfAnotherFunction = !SymbolEqualityComparer.Default.Equals(FunctionAt(name, model), local.ContainingSymbol);
        if (name.Ancestors().OfType<InvocationExpressionSyntax>().Any(static i => i.Expression is IdentifierNameSyntax { Identifier.ValueText: "nameof" }))
        {
            return new Use(name, UseKind.Named, name, false);
        }

        if (isOfAnotherFunction || StableExpression.IsWritten(name))
        {
            return new Use(name, isOfAnotherFunction ? UseKind.Other : UseKind.Assigned, name.Parent!, false);
        }

        ExpressionSyntax value = name;
        bool isCast = false;
        while (value.Parent is ParenthesizedExpressionSyntax or CastExpressionSyntax)
        {
            isCast |= value.Parent is CastExpressionSyntax;
            value = (ExpressionSyntax)value.Parent;
        }

        if (value.Parent is MemberAccessExpressionSyntax { RawKind: (int)SyntaxKind.PointerMemberAccessExpression } place && AddressOf(place) is { } address)
        {
            // &p->X: lent on if the address is, and else out of sight.
            return new Use(name, KindOf(address, model, contracts) is UseKind.Lent or UseKind.Read ? UseKind.Lent : UseKind.Other, address, true);
        }

        UseKind kind = KindOf(value, model, contracts);
        SyntaxNode? call = kind != UseKind.Taken ? null : value.Parent switch
        {
            ArgumentSyntax argument => argument.Parent?.Parent,
            MemberAccessExpressionSyntax member => member.Parent,
            _ => null,
        };
        return new Use(name, kind, call ?? value.Parent!, isCast);
    }

    private static UseKind KindOf(ExpressionSyntax value, SemanticModel model, Contracts contracts)
    {
        switch (value.Parent)
        {
            case MemberAccessExpressionSyntax { Parent: InvocationExpressionSyntax call } access when access.Expression == value && access.IsKind(SyntaxKind.SimpleMemberAccessExpression):
                return model.GetSymbolInfo(call).Symbol is not IMethodSymbol member || (model.GetTypeInfo(value).Type is { } type && EndsReceiver(member, type, contracts)) ? UseKind.Taken : UseKind.Read;
            case MemberAccessExpressionSyntax access when access.Expression == value:
                return UseKind.Read;
            case ElementAccessExpressionSyntax element when element.Expression == value:
            case PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PointerIndirectionExpression }:
                return UseKind.Read;
            case BinaryExpressionSyntax { RawKind: (int)SyntaxKind.EqualsExpression or (int)SyntaxKind.NotEqualsExpression } equality:
                return (equality.Left == value ? equality.Right : equality.Left).IsKind(SyntaxKind.NullLiteralExpression) ? UseKind.Tested : UseKind.Compared;
            case BinaryExpressionSyntax
            {
                RawKind: (int)SyntaxKind.LessThanExpression or (int)SyntaxKind.LessThanOrEqualExpression
                or (int)SyntaxKind.GreaterThanExpression or (int)SyntaxKind.GreaterThanOrEqualExpression
            }:
                return UseKind.Compared;
            case IsPatternExpressionSyntax { Pattern: ConstantPatternSyntax { Expression.RawKind: (int)SyntaxKind.NullLiteralExpression } or UnaryPatternSyntax { Pattern: ConstantPatternSyntax } }:
                return UseKind.Tested;
            case ArgumentSyntax argument when model.GetOperation(argument) is IArgumentOperation { Parameter: { } parameter } passed:
                IMethodSymbol? callee = passed.Parent switch
                {
                    IInvocationOperation call => call.TargetMethod,
                    IObjectCreationOperation creation => creation.Constructor,
                    _ => null,
                };
                return (callee is null ? Duty.Unsaid : contracts.Of(callee)[parameter]) switch
                {
                    Duty.Taken => UseKind.Taken,
                    Duty.Lent when passed.Parent is IObjectCreationOperation && value.FirstAncestorOrSelf<StatementSyntax>() is not LocalDeclarationStatementSyntax => UseKind.Other,
                    Duty.Lent => UseKind.Lent,
                    _ => parameter.RefKind == RefKind.In ? UseKind.Lent : UseKind.Other,
                };
            default:
                return UseKind.Other;
        }
    }

    private static bool EndsReceiver(IMethodSymbol member, ITypeSymbol type, Contracts contracts)
        => contracts.Of(member).TakesThis || contracts.Of(member).ReturnsOwned
            || (member is { Name: "Dispose", Parameters.IsEmpty: true } && !type.IsRefLikeType);

    private static PrefixUnaryExpressionSyntax? AddressOf(ExpressionSyntax place)
    {
        while (place.Parent is MemberAccessExpressionSyntax or ParenthesizedExpressionSyntax)
        {
            place = (ExpressionSyntax)place.Parent;
        }

        return place.Parent is PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.AddressOfExpression } address ? address : null;
    }

    private static ISymbol? FunctionAt(SyntaxNode node, SemanticModel model)
    {
        SyntaxNode? function = node.FirstAncestorOrSelf<SyntaxNode>(static n => n is AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax or MemberDeclarationSyntax or AccessorDeclarationSyntax);
        return function switch
        {
            AnonymousFunctionExpressionSyntax => model.GetSymbolInfo(function).Symbol,
            LocalFunctionStatementSyntax or AccessorDeclarationSyntax => model.GetDeclaredSymbol(function),
            _ => model.GetEnclosingSymbol(node.SpanStart),
        };
    }
}
