// What happens to objects, and where that is wrong. Each rule asks the state one question:
//
//     must    the value can be nothing but objects that are freed: a warning
//     may     it is one object, which may be freed, and on no path did it get out of sight: an information
//
// Where the state is not sure which object is meant, the objects meant are followed no more.

using System.Collections.Generic;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using Microsoft.CodeAnalysis.Text;

namespace NativeHeap.Analyzers.Ownership;

internal sealed partial class OwnershipFlow
{
    private readonly HashSet<(string Id, TextSpan Place)> _reported = [];

    // The object of a site begins. A place that still refers to the one before it refers to an old object now, which is not followed.
    private OwnershipValue Begin(int site)
    {
        if (site < 0)
        {
            return OwnershipValue.Unknown;
        }

        ref Fate fate = ref _state.FateOf(site);
        bool isHeld = false;
        for (int place = 0; place < _state.Places; place++)
        {
            OwnershipValue value = _state.Value(place);
            isHeld |= (value.Sites & (1UL << site)) != 0;
            _state.Value(place) = value.Without(1UL << site, Origins.Unknown);
        }

        if (fate == Fate.Live && !isHeld)
        {
            Report(Descriptors.NeverFreed, _survey.Sites[site].Syntax!, _survey.Sites[site].Name);
        }

        fate = _survey.Sites[site].Begin(_contracts) | (fate & Fate.Ended);
        return OwnershipValue.Of(site);
    }

    private void Escape(OwnershipValue value)
    {
        ulong objects = value.Sites & ~_survey.References.References;
        for (int site = 0; site < _state.Sites; site++)
        {
            ref Fate fate = ref _state.FateOf(site);
            if ((objects & (1UL << site)) != 0 && (fate & ~Fate.Ended) != Fate.Freed && fate != Fate.None)
            {
                fate = (fate & ~(Fate.Live | Fate.Lent)) | Fate.Escaped;
            }
        }
    }

    // The objects are followed no more, under no name.
    private void LetGo(OwnershipValue value)
    {
        Escape(value);
        for (int place = 0; place < _state.Places; place++)
        {
            _state.Value(place) = _state.Value(place).Without(value.Sites, Origins.Unknown);
        }
    }

    // A call frees the object or takes it over.
    private void End(OwnershipValue value, IOperation operand, IOperation call, IMethodSymbol method, Contract contract)
    {
        _takes = true;
        bool isForeign = contract.Family == AllocatorFamily.Foreign;
        if (value.Origins == Origins.Stack && !isForeign && !KnownSymbols.IsSpan(operand.Type))
        {
            Report(Descriptors.StackFreed, operand.Syntax, Text(operand));
        }

        if (value.May(Origins.Emptied))
        {
            // Disposed of already, or now: in either case it is over.
            Escape(value);
            return;
        }

        bool isExact = !value.May(Origins.Unknown | Origins.Stack | Origins.Inside);
        if (SingleSite(value) is { } only && IsKnown(only, call, method, contract, operand, value, isExact))
        {
            return;
        }

        // TryEnqueue(p): what it returns says whether it has taken the object.
        bool isUnsure = contract.Has(Duty.Taken) && method.ReturnType.SpecialType == SpecialType.System_Boolean;
        bool isStrong = isExact && !isUnsure && (SingleSite(value) is not null || HoldersOf(value.Sites) <= 1);
        if (isExact && !isForeign)
        {
            CheckFreedBefore(value, operand, call);
        }

        if (!isExact && !isUnsure && !isForeign && HoldsAddress(operand.Type) && PlaceOf(Conversions.Strip(operand)) is { } place)
        {
            _state.Value(place) = value.May(Origins.Null) ? new OwnershipValue(0, Origins.Gone | Origins.Null) : OwnershipValue.Gone;
        }

        for (int site = 0; site < _state.Sites; site++)
        {
            if ((value.Sites & (1UL << site)) != 0)
            {
                ref Fate fate = ref _state.FateOf(site);
                fate = isStrong ? Fate.Freed | (fate & Fate.Ended) : Fate.Escaped;
            }
        }
    }

