// The transfer function of expressions: what an expression's value may be, and what evaluating it does to the objects it meets.
//
// A value goes on unchanged only through what is listed here (assignments, casts between addresses, arithmetic on pointers, calls by their contracts).
// Comparisons and tests read it. Everything else takes it somewhere the analysis does not follow, and there the object escapes: that rule
// is the default, so that a construct that nobody thought of makes the analysis silent and not wrong.

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace NativeHeap.Analyzers.Ownership;

internal sealed partial class OwnershipFlow
{
    // What the block at hand returns.
    private OwnershipValue _returned;

    // The last place in an object that was evaluated, and the object.
    private (IOperation? Reference, OwnershipValue Object) _behind;

    private void Execute(IOperation operation)
    {
        switch (operation)
        {
            case IExpressionStatementOperation statement:
                if (!IsDiscarded(statement.Operation))
                {
                    Evaluate(statement.Operation);
                }

                break;
            case IFlowCaptureOperation temporary:
                int place = _survey.PlaceOf(temporary);
                bool isReference = temporary.Value.Syntax.Parent is RefExpressionSyntax;
                OwnershipValue value = isReference ? EvaluateReference(temporary.Value) : Evaluate(temporary.Value);
                if (place >= 0)
                {
                    _state.Value(place) = value;
                }

                if (isReference)
                {
                    EscapeObjectBehind(temporary.Value);
                }

                break;
            case IReturnOperation { ReturnedValue: { } yielded }:
                Escape(Evaluate(yielded));
                break;
            default:
                Evaluate(operation);
                break;
        }
    }

    private void EvaluateBranch(BasicBlock block, IOperation operation)
    {
        bool isReference = operation.Syntax.Parent is RefExpressionSyntax;
        _asked = block.ConditionKind == ControlFlowConditionKind.None ? null : WithoutNot(operation);
        OwnershipValue value = isReference ? EvaluateReference(operation) : Evaluate(operation);
        _asked = null;
        if (block.FallThroughSuccessor?.Semantics == ControlFlowBranchSemantics.Return)
        {
            CheckReturned(value, operation);
            _returned = value;
            Escape(value);
            if (isReference)
            {
                EscapeObjectBehind(operation);
            }
        }
        else if (operation.Type?.SpecialType != SpecialType.System_Boolean)
        {
            Escape(value);
        }
    }

    private OwnershipValue Evaluate(IOperation? operation)
    {
        switch (operation)
        {
            case null:
                return OwnershipValue.Unknown;
            case ILocalReferenceOperation when ReferencePlaceOf(operation) is { } reference:
                Use(_state.Value(reference), operation);
                return OwnershipValue.Unknown;
            case ILocalReferenceOperation or IParameterReferenceOperation or IFlowCaptureReferenceOperation or IDeclarationExpressionOperation:
                return ValueOf(operation);
            case IDefaultValueOperation:
                return OwnershipValue.Null;
            case IConversionOperation conversion:
                return Convert(conversion);
            case ISimpleAssignmentOperation assignment:
                return Assign(assignment);
            case ICompoundAssignmentOperation compound:
                return Move(compound.Target, compound.Value);
            case IIncrementOrDecrementOperation step:
                return Move(step.Target, null);
            case IBinaryOperation binary:
                return Evaluate(binary);
            case IUnaryOperation { OperatorKind: UnaryOperatorKind.Not } not:
                return Read(not.Operand);
            case IIsNullOperation test:
                return Read(test.Operand);
            case IIsTypeOperation test:
                return Read(test.ValueOperand);
            case IIsPatternOperation match:
                return Match(match);
            case IAddressOfOperation address:
                return AddressOf(address.Reference);
            case IInvocationOperation call:
                return Call(call);
            case IObjectCreationOperation creation:
                return Create(creation);
            case IPropertyReferenceOperation property:
                return Property(property);
            case IImplicitIndexerReferenceOperation slice:
                return Slice(slice);
            case IFieldReferenceOperation field:
                Evaluate(field.Instance);
                return OwnershipValue.Unknown;
            case IArgumentOperation argument:
                return Evaluate(argument.Value);
        }

        if (PointerSyntax.IsStackAlloc(operation))
        {
            return OwnershipValue.Stack;
        }

        if (PointerSyntax.Dereferenced(operation) is not null)
        {
            Dereference(operation);
            return OwnershipValue.Unknown;
        }

        foreach (IOperation child in operation.ChildOperations)
        {
            Escape(Evaluate(child));
        }

        return IsNull(operation) ? OwnershipValue.Null : OwnershipValue.Unknown;
    }

    private OwnershipValue ValueOf(IOperation reference)
    {
        int place = _survey.PlaceOf(reference);
        return place < 0 || _state.Value(place).IsUnassigned ? OwnershipValue.Unknown : _state.Value(place);
    }

    private OwnershipValue Read(IOperation operation)
    {
        Evaluate(operation);
        return OwnershipValue.Unknown;
    }

    private OwnershipValue Convert(IConversionOperation conversion)
    {
        OwnershipValue value = Evaluate(conversion.Operand);
        if (IsNull(conversion))
        {
            return OwnershipValue.Null;
        }

        bool goesOn = HoldsAddress(conversion.Type) || (conversion.OperatorMethod is null && (conversion.Conversion.IsReference || conversion.Conversion.IsIdentity));
        if (goesOn)
        {
            return value;
        }

        Escape(value);
        return OwnershipValue.Unknown;
    }

