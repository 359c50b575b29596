// What unsafe code does to pointers. Roslyn has no operations of its own for it: dereferences and stackalloc come as
// OperationKind.None and are told apart by their syntax. Should a later version give them real kinds, the analysis sees unknown operations, which
// let the objects escape: fewer reports, none wrong.

using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace NativeHeap.Analyzers.Ownership;

internal static class PointerSyntax
{
    public static bool IsStackAlloc(IOperation operation)
        => operation.Syntax is StackAllocArrayCreationExpressionSyntax or ImplicitStackAllocArrayCreationExpressionSyntax;

    /// <summary>The pointer that an operation reads or writes through: the p of <c>*p</c>, <c>p->X</c> and <c>p[i]</c>; null if it does not.</summary>
    public static IOperation? Dereferenced(IOperation operation)
    {
        if (operation.Kind != OperationKind.None || operation.ChildOperations.Count == 0)
        {
            return null;
        }

        IOperation pointer = operation.ChildOperations.First();
        SyntaxNode syntax = operation.Syntax;
        bool isStar = syntax.IsKind(SyntaxKind.PointerIndirectionExpression);
        bool isIndexed = syntax is ElementAccessExpressionSyntax;
        bool isBeforeArrow = syntax.Parent is MemberAccessExpressionSyntax access && access.Expression == syntax && access.IsKind(SyntaxKind.PointerMemberAccessExpression);
        return pointer.Type is IPointerTypeSymbol && (isStar || isIndexed || isBeforeArrow) ? pointer : null;
    }

    /// <summary>Whether a field is surely not the first of its struct, so that its address is another one.</summary>
    public static bool IsPastStart(IFieldSymbol field)
    {
        INamedTypeSymbol type = field.ContainingType;
        bool isLaidOut = type.GetAttributes().Any(static a => a.AttributeClass?.Name == "StructLayoutAttribute");
        IFieldSymbol? first = type.GetMembers().OfType<IFieldSymbol>().FirstOrDefault(static f => !f.IsStatic && !f.IsConst);
        return !isLaidOut && first is not null && !SymbolEqualityComparer.Default.Equals(first, field);
    }

    /// <summary>Whether an index or an offset is surely not 0.</summary>
    public static bool IsNotZero(IOperation offset) => offset.ConstantValue switch
    {
        { HasValue: true, Value: int number } => number != 0,
        { HasValue: true, Value: long number } => number != 0,
        { HasValue: true, Value: uint number } => number != 0,
        { HasValue: true, Value: ulong number } => number != 0,
        _ => false,
    };
}