    private void CheckFreedBefore(OwnershipValue value, IOperation operand, IOperation call)
    {
        bool isUsing = call.IsImplicit;
        if (isUsing)
        {
            return;
        }

        (bool must, bool may) = WasFreed(value);
        if (IsReference(value))
        {
            Use(value, operand);
        }
        else if (must)
        {
            Report(IsOwner(value) ? Descriptors.DisposedTwice : Descriptors.FreedTwice, operand.Syntax, Text(operand));
        }
        else if (may)
        {
            Report(Descriptors.MayBeFreedTwice, operand.Syntax, Text(operand));
        }
    }

    // Reads or writes what a value points to.
    private void Use(OwnershipValue value, IOperation operand)
    {
        (bool must, bool may) = WasFreed(value);
        if ((must || may) && IsReference(value))
        {
            ReportReference(value, operand, must);
        }
        else if (must)
        {
            Report(Descriptors.UsedAfterFree, operand.Syntax, Text(operand));
        }
        else if (may)
        {
            Report(Descriptors.MayBeUsedAfterFree, operand.Syntax, Text(operand));
        }
    }

    private void UsePerhaps(OwnershipValue value, IOperation operand)
    {
        (bool must, bool may) = WasFreed(value);
        if ((must || may) && IsReference(value))
        {
            ReportReference(value, operand, must: false);
        }
        else if (must || may)
        {
            Report(Descriptors.MayBeUsedAfterFree, operand.Syntax, Text(operand));
        }
    }

    // A member of an owner: one that gives access to the memory uses it, others (Length, IsNull) do not.
    private void UseMember(OwnershipValue owner, IOperation operand, ITypeSymbol? type, RefKind returns)
    {
        bool givesMemory = returns != RefKind.None || type is { Name: "Span" or "ReadOnlySpan" or "Memory" or "ReadOnlyMemory", ContainingNamespace.Name: "System" };
        if (givesMemory)
        {
            // An owner emptied by its own Dispose has nothing to give.
            Use(owner.Origins == Origins.Emptied ? new OwnershipValue(owner.Sites, Origins.Whole) : owner, operand);
        }
    }

    private (bool Must, bool May) WasFreed(OwnershipValue value)
    {
        bool must = (value.Sites != 0 || value.May(Origins.Gone)) && !value.May(Origins.Unknown | Origins.Stack | Origins.Emptied | Origins.Null);
        bool may = false;
        bool isOneSite = SingleSiteNumber(value) is not null;
        for (int site = 0; site < _state.Sites; site++)
        {
            if ((value.Sites & (1UL << site)) != 0)
            {
                Fate fate = _state.FateOf(site) & ~Fate.Ended;
                must &= fate == Fate.Freed;
                may |= isOneSite && (fate & (Fate.Freed | Fate.Escaped)) == Fate.Freed;
            }
        }

        return (must, may && !value.May(Origins.Emptied));
    }

    private void CheckReturned(OwnershipValue value, IOperation operand)
    {
        // What an owner lent is the business of NH1023; an address as a number may be nothing but a key.
        bool isNumber = operand.Type?.SpecialType is SpecialType.System_IntPtr or SpecialType.System_UIntPtr;
        bool isLent = isNumber || (value.May(Origins.Inside) && IsOwner(value));
        if (IsReference(value))
        {
            Use(value, operand);
        }
        else if (!isLent && WasFreed(value).Must)
        {
            Report(Descriptors.FreedReturned, operand.Syntax, Text(operand));
        }
    }

    private void CheckOverwritten(int place, OwnershipValue value, IOperation target)
    {
        OwnershipValue old = _state.Value(place);
        bool isOneObject = !old.May(Origins.Unknown | Origins.Stack | Origins.Null | Origins.Emptied);
        if (SingleSiteNumber(old) is not { } site || !isOneObject || !_survey.IsVariable(place) || (value.Sites & old.Sites) != 0
            || (_state.FateOf(site) & ~Fate.Ended) != Fate.Live || IsHeldElsewhere(site, place))
        {
            return;
        }

        Report(Descriptors.LastReferenceLost, target.Syntax, _survey.Sites[site], Text(target), _survey.Sites[site].Name);
        Escape(old);
    }

