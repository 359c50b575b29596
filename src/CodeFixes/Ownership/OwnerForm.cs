// The call that hands out an owner in place of a pointer: the method beside, of the same parameters, whose result owns and is a NativeOwner of the type pointed to. What is an owner already is its
// own form.

using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

using NativeHeap.Analyzers;
using NativeHeap.Analyzers.Ownership;

namespace NativeHeap.CodeFixes.Ownership;

/// <summary>A call that hands out an owner.</summary>
/// <param name="Call">Its text.</param>
/// <param name="TypeName">The owner's type, as it is written there.</param>
/// <param name="ObjectType">What is owned; the owner's own type, if that is not said.</param>
/// <param name="IsNew">Whether the call has to be written in place of one that hands out a pointer.</param>
/// <param name="IsByRef">Whether the owner is a <c>NativeOwner</c>, which lives on the stack and may be disposed twice.</param>
/// <param name="Ending">How the pointer would be freed.</param>
internal sealed record OwnerForm(string Call, string TypeName, ITypeSymbol ObjectType, bool IsNew, bool IsByRef, Ending Ending)
{
    public static OwnerForm? Of(InvocationExpressionSyntax call, Contracts contracts, KnownSymbols symbols, SemanticModel model)
    {
        if (model.GetSymbolInfo(call).Symbol is not IMethodSymbol method || Ending.Of(call, contracts, model, call.SpanStart) is not { } ending)
        {
            return null;
        }

        if (ending.IsDispose)
        {
            ITypeSymbol type = model.GetTypeInfo(call).Type!;
            ITypeSymbol owned = symbols.IsOwner(type) ? ((INamedTypeSymbol)type).TypeArguments[0] : type;
            return new OwnerForm(call.ToString(), string.Empty, owned, false, symbols.IsOwner(type), ending);
        }

        if (method is not { IsStatic: true, ReturnType: IPointerTypeSymbol { PointedAtType: INamedTypeSymbol pointee } })
        {
            return null;
        }

        IMethodSymbol? form = method.ContainingType.GetMembers().OfType<IMethodSymbol>().SingleOrDefault(m
            => m is { IsStatic: true, TypeParameters.IsEmpty: true } && contracts.Of(m).ReturnsOwned && symbols.IsOwner(m.ReturnType)
                && SymbolEqualityComparer.Default.Equals(((INamedTypeSymbol)m.ReturnType).TypeArguments[0], pointee)
                && m.Parameters.Length == method.Parameters.Length
                && Ending.AgreeInParameters(m, method));
        if (form is null || !model.IsAccessible(call.SpanStart, form))
        {
            return null;
        }

        SimpleNameSyntax name = SyntaxFactory.IdentifierName(form.Name);
        ExpressionSyntax callee = call.Expression is MemberAccessExpressionSyntax access ? access.WithName(name) : name;
        return new OwnerForm(callee + call.ArgumentList.ToString(), form.ReturnType.ToMinimalDisplayString(model, call.SpanStart), pointee, true, true, ending);
    }
}
