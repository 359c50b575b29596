// The call that ends what another call has handed out, found as the rules find it, by the annotations of the methods around:
//
//     an owner (IDisposable)      its Dispose
//     an address                  the method without a result, of the type that handed it out or of the type pointed to, which takes one such address, and the heap
//                                 that it is of if the first call names one. The generated Free is one of these, a user's helper another.
//     NativeMemory, Marshal       the other of the pair: nobody can annotate these
//
// Two methods that fit are one too many, unless only one of them takes exactly this type: nothing says which of them frees, and which hands on.

using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

using NativeHeap.Analyzers.Ownership;

namespace NativeHeap.CodeFixes.Ownership;

internal sealed class Ending
{
    private readonly SemanticModel _model;
    private readonly int _position;
    private readonly IMethodSymbol? _method;
    private readonly string _receiver;
    private readonly string? _heap;

    private Ending(SemanticModel model, int position, IMethodSymbol? method, string receiver, string? heap)
        => (_model, _position, _method, _receiver, _heap) = (model, position, method, receiver, heap);

    /// <summary>Whether null may be passed, which ends nothing.</summary>
    public bool IgnoresNull { get; private init; }

    /// <summary>Whether the object is ended by a member of its own.</summary>
    public bool IsDispose => _method is null;

    /// <summary>The ending of what a call, or an out argument, hands out, to be written at a position; null if there is none, or none for certain.</summary>
    public static Ending? Of(SyntaxNode origin, Contracts contracts, SemanticModel model, int position)
    {
        (IInvocationOperation? call, ITypeSymbol? type) = model.GetOperation(origin) switch
        {
            IInvocationOperation invocation when contracts.Of(invocation.TargetMethod).ReturnsOwned => (invocation, invocation.Type),
            IArgumentOperation { Parent: IInvocationOperation invocation, Parameter: { } parameter } => (invocation, parameter.Type),
            _ => (null, null),
        };
        if (call is null || type is null)
        {
            return null;
        }

        if (!IsAddress(type))
        {
            return IsDisposable(type, model.Compilation) ? new Ending(model, position, null, string.Empty, null) : null;
        }

        IArgumentOperation? heap = call.Arguments.FirstOrDefault(a => contracts.IsHeap(a.Parameter?.Type));
        SyntaxNode?[] needed = [call.Instance?.Syntax, heap?.Value.Syntax];
        if (needed.Any(n => n is not null && !StableExpression.IsIn(n, position, model)))
        {
            return null;
        }

        IMethodSymbol[] fitting = [.. Candidates(call, type, contracts).Where(m => Fits(m, type, heap is not null, contracts, model, position)).Distinct<IMethodSymbol>(SymbolEqualityComparer.Default)];
        IMethodSymbol[] exact = [.. fitting.Where(m => m.Parameters.Any(p => SymbolEqualityComparer.Default.Equals(p.Type, type)))];
        return (fitting.Length == 1 ? fitting : exact) is [var method]
            ? new Ending(model, position, method, ReceiverOf(method, call, model, position), heap?.Value.Syntax.ToString())
            {
                IgnoresNull = contracts.Of(method).Family != AllocatorFamily.Unknown,
            }
            : null;
    }

    /// <summary>Whether a call does what this one would.</summary>
    public bool IsMadeBy(IInvocationOperation call)
        => _method is null
            ? call.TargetMethod is { Name: "Dispose", Parameters.IsEmpty: true }
            : IsCalledAs(call.TargetMethod.OriginalDefinition, _method.OriginalDefinition);

    /// <summary>The call, for an operand of a type.</summary>
    public ExpressionSyntax Call(ExpressionSyntax operand, ITypeSymbol type)
    {
        if (_method is null)
        {
            return SyntaxFactory.ParseExpression(InParentheses(operand) + ".Dispose()");
        }

        IEnumerable<string> arguments = _method.Parameters.Select(p => IsAddress(p.Type) ? Converted(operand, type, p.Type) : _heap!);
        return SyntaxFactory.ParseExpression((_receiver.Length == 0 ? string.Empty : _receiver + ".") + _method.Name + "(" + string.Join(", ", arguments) + ")");
    }

    /// <summary>Whether the parameters of two methods are the same, as far as both have them.</summary>
    public static bool AgreeInParameters(IMethodSymbol one, IMethodSymbol other)
        => one.Parameters.Zip(other.Parameters, static (a, b) => a.RefKind == b.RefKind && SymbolEqualityComparer.Default.Equals(a.Type, b.Type)).All(static same => same);

