// References, spans and pointers into something that others may change: a table's element over its removal, a list's items over its growth, what an arena has handed out over its reset (NH1021, NH1024).
//
//     begun      by a [Borrowed] result, which is a site whose source is the path that the member was called on
//     carried    by ref locals, spans, pointers, and the ref structs that members of these return (enumerators, entries)
//     ended      by [InvalidatesReferences] on that path: all sites with it for a source
//     unsure     a call that says Always = false, or returns a bool that is not asked, or is on what the path is a part of: the reference may still be good
//     forgotten  when the path may have come to name another object
//
// Objects that end with a heap end by the same calls on the heap, and are then freed as by any other.

using System;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace NativeHeap.Analyzers.Ownership;

internal sealed partial class OwnershipFlow
{
    // By site, the call that ended it: as messages name it.
    private readonly string?[] _endedBy;

    // The call that the branch at hand asks.
    private IOperation? _asked;

    private OwnershipValue BeginReference(IOperation lender)
    {
        int number = _survey.SiteOf(lender);
        if (number < 0 || _survey.Sites[number] is not { IsReference: true } and not { IsMark: true })
        {
            return OwnershipValue.Unknown;
        }

        OwnershipValue begun = Begin(number);
        for (int other = 0; other < _state.Sites; other++)
        {
            _state.Before(other) &= ~(1UL << number);
            bool isMarked = _survey.Sites[number].IsMark && _survey.Sites[other].IsReference && _state.FateOf(other) != Fate.None;
            _state.Before(number) |= isMarked ? 1UL << other : 0;
        }

        return begun;
    }

    // What an expression behind the word ref refers to.
    private OwnershipValue EvaluateReference(IOperation? operation)
    {
        switch (operation)
        {
            case ILocalReferenceOperation when ReferencePlaceOf(operation) is { } place:
                return _state.Value(place).IsUnassigned ? OwnershipValue.Unknown : _state.Value(place);
            case IFieldReferenceOperation { Instance: { } instance } field when field.Field.ContainingType.IsValueType:
                return EvaluateReference(instance).Near();
            case IInlineArrayAccessOperation element:
                OwnershipValue array = EvaluateReference(element.Instance);
                Escape(Evaluate(element.Argument));
                return array.Near();
            case IPropertyReferenceOperation property:
                return Property(property, isReference: true);
            case IInvocationOperation or IFlowCaptureReferenceOperation:
                return Evaluate(operation);
            case { } when PointerSyntax.Dereferenced(operation) is not null:
                Dereference(operation);
                return _behind.Object.IsUnassigned ? OwnershipValue.Unknown : _behind.Object.Near();
            default:
                Evaluate(operation);
                return OwnershipValue.Unknown;
        }
    }

    private void AssignReference(ISimpleAssignmentOperation assignment)
    {
        OwnershipValue reference = EvaluateReference(assignment.Value);
        EscapeObjectBehind(assignment.Value);
        if (ReferencePlaceOf(assignment.Target) is { } place)
        {
            _state.Value(place) = reference;
            return;
        }

        Escape(reference);
        Evaluate(assignment.Target);
    }

    // A call, of which its receiver and arguments are evaluated.
    private void EndReferences(IInvocationOperation call)
    {
        if (!_survey.References.Any)
        {
            return;
        }

        foreach ((IOperation ended, Invalidation how) in _survey.References.Ended(call))
        {
            ulong sites = _survey.References.SitesOf(ended);
            ulong parts = _survey.References.SitesUnder(ended) & ~sites;
            Invalidation surely = how;
            if (_contracts.Of(call.TargetMethod).Since is { } since)
            {
                (sites, surely) = Since(call, since, sites, how);
            }

            string by = SymbolEqualityComparer.Default.Equals(call.Instance?.Type, ended.Type) ? $"{Text(ended)}.{call.TargetMethod.Name}" : call.TargetMethod.Name;
            bool answers = call.TargetMethod.ReturnType.SpecialType == SpecialType.System_Boolean;
            if (answers && surely == Invalidation.Certain && call == _asked)
            {
                End(sites, static fate => fate | Fate.Asked, by);
            }
            else
            {
                EndReferences(sites, answers && !IsStatement(call) ? Invalidation.Possible : surely, by);
            }

            // Of one part or of another: the annotation does not say.
            EndReferences(parts, Invalidation.Possible, by);
        }

        RunOthers(call.TargetMethod);
    }

    // The assignment of a property: container[key] = value.
    private void EndReferences(IPropertyReferenceOperation assigned)
    {
        if (_survey.References.Any && assigned is { Property.SetMethod: { } set, Instance: { } instance })
        {
            string by = assigned.Property.IsIndexer ? $"{Text(instance)}[]" : $"{Text(instance)}.{assigned.Property.Name}";
            EndReferences(_survey.References.SitesOf(instance), _contracts.Of(set).Invalidation, by);
            RunOthers(set);
        }
    }

