// The transfer function of calls. In the order of the language: the receiver, the arguments, what the call takes, what it hands out.
//
//     argument    [TakesOwnership] ends it    [Borrowed] uses it    out [Owned] begins one    nothing said: used, and escaped
//     receiver    [TakesOwnership] on the method, or IDisposable.Dispose
//
// An owner is an object with members, and of a member that says nothing it is assumed to do something about the ownership: Close, Return, Retain(3). Properties
// are taken to be harmless, unless they hand out an object, which may end the owner in its turn. A member that hands out what it is called on (Move, Detach, Retain) leaves the receiver to be
// followed no more: whether it is empty now, or shared, is its own affair.

using System.Collections.Immutable;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace NativeHeap.Analyzers.Ownership;

internal sealed partial class OwnershipFlow
{
    private OwnershipValue Call(IInvocationOperation call)
    {
        IMethodSymbol method = call.TargetMethod;
        Contract contract = _contracts.Of(method);
        _mayThrow |= !contract.Has(Duty.Taken) && !contract.TakesThis;
        OwnershipValue receiver = call.Instance is null ? OwnershipValue.Unknown : Evaluate(Conversions.StripBuiltIn(call.Instance));
        OwnershipValue passed = Pass(call.Arguments, contract, call, method);
        bool lentElsewhere = receiver.Sites != 0 && HoldersOf(receiver.Sites) > 1;
        OwnershipValue result = call.Instance is null ? OwnershipValue.Unknown : CallOn(call, call.Instance, receiver, contract);
        EndReferences(call);
        if (receiver.Sites == 0 && BeginReference(call) is { Sites: not 0 } lent)
        {
            result = lent;
        }

        if (contract.NeverReturns)
        {
            _neverReturns = true;
        }

        if (contract.ReturnsOwned)
        {
            return BeginReturned(call, lentElsewhere);
        }

        bool holds = call.Type is { IsRefLikeType: true } || method.RefKind != RefKind.None;
        if (passed.Sites != 0 && holds)
        {
            Escape(passed);
        }

        return result;
    }

    private OwnershipValue BeginReturned(IInvocationOperation call, bool isLentElsewhere)
    {
        bool isShare = call.Instance is { Type: { } type } && SymbolEqualityComparer.Default.Equals(type, call.Type) && IsReadOnly(call.TargetMethod);
        if (isShare)
        {
            // m.Retain(): the same word twice, and either may be released twice.
            return OwnershipValue.Unknown;
        }

        OwnershipValue begun = Begin(_survey.SiteOf(call));
        if (isLentElsewhere)
        {
            Escape(begun);
        }

        return begun;
    }

    // What a call does to its receiver; the value is that of a view of it, such as a slice of a span.
    private OwnershipValue CallOn(IInvocationOperation call, IOperation instance, OwnershipValue receiver, Contract contract)
    {
        IMethodSymbol method = call.TargetMethod;
        if (PointerSyntax.Dereferenced(instance) is not null)
        {
            return OwnershipValue.Unknown;
        }

        if (HoldsAddress(instance.Type))
        {
            bool isSpan = KnownSymbols.IsSpan(instance.Type);
            if (isSpan)
            {
                Use(receiver, instance);
            }

            // ToPointer of a NativePointer, slices of a span; ToString and Equals return neither.
            bool holds = HoldsAddress(call.Type) || call.Type is { IsRefLikeType: true };
            return !holds ? OwnershipValue.Unknown : isSpan ? receiver.Near() : receiver;
        }

        if (IsReference(receiver))
        {
            // The Current of an enumerator, by a method.
            return method.RefKind != RefKind.None || call.Type is { IsRefLikeType: true } ? receiver.Near() : OwnershipValue.Unknown;
        }

        if (receiver.Sites == 0)
        {
            return OwnershipValue.Unknown;
        }

        Contract ends = _contracts.OfEnding(call);
        if (ends.TakesThis)
        {
            End(receiver, instance, call, method, ends);
            if (PlaceOf(Conversions.StripBuiltIn(instance)) is { } place && !IsReadOnly(method) && Conversions.StripBuiltIn(instance).Type is { IsValueType: true })
            {
                _state.Value(place) = new OwnershipValue(receiver.Sites, Origins.Emptied);
            }

            return OwnershipValue.Unknown;
        }

        if (contract.ReturnsLent)
        {
            UseMember(receiver, instance, call.Type, method.RefKind);
            return HoldsAddress(call.Type) ? receiver.Near() : OwnershipValue.Unknown;
        }

        bool isOfObject = method.ContainingType.SpecialType is SpecialType.System_Object or SpecialType.System_ValueType;
        if (!isOfObject)
        {
            UseMember(receiver, instance, call.Type, method.RefKind);
            LetGo(receiver);
        }

        return OwnershipValue.Unknown;
    }

