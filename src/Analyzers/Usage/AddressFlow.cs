// How the address of an owner's object moves through an expression, one operation at a time, from the inside out. An expression either
// designates the object or a part of it (a place: o.Value, o.Value.Id, *p, p->Id) or has its address as a value (a pointer, a
// span, a NativePointer):
//
//     place   --  .Field  [i]                       -->  place
//     place   --  &x  ref x as argument of a few known methods, which all return their argument's address again   -->  address
//     address --  cast  p + i  new Span(p, n)       -->  address
//     address --  *p  p->  p[i]  Unsafe.AsRef(p)    -->  place
//
// Everything else (reading the value, comparing, passing to a method not known here) ends the flow, and the rule is silent.
//
// Roslyn has no operations of its own for what unsafe code does to pointers: they come as OperationKind.None and are told apart by their
// syntax. Should a later version give them real kinds, the flow ends there: fewer reports, none wrong.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace NativeHeap.Analyzers.Usage;

/// <summary>What an expression is to an owner's object.</summary>
internal enum AddressForm
{
    /// <summary>Nothing, or nothing known.</summary>
    None,

    /// <summary>It designates the object, or a part of it.</summary>
    Place,

    /// <summary>Its value is an address in the object.</summary>
    Address,
}

internal static class AddressFlow
{
    /// <summary>What an operation is to the object, where its operand <paramref name="inner"/> is <paramref name="form"/>.</summary>
    public static AddressForm Through(IOperation outer, IOperation inner, AddressForm form, KnownSymbols symbols)
        => form == AddressForm.Place ? FromPlace(outer, inner) : FromAddress(outer, inner, symbols);

    /// <summary>Whether the compiler's ref safety rules, too, follow the address through an operation.</summary>
    public static bool IsFollowedByCompiler(IOperation operation) => operation switch
    {
        IArgumentOperation argument => argument.Parameter is { ScopedKind: ScopedKind.None },
        _ => operation.Type is not IPointerTypeSymbol,
    };

    private static AddressForm FromPlace(IOperation outer, IOperation inner)
    {
        switch (outer)
        {
            case IFieldReferenceOperation field when field.Field.ContainingType.IsValueType:
                return field.Field.IsFixedSizeBuffer ? AddressForm.Address : AddressForm.Place;
            case IInlineArrayAccessOperation element when element.Instance == inner:
                return AddressForm.Place;
            case IAddressOfOperation:
                return AddressForm.Address;
            case IArgumentOperation { Parameter: { RefKind: not RefKind.None, Ordinal: 0 } }:
                return AddressForm.Place;
            case IInvocationOperation call when inner is IArgumentOperation:
                return Returned(call.TargetMethod);
            case IObjectCreationOperation creation when inner is IArgumentOperation && KnownSymbols.IsSpan(creation.Type):
                return AddressForm.Address;
            default:
                return AddressForm.None;
        }
    }

    private static AddressForm FromAddress(IOperation outer, IOperation inner, KnownSymbols symbols)
    {
        switch (outer)
        {
            case IConversionOperation:
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.Add or BinaryOperatorKind.Subtract }:
            case IObjectCreationOperation when inner is IArgumentOperation:
                return symbols.HoldsAddress(outer.Type) ? AddressForm.Address : AddressForm.None;
            case IArgumentOperation { Parameter: { RefKind: RefKind.None, Ordinal: 0 } }:
                return AddressForm.Address;
            case IInvocationOperation call when inner is IArgumentOperation:
                return Returned(call.TargetMethod);
            case IInvocationOperation { TargetMethod.Name: "ToPointer" } call when call.Instance == inner:
                return AddressForm.Address;
            case IPropertyReferenceOperation { Property: { Name: "Value", ReturnsByRef: true } } property when property.Instance == inner:
                return AddressForm.Place;
            case { Kind: OperationKind.None, Syntax: { } syntax }:
                return Dereferenced(syntax, inner);
            default:
                return AddressForm.None;
        }
    }

    private static AddressForm Dereferenced(SyntaxNode syntax, IOperation inner)
    {
        bool isStar = syntax.IsKind(SyntaxKind.PointerIndirectionExpression);
        bool isIndexed = syntax is ElementAccessExpressionSyntax element && element.Expression == inner.Syntax;
        bool isBeforeArrow = syntax.Parent is MemberAccessExpressionSyntax access
            && access.Expression == syntax
            && access.IsKind(SyntaxKind.PointerMemberAccessExpression);
        if (isStar || isIndexed || isBeforeArrow)
        {
            return AddressForm.Place;
        }

        // The initialiser of a fixed statement comes wrapped.
        return syntax == inner.Syntax ? AddressForm.Address : AddressForm.None;
    }

    private static AddressForm Returned(IMethodSymbol method) => (method.ContainingType?.Name, method.Name) switch
    {
        ("Unsafe", "AsPointer") or ("MemoryMarshal", "CreateSpan" or "CreateReadOnlySpan") => AddressForm.Address,
        ("Unsafe", "AsRef" or "As" or "Add" or "Subtract" or "AddByteOffset" or "SubtractByteOffset") => AddressForm.Place,
        _ => AddressForm.None,
    };
}