    // An overload with further optional parameters is the same to whoever writes a call: a stub's tracked form (NativeHeapTrackSites) is.
    private static bool IsCalledAs(IMethodSymbol called, IMethodSymbol method)
        => SymbolEqualityComparer.Default.Equals(called, method)
            || (called.Name == method.Name
                && SymbolEqualityComparer.Default.Equals(called.ContainingType, method.ContainingType)
                && called.Parameters.Skip(method.Parameters.Length).All(static p => p.IsOptional)
                && called.Parameters.Length > method.Parameters.Length
                && AgreeInParameters(called, method));

    private static IEnumerable<IMethodSymbol> Candidates(IInvocationOperation call, ITypeSymbol type, Contracts contracts)
    {
        INamedTypeSymbol container = call.TargetMethod.ContainingType;
        if (contracts.Of(call.TargetMethod).Family == AllocatorFamily.Foreign)
        {
            string partner = PartnerOf(call.TargetMethod.Name);
            return container.GetMembers(partner).OfType<IMethodSymbol>();
        }

        if (call.Instance is not null)
        {
            // What an owner gives away may be of any heap.
            bool isOwner = container.GetMembers().OfType<IMethodSymbol>().Any(m => contracts.Of(m).TakesThis);
            return isOwner ? [] : container.GetMembers().OfType<IMethodSymbol>().Where(static m => !m.IsStatic);
        }

        IEnumerable<ISymbol> pointee = type is IPointerTypeSymbol { PointedAtType: INamedTypeSymbol { TypeKind: TypeKind.Struct } pointedAt } ? pointedAt.GetMembers() : [];
        return container.GetMembers().Concat(pointee).OfType<IMethodSymbol>().Where(static m => m.IsStatic);
    }

    private static string PartnerOf(string allocation) => allocation switch
    {
        "AlignedAlloc" or "AlignedRealloc" => "AlignedFree",
        "AllocHGlobal" or "ReAllocHGlobal" => "FreeHGlobal",
        "AllocCoTaskMem" or "ReAllocCoTaskMem" => "FreeCoTaskMem",
        _ => "Free",
    };

    private static bool Fits(IMethodSymbol method, ITypeSymbol type, bool hasHeap, Contracts contracts, SemanticModel model, int position)
    {
        Contract contract = contracts.Of(method);
        ImmutableArray<IParameterSymbol> taken = [.. method.Parameters.Where(p => contract[p] == Duty.Taken)];
        return method is { ReturnsVoid: true, TypeParameters.IsEmpty: true, MethodKind: MethodKind.Ordinary }
            && taken is [{ RefKind: RefKind.None } only] && IsAddress(only.Type)
            && method.Parameters.Length == (hasHeap ? 2 : 1)
            && method.Parameters.All(p => SymbolEqualityComparer.Default.Equals(p, only) || (hasHeap && contracts.IsHeap(p.Type)))
            && model.Compilation.ClassifyConversion(type, only.Type).IsImplicit
            && model.IsAccessible(position, method);
    }

    // The call is written as the first one was.
    private static string ReceiverOf(IMethodSymbol method, IInvocationOperation call, SemanticModel model, int position)
    {
        bool isOfSameType = SymbolEqualityComparer.Default.Equals(method.ContainingType, call.TargetMethod.ContainingType);
        return !isOfSameType ? method.ContainingType.ToMinimalDisplayString(model, position)
            : call.Syntax is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access } ? access.Expression.ToString() : string.Empty;
    }

    private static bool IsAddress(ITypeSymbol type) => type is IPointerTypeSymbol || type.SpecialType is SpecialType.System_IntPtr or SpecialType.System_UIntPtr;

    private static bool IsDisposable(ITypeSymbol type, Compilation compilation)
        => compilation.GetSpecialType(SpecialType.System_IDisposable) is var disposable
            && (SymbolEqualityComparer.Default.Equals(type, disposable) || type.AllInterfaces.Contains(disposable, SymbolEqualityComparer.Default));

    private string Converted(ExpressionSyntax operand, ITypeSymbol from, ITypeSymbol to)
        => _model.Compilation.ClassifyConversion(from, to).IsImplicit ? operand.ToString() : $"({to.ToMinimalDisplayString(_model, _position)}){InParentheses(operand)}";

    private static string InParentheses(ExpressionSyntax operand)
        => operand is IdentifierNameSyntax or MemberAccessExpressionSyntax or InvocationExpressionSyntax or ElementAccessExpressionSyntax or ParenthesizedExpressionSyntax
            ? operand.ToString()
            : $"({operand})";
}