    // A call whose result nobody takes.
    private bool IsDiscarded(IOperation operation)
    {
        if (Conversions.Strip(operation) is not IInvocationOperation call || !_contracts.Of(call.TargetMethod).ReturnsOwned)
        {
            return false;
        }

        OwnershipValue value = Evaluate(call);
        if (_survey.IsLambda && call.Parent is { IsImplicit: true })
        {
            // () => Order.Alloc() as an Action is written to see what the call does, as in Assert.Throws.
            Escape(value);
            return true;
        }

        CheckDiscarded(value, call);
        return true;
    }

    private void CheckDiscarded(OwnershipValue value, IOperation operand)
    {
        if (SingleSiteNumber(value) is not { } site || _survey.Sites[site] is not { Origin: { } origin } known)
        {
            return;
        }

        bool isHandedOutHere = Conversions.Strip(operand) == origin || operand.Parent is IArgumentOperation;
        if (isHandedOutHere && origin is IInvocationOperation { Instance.Type: { } receiver } && IsOwnerType(receiver))
        {
            // After o.Detach() the object may go on under a name that o lent out before.
            Escape(value);
        }
        else if (isHandedOutHere && (_state.FateOf(site) & ~Fate.Ended) == Fate.Live)
        {
            Report(Descriptors.ResultDiscarded, operand.Syntax, known.Name);
            Escape(value);
        }
    }

    private void ReportLeaks(OwnershipState exit)
    {
        for (int number = 0; number < exit.Sites; number++)
        {
            Site site = _survey.Sites[number];
            Fate fate = exit.FateOf(number);
            if (fate == Fate.Live)
            {
                Report(Descriptors.NeverFreed, site.Syntax!, site.Name);
            }
            else if ((fate & Fate.Live) != 0 && (fate & (Fate.Escaped | Fate.Lent)) == 0)
            {
                Report(Descriptors.NotFreedOnEveryPath, site.Syntax!, site.Name);
            }
        }
    }

    private bool IsOwner(OwnershipValue value)
    {
        for (int site = 0; site < _state.Sites; site++)
        {
            if ((value.Sites & (1UL << site)) != 0 && _survey.Sites[site] is { IsAddress: false, IsReference: false, IsMark: false } && !_contracts.IsPointer(_survey.Sites[site].Type))
            {
                return true;
            }
        }

        return false;
    }

    // Whether values of a type own something: there is a member that ends that.
    private bool IsOwnerType(ITypeSymbol type)
    {
        foreach (ISymbol member in type.GetMembers())
        {
            if (member is IMethodSymbol method && _contracts.Of(method).TakesThis)
            {
                return true;
            }
        }

        return false;
    }

    private int HoldersOf(ulong sites)
    {
        int holders = 0;
        for (int place = 0; place < _state.Places; place++)
        {
            holders += _survey.IsVariable(place) && (_state.Value(place).Sites & sites) != 0 ? 1 : 0;
        }

        return holders;
    }

    private static int? SingleSiteNumber(OwnershipValue value)
    {
        if (value.Sites == 0 || (value.Sites & (value.Sites - 1)) != 0)
        {
            return null;
        }

        int number = 0;
        while ((value.Sites >> number) != 1)
        {
            number++;
        }

        return number;
    }

    private Site? SingleSite(OwnershipValue value) => SingleSiteNumber(value) is { } number ? _survey.Sites[number] : null;

    private static string Text(IOperation operation) => operation.Syntax.ToString();

    private void Report(DiagnosticDescriptor rule, SyntaxNode at, params object[] arguments) => Report(rule, at, origin: null, arguments);

    // With the place where the object was handed out: editors show it, and fixes find there how it has to be freed.
    private void Report(DiagnosticDescriptor rule, SyntaxNode at, Site? origin, params object[] arguments)
    {
        if (_isReporting && _reported.Add((rule.Id, at.Span)))
        {
            _report(Diagnostic.Create(rule, at.GetLocation(), origin?.Syntax is { } handedOut ? [handedOut.GetLocation()] : null, arguments));
        }
    }
}
