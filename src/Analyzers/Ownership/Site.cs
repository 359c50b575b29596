// A site: where objects of a method come from. It stands for the object that it handed out last, so that a call in a loop is one site.

using Microsoft.CodeAnalysis;

namespace NativeHeap.Analyzers.Ownership;

internal sealed class Site
{
    public Site(IOperation origin, IMethodSymbol method, Contract contract, ITypeSymbol type, SyntaxNode syntax)
        => (Origin, Method, Contract, Type, Syntax) = (origin, method, contract, type, syntax);

    public Site(IParameterSymbol parameter, int place)
        => (Parameter, ParameterPlace, Contract, Type) = (parameter, place, Contract.None, parameter.Type);

    /// <summary>The call; null for a parameter.</summary>
    public IOperation? Origin { get; }

    /// <summary>Where the object is handed out; null for a parameter.</summary>
    public SyntaxNode? Syntax { get; }

    public IMethodSymbol? Method { get; }

    public Contract Contract { get; }

    public IParameterSymbol? Parameter { get; }

    /// <summary>The place of a parameter.</summary>
    public int ParameterPlace { get; } = -1;

    /// <summary>The static type of what is handed out.</summary>
    public ITypeSymbol Type { get; }

    /// <summary>The number of the object that the site's is part of, or ends with; -1 for none that is followed.</summary>
    public int Source { get; set; } = -1;

    /// <summary>Whether it hands out a reference, span or pointer into its source.</summary>
    public bool IsReference { get; init; }

    /// <summary>Whether it hands out a mark, which stands for what its source has handed out by then.</summary>
    public bool IsMark { get; init; }

    public bool IsForeign => Contract.Family == AllocatorFamily.Foreign;

    /// <summary>Whether the object is handled through an address, rather than an owner that has a Dispose of its own.</summary>
    public bool IsAddress => Type is IPointerTypeSymbol || Type.SpecialType is SpecialType.System_IntPtr or SpecialType.System_UIntPtr;

    /// <summary>Whether the method also says, by what it returns, that it has handed out nothing.</summary>
    public bool IsUnsure { get; set; }

    /// <summary>Whether the branch that follows asks what the method returned.</summary>
    public bool IsDecidedByBranch { get; set; }

    /// <summary>How the object came about, as messages say it.</summary>
    public string Name => Method is null ? Parameter!.Name : Method.ContainingType is { } type ? type.Name + "." + Method.Name : Method.Name;

    /// <summary>What the object is once handed out.</summary>
    /// <param name="contracts">For the heap it is of.</param>
    public Fate Begin(Contracts contracts)
    {
        if (IsReference || IsMark)
        {
            return Fate.Lent;
        }

        bool isEndedByHeap = Contract.OwningHeap is not null && !HeapReference.OfSite(this, contracts).IsShared;
        return Method is null || IsForeign || IsUnsure || isEndedByHeap ? Fate.Lent : Fate.Live;
    }
}