    private void EndReferences(ulong sites, Invalidation how, string by)
    {
        switch (how)
        {
            case Invalidation.Certain:
                End(sites, static fate => Fate.Freed | (fate & Fate.Ended), by);
                break;
            case Invalidation.Possible:
                End(sites, static fate => fate | Fate.Freed, by);
                break;
            default:
                break;
        }
    }

    private void End(ulong sites, Func<Fate, Fate> end, string by)
    {
        for (int site = 0; site < _state.Sites; site++)
        {
            ref Fate fate = ref _state.FateOf(site);
            if ((sites & (1UL << site)) != 0 && fate != Fate.None && (fate & ~Fate.Ended) != Fate.Freed)
            {
                fate = end(fate);
                _endedBy[site] = by;
            }
        }
    }

    // Going back to a mark ends what was begun after it. A mark that this method was passed was there before all else.
    private (ulong Sites, Invalidation How) Since(IInvocationOperation call, string since, ulong sites, Invalidation how)
    {
        foreach (IArgumentOperation argument in call.Arguments)
        {
            if (argument.Parameter?.Name == since && PlaceOf(argument.Value) is { } place && _state.Value(place) is { Origins: Origins.Whole } mark && SingleSiteNumber(mark) is { } site)
            {
                return (sites & ~_state.Before(site), how);
            }
        }

        return (sites, Invalidation.Possible);
    }

    // The two sides of a branch that asks a call whether it has been done.
    private void Settle(bool isDone)
    {
        for (int site = 0; site < _state.Sites && _survey.References.Any; site++)
        {
            ref Fate fate = ref _state.FateOf(site);
            if ((fate & Fate.Asked) != 0)
            {
                fate = isDone ? Fate.Freed | (fate & Fate.Ended) : fate & ~Fate.Asked;
            }
        }
    }

    // What is assigned here is another object from now on.
    private void ForgetReferencesInto(IOperation assigned)
    {
        if (_survey.References.References != 0 && (_survey.References.SitesUnder(assigned) & _survey.References.References) is ulong sites && sites != 0)
        {
            LetGo(new OwnershipValue(sites, Origins.Whole));
        }
    }

    // Code of others may assign the fields that it can reach.
    private void RunOthers(IMethodSymbol method)
    {
        ulong unstable = _survey.References.Unstable & _survey.References.References;
        Contract contract = _contracts.Of(method);
        if (unstable == 0 || contract.Family != AllocatorFamily.Unknown || contract.Invalidates || _contracts.IsOfRuntime(method))
        {
            return;
        }

        bool isOfFramework = method.MethodKind != MethodKind.DelegateInvoke && method.ContainingAssembly is { Name: var name } && name.StartsWith("System", StringComparison.Ordinal);
        if (!isOfFramework)
        {
            LetGo(new OwnershipValue(unstable, Origins.Whole));
        }
    }

    private void ReportReference(OwnershipValue value, IOperation operand, bool must)
    {
        for (int number = 0; number < _state.Sites; number++)
        {
            if ((value.Sites & (1UL << number)) != 0 && _survey.Sites[number] is { IsReference: true } site && _endedBy[number] is { } by)
            {
                Report(must ? Descriptors.ReferenceInvalidated : Descriptors.ReferenceMayBeInvalidated, operand.Syntax, Text(operand), _survey.References.PathOf(site).Text, by);
                return;
            }
        }
    }

    // A reference is returned, and what it refers into ends on the way out: the finally blocks have run.
    private void CheckLeft(BasicBlock block)
    {
        if (block.FallThroughSuccessor is not { Semantics: ControlFlowBranchSemantics.Return, FinallyRegions: { IsEmpty: false } regions } || block.BranchValue is not { } returned
            || (_returned.Sites & _survey.References.References) == 0 || WasFreed(_returned).Must)
        {
            return;
        }

        OwnershipValue value = _returned;
        _isReporting = false;
        foreach (ControlFlowRegion region in regions)
        {
            if (!RunFinally(region, keep: false))
            {
                _isReporting = true;
                return;
            }
        }

        _isReporting = true;
        if (WasFreed(value).Must)
        {
            ReportReference(value, returned, must: true);
        }
    }

    private bool IsReference(OwnershipValue value) => value.Sites != 0 && (value.Sites & ~_survey.References.References) == 0;

    private int? ReferencePlaceOf(IOperation operation) => _survey.ReferencePlaceOf(operation) is int place && place >= 0 ? place : null;

    private static bool IsStatement(IOperation call) => call.Parent is IExpressionStatementOperation or ISimpleAssignmentOperation { Target: IDiscardOperation };
}
