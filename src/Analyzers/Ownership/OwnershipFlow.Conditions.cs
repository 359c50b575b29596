// What a branch says about the values that its condition tests. On the side where a place is null there is no object: its site, unless another place holds the
// object, was never reached. That is what keeps `if (p != null) { Free(p); }` and `if (!TryRent(out var o)) { return; }` quiet.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace NativeHeap.Analyzers.Ownership;

internal sealed partial class OwnershipFlow
{
    // Narrows the current state to one side of a block's condition; false if control cannot come that way.
    private bool Refine(BasicBlock block, bool isTaken)
    {
        if (block.BranchValue is not { } condition || block.ConditionKind == ControlFlowConditionKind.None)
        {
            return true;
        }

        bool holds = isTaken == (block.ConditionKind == ControlFlowConditionKind.WhenTrue);
        if (condition.ConstantValue is { HasValue: true, Value: bool constant })
        {
            return constant == holds;
        }

        while (condition is IUnaryOperation { OperatorKind: UnaryOperatorKind.Not } not)
        {
            condition = not.Operand;
            holds = !holds;
        }

        if (condition is IInvocationOperation call)
        {
            if (!holds)
            {
                RemoveHandedOut(call);
            }

            Settle(holds);

            return true;
        }

        if (holds && condition is IIsNullOperation { IsImplicit: true, Operand: var used } && used.Syntax.Parent is not ConditionalAccessExpressionSyntax && HasHandedOut(used))
        {
            // The test of a using, of what something was called on.
            return false;
        }

        return NullTest(condition) is not ({ } place, var isNullWhenTrue) || (holds == isNullWhenTrue ? RefineNull(place) : RefineNotNull(place));
    }

    private bool HasHandedOut(IOperation source)
    {
        ulong sites = _survey.References.SitesUnder(source);
        for (int site = 0; site < _state.Sites; site++)
        {
            if ((sites & (1UL << site)) != 0 && _state.FateOf(site) != Fate.None)
            {
                return true;
            }
        }

        return false;
    }

    private void RemoveHandedOut(IInvocationOperation call)
    {
        foreach (IArgumentOperation argument in call.Arguments)
        {
            int site = _survey.SiteOf(argument);
            if (site >= 0 && _survey.Sites[site].IsDecidedByBranch)
            {
                _state.FateOf(site) = Fate.None;
                for (int place = 0; place < _state.Places; place++)
                {
                    _state.Value(place) = _state.Value(place).Without(1UL << site, Origins.Null);
                }
            }
        }
    }

    private bool RefineNull(int place)
    {
        OwnershipValue value = _state.Value(place);
        if (value.Origins == Origins.Whole && SingleSite(value) is { } only)
        {
            if (only.Contract.Has(Duty.Taken))
            {
                // A call that takes one object and returns another, as realloc does, has done neither where it returns null.
                GiveBackFreed();
            }

            // What is null is what the site handed out, under whatever name.
            for (int other = 0; other < _state.Places; other++)
            {
                _state.Value(other) = _state.Value(other).Without(value.Sites, Origins.Null);
            }
        }

        for (int site = 0; site < _state.Sites; site++)
        {
            if ((value.Sites & (1UL << site)) != 0 && !IsHeldElsewhere(site, place))
            {
                ref Fate fate = ref _state.FateOf(site);
                fate = (fate & Fate.Escaped) != 0 ? Fate.Escaped : (fate & (Fate.Freed | Fate.Ended)) != 0 ? Fate.Ended : Fate.None;
            }
        }

        _state.Value(place) = OwnershipValue.Null;
        return true;
    }

    private void GiveBackFreed()
    {
        for (int site = 0; site < _state.Sites; site++)
        {
            ref Fate fate = ref _state.FateOf(site);
            fate = (fate & Fate.Freed) != 0 ? Fate.Escaped : fate;
        }
    }

    private bool RefineNotNull(int place)
    {
        ref OwnershipValue value = ref _state.Value(place);
        Origins left = value.Origins & ~(Origins.Null | Origins.Emptied);
        if (value.IsUnassigned)
        {
            return true;
        }

        value = new OwnershipValue(value.Sites, left);
        return left != Origins.None;
    }

    // Whether a variable other than `place` may refer to the object of a site. Temporaries don't count: they end unseen.
    private bool IsHeldElsewhere(int site, int place)
    {
        for (int other = 0; other < _state.Places; other++)
        {
            if (other != place && _survey.IsVariable(other) && (_state.Value(other).Sites & (1UL << site)) != 0)
            {
                return true;
            }
        }

        return false;
    }

    private (int? Place, bool IsNullWhenTrue) NullTest(IOperation condition)
    {
        switch (Conversions.Strip(condition))
        {
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals } equality:
                IOperation left = Conversions.Strip(equality.LeftOperand);
                IOperation right = Conversions.Strip(equality.RightOperand);
                IOperation? tested = IsNull(right) ? left : IsNull(left) ? right : null;
                return (PlaceOf(tested), equality.OperatorKind == BinaryOperatorKind.Equals);
            case IIsNullOperation test:
                return (PlaceOf(Conversions.Strip(test.Operand)), true);
            case IIsPatternOperation { Pattern: IConstantPatternOperation { Value: var constant } } match when IsNull(Conversions.Strip(constant)):
                return (PlaceOf(Conversions.Strip(match.Value)), true);
            case IIsPatternOperation { Pattern: INegatedPatternOperation { Pattern: IConstantPatternOperation { Value: var constant } } } match when IsNull(Conversions.Strip(constant)):
                return (PlaceOf(Conversions.Strip(match.Value)), false);
            case IPropertyReferenceOperation { Property: { Name: "IsNull", Type.SpecialType: SpecialType.System_Boolean }, Instance: { } instance }:
                return (PlaceOf(Conversions.Strip(instance)), true);
            default:
                return (null, false);
        }
    }

    private int? PlaceOf(IOperation? operation) => operation is not null && _survey.PlaceOf(operation) is int place && place >= 0 ? place : null;

    private static IOperation WithoutNot(IOperation condition)
    {
        while (condition is IUnaryOperation { OperatorKind: UnaryOperatorKind.Not } not)
        {
            condition = not.Operand;
        }

        return condition;
    }

    private static bool IsNull(IOperation operation)
        => operation is IDefaultValueOperation || operation.ConstantValue is { HasValue: true, Value: null or 0 or 0L or 0UL or 0u };
}