    private OwnershipValue Create(IObjectCreationOperation creation)
    {
        _mayThrow = true;
        if (creation.Constructor is not { } constructor)
        {
            foreach (IOperation child in creation.ChildOperations)
            {
                Escape(Evaluate(child));
            }

            return OwnershipValue.Unknown;
        }

        if (creation.Arguments.IsEmpty && creation.Type is { IsValueType: true })
        {
            return OwnershipValue.Null;
        }

        Contract contract = _contracts.Of(constructor);
        bool isWrapper = HoldsAddress(creation.Type) && creation.Arguments.Length > 0;
        if (isWrapper)
        {
            // new NativePointer<T>(p), new Span<T>(p, n): the same address.
            OwnershipValue address = Evaluate(creation.Arguments[0].Value);
            for (int i = 1; i < creation.Arguments.Length; i++)
            {
                Escape(Evaluate(creation.Arguments[i].Value));
            }

            return _contracts.IsPointer(creation.Type) ? address : address.Near();
        }

        OwnershipValue kept = Pass(creation.Arguments, contract, creation, constructor);
        RunOthers(constructor);
        Escape(kept);
        return OwnershipValue.Unknown;
    }

    private OwnershipValue Property(IPropertyReferenceOperation property, bool isReference = false)
    {
        _mayThrow = true;
        OwnershipValue receiver = property.Instance is { } instance ? Evaluate(Conversions.StripBuiltIn(instance)) : OwnershipValue.Unknown;
        foreach (IArgumentOperation argument in property.Arguments)
        {
            Escape(Evaluate(argument.Value));
        }

        if (receiver.Sites == 0 && BeginReference(property) is { Sites: not 0 } lent)
        {
            return isReference || property.Property.RefKind == RefKind.None ? lent : OwnershipValue.Unknown;
        }

        if (property.Instance is null || (receiver.Sites == 0 && !receiver.May(Origins.Gone)) || PointerSyntax.Dereferenced(property.Instance) is not null)
        {
            return OwnershipValue.Unknown;
        }

        if (HoldsAddress(property.Instance.Type))
        {
            if (property.Property.RefKind != RefKind.None)
            {
                Use(receiver, property.Instance);
                _behind = (property, receiver);
            }

            return isReference ? receiver.Near() : OwnershipValue.Unknown;
        }

        if (IsReference(receiver))
        {
            // The Current of an enumerator, the Value of an entry: the one is another name, the other is used.
            bool isRead = property.Property.RefKind != RefKind.None && !isReference;
            if (isRead)
            {
                Use(receiver, property.Instance);
            }

            return isReference || property.Type is { IsRefLikeType: true } ? receiver.Near() : OwnershipValue.Unknown;
        }

        UseMember(receiver, property.Instance, property.Type, property.Property.RefKind);
        if (property.Type is { IsReferenceType: true, SpecialType: not SpecialType.System_String })
        {
            // An object that belongs to the owner may well end it: owner.Segment.
            Escape(receiver);
        }

        return (isReference || KnownSymbols.IsSpan(property.Type)) && !WasFreed(receiver).Must ? receiver.Near() : OwnershipValue.Unknown;
    }

