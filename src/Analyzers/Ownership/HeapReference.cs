// Which heap an object is allocated from or freed to, as far as the text of the method says it. Two references are different only if no
// program can make them the same heap: two variables, each assigned once, from a `new Heap`; or the shared heap and one that was passed in for its
// own sake, by a stub that takes a heap: with the shared heap in mind one calls the stub that takes none.

using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace NativeHeap.Analyzers.Ownership;

internal readonly struct HeapReference
{
    private readonly IOperation? _heap;

    private HeapReference(IOperation? heap, bool isShared) => (_heap, IsShared) = (heap, isShared);

    public bool IsShared { get; }

    /// <summary>Whether nothing is known of it.</summary>
    public bool IsUnknown => !IsShared && _heap is null;

    /// <summary>As messages name it.</summary>
    public string Name => _heap is null ? "Heap.Shared" : _heap.Syntax.ToString();

    /// <summary>The heap that a site's object is of.</summary>
    public static HeapReference OfSite(Site site, Contracts contracts)
        => site is { Origin: { } origin, Method: { } method } ? Of(origin, method, site.Contract, contracts) : default;

    /// <summary>The heap that a call allocates from or frees to.</summary>
    public static HeapReference Of(IOperation operation, IMethodSymbol method, Contract contract, Contracts contracts)
    {
        if (operation is not IInvocationOperation call || contract.Family != AllocatorFamily.NativeHeap)
        {
            return default;
        }

        if (call.Instance is { } receiver)
        {
            return contracts.IsHeap(receiver.Type) ? OfExpression(receiver) : default;
        }

        foreach (IArgumentOperation argument in call.Arguments)
        {
            if (contracts.IsHeap(argument.Parameter?.Type))
            {
                return OfExpression(argument.Value);
            }
        }

        return new HeapReference(null, method.IsStatic);
    }

    /// <summary>Whether two references are of two heaps, whatever the program.</summary>
    public bool Differs(HeapReference other, IOperation body)
    {
        if (IsUnknown || other.IsUnknown || (IsShared && other.IsShared))
        {
            return false;
        }

        if (IsShared || other.IsShared)
        {
            return IsPassedIn(IsShared ? other._heap : _heap, body);
        }

        return VariableOf(_heap) is { } mine && VariableOf(other._heap) is { } others
            && !SymbolEqualityComparer.Default.Equals(mine, others)
            && IsMadeHere(mine, body) && IsMadeHere(others, body);
    }

    private static HeapReference OfExpression(IOperation expression)
    {
        IOperation heap = Conversions.Strip(expression);
        return new HeapReference(heap, heap is IPropertyReferenceOperation { Property: { Name: "Shared", IsStatic: true } });
    }

    private static bool IsPassedIn(IOperation? heap, IOperation body)
        => heap is IParameterReferenceOperation or IFieldReferenceOperation || (VariableOf(heap) is { } variable && IsMadeHere(variable, body));

    private static ILocalSymbol? VariableOf(IOperation? heap) => (heap as ILocalReferenceOperation)?.Local;

    private static bool IsMadeHere(ILocalSymbol variable, IOperation body)
        => body.Descendants().Any(o => o is IVariableDeclaratorOperation { Initializer.Value: { } value } declarator
                && Conversions.Strip(value) is IObjectCreationOperation
                && SymbolEqualityComparer.Default.Equals(declarator.Symbol, variable))
            && !body.Descendants().Any(o => o is ILocalReferenceOperation { Parent: IAssignmentOperation or IArgumentOperation { Parameter.RefKind: not RefKind.None } } reference
                && (reference.Parent is not IAssignmentOperation assignment || assignment.Target == reference)
                && SymbolEqualityComparer.Default.Equals(reference.Local, variable));
}
