// What a method's signature says about ownership, read once from its attributes. The flow analysis asks nothing else about a callee and knows
// no method of NativeHeap by name, so that a helper of the user's own with the same attributes is followed just as well.
//
// Two kinds of methods of the framework are known by their types, because nobody can annotate them: allocators whose memory is not ours
// (NativeMemory, Marshal), and functions that read or write through a pointer and keep nothing.

using Microsoft.CodeAnalysis;

namespace NativeHeap.Analyzers.Ownership;

/// <summary>What a callee does with the object passed in a parameter.</summary>
internal enum Duty : byte
{
    /// <summary>Nothing is said: it may keep the object.</summary>
    Unsaid,

    /// <summary>It is used during the call.</summary>
    Lent,

    /// <summary>It is freed or kept: the caller has no part in it any more.</summary>
    Taken,

    /// <summary>An out parameter that hands an object to the caller.</summary>
    Given,
}

/// <summary>Whether a call ends the references that an object has handed out.</summary>
internal enum Invalidation : byte
{
    None,

    /// <summary>It may, for reasons that the caller may know.</summary>
    Possible,

    Certain,
}

/// <summary>Whose allocator a method belongs to.</summary>
internal enum AllocatorFamily : byte
{
    Unknown,
    NativeHeap,
    Foreign,
}

internal sealed class Contract
{
    /// <summary>The contract of a method that says nothing.</summary>
    public static readonly Contract None = new();

    private readonly Duty[] _duties;

    private Contract()
        : this([])
    {
    }

    public Contract(Duty[] duties) => _duties = duties;

    public AllocatorFamily Family { get; init; }

    /// <summary>Whether the result is an object that the caller must free or hand on; foreign memory counts, too.</summary>
    public bool ReturnsOwned { get; init; }

    /// <summary>Whether the result is an address within what the receiver owns.</summary>
    public bool ReturnsLent { get; init; }

    /// <summary>Whether the call ends the caller's ownership of the receiver.</summary>
    public bool TakesThis { get; init; }

    /// <summary>Whether the call ends what the receiver has lent.</summary>
    public Invalidation Invalidation { get; init; }

    /// <summary>The parameter that limits this to what was lent since its argument was handed out; null for none.</summary>
    public string? Since { get; init; }

    /// <summary>The parameters of which the same is said, by their positions; empty for none.</summary>
    public Invalidation[] Invalidations { get; init; } = [];

    public bool Invalidates => Invalidation != Invalidation.None || Invalidations.Length > 0;

    public bool NeverReturns { get; init; }

    /// <summary>The parameter whose heap ends the object, if the caller does not; <c>this</c> for the receiver, null for none.</summary>
    public string? OwningHeap { get; init; }

    public Duty this[IParameterSymbol parameter] => parameter.Ordinal < _duties.Length ? _duties[parameter.Ordinal] : Duty.Unsaid;

    /// <summary>Whether a call is worth a flow analysis of the method it stands in.</summary>
    public bool Transfers => Family != AllocatorFamily.Foreign && (ReturnsOwned || TakesThis || Has(Duty.Taken) || Has(Duty.Given));

    public bool Has(Duty duty)
    {
        foreach (Duty said in _duties)
        {
            if (said == duty)
            {
                return true;
            }
        }

        return false;
    }
}