    private bool HoldsAddress(ITypeSymbol? type)
        => type is IPointerTypeSymbol || type?.SpecialType is SpecialType.System_IntPtr or SpecialType.System_UIntPtr || _contracts.IsPointer(type) || KnownSymbols.IsSpan(type);

    private OwnershipValue Evaluate(IBinaryOperation binary)
    {
        OwnershipValue left = Evaluate(binary.LeftOperand);
        OwnershipValue right = Evaluate(binary.RightOperand);
        switch (binary.OperatorKind)
        {
            case BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals or BinaryOperatorKind.LessThan or BinaryOperatorKind.LessThanOrEqual
                or BinaryOperatorKind.GreaterThan or BinaryOperatorKind.GreaterThanOrEqual:
                return OwnershipValue.Unknown;
            case BinaryOperatorKind.Add or BinaryOperatorKind.Subtract when HoldsAddress(binary.Type):
                return left.Sites == 0 ? Moved(right, binary.LeftOperand) : right.Sites == 0 ? Moved(left, binary.RightOperand) : Lose(left, right);
            default:
                return Lose(left, right);
        }
    }

    private OwnershipValue Lose(OwnershipValue left, OwnershipValue right)
    {
        Escape(left);
        Escape(right);
        return OwnershipValue.Unknown;
    }

    private static OwnershipValue Moved(OwnershipValue from, IOperation by)
        => by.ConstantValue is { HasValue: true, Value: 0 } ? from : PointerSyntax.IsNotZero(by) ? from.Past() : from.Near();

    // p += n, p++: by null, a step of one.
    private OwnershipValue Move(IOperation target, IOperation? by)
    {
        OwnershipValue value = Evaluate(target);
        OwnershipValue offset = by is null ? OwnershipValue.Unknown : Evaluate(by);
        Escape(offset);
        OwnershipValue moved = by is null ? value.Past() : Moved(value, by);
        if (PlaceOf(target) is { } place && HoldsAddress(target.Type))
        {
            _state.Value(place) = moved;
            return value.Near();
        }

        Escape(value);
        return OwnershipValue.Unknown;
    }

    private OwnershipValue Match(IIsPatternOperation match)
    {
        OwnershipValue value = Evaluate(match.Value);
        if (match.Pattern is IDeclarationPatternOperation { DeclaredSymbol: not null } or IRecursivePatternOperation { DeclaredSymbol: not null }
            or IBinaryPatternOperation or IListPatternOperation or INegatedPatternOperation { Pattern: not IConstantPatternOperation })
        {
            Escape(value);
        }

        return OwnershipValue.Unknown;
    }

    private OwnershipValue Assign(ISimpleAssignmentOperation assignment)
    {
        if (assignment.IsRef)
        {
            AssignReference(assignment);
            return OwnershipValue.Unknown;
        }

        OwnershipValue value = Evaluate(assignment.Value);
        ForgetReferencesInto(assignment.Target);
        if (assignment.Target is IDiscardOperation)
        {
            CheckDiscarded(value, assignment.Value);
            return value;
        }

        if (PlaceOf(assignment.Target) is { } place)
        {
            Store(place, value, assignment.Target);
            return value;
        }

        Evaluate(assignment.Target);
        if (assignment.Target is IPropertyReferenceOperation property)
        {
            EndReferences(property);
        }

        Escape(value);
        return value;
    }

    private void Store(int place, OwnershipValue value, IOperation target)
    {
        CheckOverwritten(place, value, target);
        _state.Value(place) = value;
    }

    // A reference to an object can become its address again, which the analysis does not follow.
    private void EscapeObjectBehind(IOperation reference)
    {
        while (reference is IFieldReferenceOperation { Instance: { } instance })
        {
            reference = instance;
        }

        if (_behind.Reference == reference)
        {
            Escape(_behind.Object);
        }
    }

    private void Dereference(IOperation operation)
    {
        OwnershipValue pointer = default;
        foreach (IOperation child in operation.ChildOperations)
        {
            OwnershipValue value = Evaluate(child);
            if (pointer.IsUnassigned)
            {
                pointer = value;
                Use(value, child);
            }
            else
            {
                Escape(value);
            }
        }

        _behind = (operation, pointer);
    }

    private OwnershipValue AddressOf(IOperation reference)
    {
        bool isPast = false;
        bool isExact = true;
        while (true)
        {
            switch (reference)
            {
                case IFieldReferenceOperation { Instance: { } instance } field when field.Field.ContainingType.IsValueType:
                    isPast |= PointerSyntax.IsPastStart(field.Field);
                    isExact = false;
                    reference = instance;
                    continue;
                case ILocalReferenceOperation { Local: { RefKind: RefKind.None, IsFixed: false } }:
                case IParameterReferenceOperation { Parameter.RefKind: RefKind.None }:
                    return IsOfThisFunction(reference) ? OwnershipValue.Stack : OwnershipValue.Unknown;
            }

            break;
        }

        if (PointerSyntax.Dereferenced(reference) is not { } pointer)
        {
            Escape(Evaluate(reference));
            return OwnershipValue.Unknown;
        }

        OwnershipValue value = Evaluate(pointer);
        foreach (IOperation index in reference.ChildOperations)
        {
            if (index == pointer)
            {
                continue;
            }

            Escape(Evaluate(index));
            value = Moved(value, index);
        }

        return isPast ? value.Past() : isExact ? value : value.Near();
    }

    private static bool IsOfThisFunction(IOperation reference)
        => reference is ILocalReferenceOperation { Local: { IsStatic: false, Type.IsValueType: true } } or ILocalReferenceOperation { Local.Type: IPointerTypeSymbol }
            or IParameterReferenceOperation;
}