    // span[1..]
    private OwnershipValue Slice(IImplicitIndexerReferenceOperation slice)
    {
        OwnershipValue from = Evaluate(slice.Instance);
        Escape(Evaluate(slice.Argument));
        if (!KnownSymbols.IsSpan(slice.Instance.Type))
        {
            Escape(from);
            return from.Sites == 0 ? BeginReference(slice) : OwnershipValue.Unknown;
        }

        Use(from, slice.Instance);
        return KnownSymbols.IsSpan(slice.Type) ? from.Near() : OwnershipValue.Unknown;
    }

    // The arguments of a call. Returns what of them a result could still refer to.
    private OwnershipValue Pass(ImmutableArray<IArgumentOperation> arguments, Contract contract, IOperation call, IMethodSymbol method)
    {
        OwnershipValue passed = default;
        ImmutableArray<(OwnershipValue, IArgumentOperation)>.Builder? taken = null;
        foreach (IArgumentOperation argument in arguments)
        {
            Duty duty = DutyOf(argument, contract);
            if (argument.Parameter?.RefKind == RefKind.Out)
            {
                Receive(argument, duty);
                continue;
            }

            OwnershipValue value = Evaluate(argument.Value);
            if (duty == Duty.Taken)
            {
                taken ??= ImmutableArray.CreateBuilder<(OwnershipValue, IArgumentOperation)>();
                taken.Add((value, argument));
            }
            else if (value.Sites != 0 || value.May(Origins.Gone))
            {
                passed = OwnershipValue.Join(passed, PassOne(argument, value, duty));
            }
        }

        if (taken is not null)
        {
            foreach ((OwnershipValue value, IArgumentOperation argument) in taken)
            {
                End(value, argument.Value, call, method, contract);
            }
        }

        return passed;
    }

    // A span that is taken is lent: what ends are the objects that its elements point to.
    private static Duty DutyOf(IArgumentOperation argument, Contract contract)
    {
        Duty duty = argument.Parameter is { } parameter ? contract[parameter] : Duty.Unsaid;
        return duty == Duty.Taken && KnownSymbols.IsSpan(argument.Parameter!.Type) ? Duty.Lent : duty;
    }

    private OwnershipValue PassOne(IArgumentOperation argument, OwnershipValue value, Duty duty)
    {
        if (argument.Parameter?.RefKind == RefKind.Ref)
        {
            Escape(value);
            if (PlaceOf(argument.Value) is { } place)
            {
                _state.Value(place) = OwnershipValue.Unknown;
            }

            return default;
        }

        ITypeSymbol? type = argument.Parameter?.Type;
        bool isSpan = KnownSymbols.IsSpan(type);
        if (duty == Duty.Lent || isSpan)
        {
            Use(value, argument.Value);
            return value;
        }

        if (argument.Parameter?.RefKind is RefKind.In or RefKind.RefReadOnlyParameter && type is { IsRefLikeType: true })
        {
            return value;
        }

        // A pointer to something is passed to be read; a void* or a number may be nothing but a key or a line of a log.
        if (type is IPointerTypeSymbol { PointedAtType.SpecialType: not SpecialType.System_Void })
        {
            Use(value, argument.Value);
        }
        else if (type is IPointerTypeSymbol)
        {
            UsePerhaps(value, argument.Value);
        }

        Escape(value);
        return default;
    }

    private void Receive(IArgumentOperation argument, Duty duty)
    {
        OwnershipValue value = duty == Duty.Given ? Begin(_survey.SiteOf(argument)) : BeginReference(argument);
        if (argument.Value is IDiscardOperation || argument.Value is IDeclarationExpressionOperation { Expression: IDiscardOperation })
        {
            CheckDiscarded(value, argument.Value);
            return;
        }

        if (PlaceOf(argument.Value) is { } place)
        {
            Store(place, value, argument.Value);
            return;
        }

        Escape(value);
        if (argument.Value is not IDeclarationExpressionOperation)
        {
            Evaluate(argument.Value);
        }
    }

    private static bool IsReadOnly(IMethodSymbol method) => method.IsReadOnly || method.ContainingType is { IsReadOnly: true } or { IsReferenceType: true };
}
