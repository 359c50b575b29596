// Follows one address, from the expression that takes it from an owner to every place where it ends; NH1023 says which ends are
// reported and why. A trace asks about the owner only when it has found an end worth reporting: nearly all addresses have none.

using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace NativeHeap.Analyzers.Usage;

internal sealed class EscapeTrace(OperationAnalysisContext context, KnownSymbols symbols, ILocalReferenceOperation owner)
{
    // Locals assigned once cannot form a cycle, but code that does not compile can.
    private const int MaxLocals = 8;

    private readonly IOperation _source = context.Operation;
    private readonly IOperation _body = Surroundings.BodyOf(context.Operation);
    private readonly IOperation? _function = Surroundings.FunctionOf(context.Operation);

    public void Follow(AddressForm form) => Follow(_source, form, form == AddressForm.Place, 0);

    // byCompiler: safe code that does the same has an error of the compiler's already.
    private void Follow(IOperation value, AddressForm form, bool byCompiler, int locals)
    {
        while (form != AddressForm.None && value.Parent is { } parent)
        {
            bool isAddress = form == AddressForm.Address || Surroundings.IsTakenByRef(value);
            switch (parent)
            {
                case IReturnOperation when isAddress:
                    Report(value, "returned", byCompiler);
                    return;
                case IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol: var local } } when isAddress:
                    FollowLocal(local, null, byCompiler, locals);
                    return;
                case ISimpleAssignmentOperation assignment when assignment.Value == value:
                    if (!isAddress || FollowStore(assignment, byCompiler, locals) is not { } created)
                    {
                        return;
                    }

                    (value, form) = (created, AddressForm.Address);
                    continue;
                default:
                    form = AddressFlow.Through(parent, value, form, symbols);
                    byCompiler &= AddressFlow.IsFollowedByCompiler(parent);
                    value = parent;
                    continue;
            }
        }
    }

    // A store into a member of a struct that is just being created makes the struct carry the address: the trace goes on with that.
    private IOperation? FollowStore(ISimpleAssignmentOperation store, bool byCompiler, int locals)
    {
        switch (store.Target)
        {
            case ILocalReferenceOperation { Local: var local }:
                FollowLocal(local, store, byCompiler, locals);
                return null;
            case IParameterReferenceOperation { Parameter: { RefKind: RefKind.Ref or RefKind.Out } parameter } when !store.IsRef:
                if (!IsWrittenAgain(parameter, store))
                {
                    Report(store.Value, $"stored in '{parameter.Name}'", byCompiler);
                }

                return null;
            case IFieldReferenceOperation { Instance: IInstanceReferenceOperation instance }
                when instance.ReferenceKind == InstanceReferenceKind.ImplicitReceiver:
                return store.Parent?.Parent is IObjectCreationOperation { Type.IsValueType: true } created ? created : null;
            case IFieldReferenceOperation target when Outlives(target) && !IsWrittenAgain(target.Field, store) && !MayBeCleared(store):
                Report(store.Value, $"stored in '{target.Field.Name}'", byCompiler);
                return null;
            default:
                return null;
        }
    }

    private void FollowLocal(ILocalSymbol local, ISimpleAssignmentOperation? assignment, bool byCompiler, int locals)
    {
        ILocalReferenceOperation[] references = [.. Surroundings.ReferencesTo(local, _body)];
        bool hasNoOtherValue = assignment is null || (local.RefKind == RefKind.None && !HasInitializer(local));
        if (locals == MaxLocals || !hasNoOtherValue || references.Any(r => r.Parent != assignment && IsRebound(r)))
        {
            return;
        }

        foreach (ILocalReferenceOperation reference in references)
        {
            if (Surroundings.FunctionOf(reference) == _function && reference.Parent != assignment)
            {
                Follow(reference, local.RefKind == RefKind.None ? AddressForm.Address : AddressForm.Place, byCompiler, locals + 1);
            }
        }
    }

    private bool HasInitializer(ILocalSymbol local)
        => _body.Descendants().Any(o => o is IVariableDeclaratorOperation { Initializer: not null, Symbol: var symbol }
            && SymbolEqualityComparer.Default.Equals(symbol, local));

    // A ref local that is assigned without the word ref keeps its address: the object behind it changes.
    private static bool IsRebound(ILocalReferenceOperation reference) => reference.Parent switch
    {
        IAssignmentOperation assignment when assignment.Target == reference
            => reference.Local.RefKind == RefKind.None || assignment is ISimpleAssignmentOperation { IsRef: true },
        IIncrementOrDecrementOperation or IAddressOfOperation => reference.Local.RefKind == RefKind.None,
        IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out } => reference.Local.RefKind == RefKind.None,
        ITupleOperation => true,
        _ => Surroundings.IsTakenByRef(reference) && reference.Local.RefKind == RefKind.None,
    };

    private static bool Outlives(IFieldReferenceOperation field) => field.Instance switch
    {
        null or IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance } => true,
        IFieldReferenceOperation outer => Outlives(outer),
        IParameterReferenceOperation { Parameter: var parameter }
            => parameter.RefKind is RefKind.Ref or RefKind.Out || parameter.Type.IsReferenceType,
        _ => false,
    };

    private bool IsWrittenAgain(ISymbol place, ISimpleAssignmentOperation store)
        => _body.Descendants().Any(o => o != store.Target
            && SymbolEqualityComparer.Default.Equals(SymbolOf(o), place)
            && (Surroundings.IsTakenByRef(o) || o.Parent is IAssignmentOperation or IAddressOfOperation or ITupleOperation
                or IArgumentOperation { Parameter.RefKind: not RefKind.None }));

    private static ISymbol? SymbolOf(IOperation operation) => operation switch
    {
        IParameterReferenceOperation parameter => parameter.Parameter,
        IFieldReferenceOperation field => field.Field,
        _ => null,
    };

    // What runs code of others after the store: calls, setters, and the end of another using, wherever it begins.
    private bool MayBeCleared(ISimpleAssignmentOperation store)
    {
        return _body.Descendants().Any(o => o switch
        {
            IInvocationOperation call => IsAfter(call) && !symbols.IsOwner(call.TargetMethod.ContainingType),
            IPropertyReferenceOperation { Parent: IAssignmentOperation set } property => IsAfter(property) && set.Target == property,
            IVariableDeclaratorOperation { Symbol: { IsUsing: true } resource } => !symbols.IsOwner(resource.Type),
            IUsingOperation { Resources: not IVariableDeclarationGroupOperation } => true,
            _ => false,
        });

        bool IsAfter(IOperation operation) => operation.Syntax.SpanStart > store.Syntax.Span.End;
    }

    private void Report(IOperation value, string fate, bool byCompiler)
    {
        bool isCompilersError = byCompiler && !Surroundings.IsUnsafe(value.Syntax);
        if (!isCompilersError && Surroundings.FunctionOf(value) == _function && KeepsItsObject() && IsFreed(value))
        {
            context.ReportDiagnostic(Diagnostic.Create(Descriptors.ReferenceEscapes, value.Syntax.GetLocation(), owner.Local.Name, fate));
        }
    }

    // Once disposed the owner yields null, which is harmless to hand out: hence the order of the two.
    private bool KeepsItsObject()
        => Surroundings.ReferencesTo(owner.Local, _body).All(r => r.Parent switch
        {
            IPropertyReferenceOperation => true,
            IInvocationOperation call => call.TargetMethod.Name == "DangerousGetPointer"
                || (call.TargetMethod.Name == "Dispose" && call.Syntax.SpanStart > _source.Syntax.Span.End),
            IArgumentOperation argument => argument.Parameter?.RefKind is RefKind.In or RefKind.RefReadOnlyParameter,
            _ => false,
        });

    private bool IsFreed(IOperation place)
        => owner.Local.IsUsing || Surroundings.StatementsBefore(place).Any(IsDispose) || IsDisposedInFinally(place);

    private bool IsDisposedInFinally(IOperation place)
    {
        for (IOperation inner = place; inner.Parent is { } outer && outer != _function; inner = outer)
        {
            if (outer is ITryOperation { Finally: { } last } attempt && attempt.Body == inner && last.Operations.Any(IsDispose))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsDispose(IOperation statement)
        => statement is IExpressionStatementOperation
        {
            Operation: IInvocationOperation { TargetMethod.Name: "Dispose", Instance: ILocalReferenceOperation disposed },
        } && SymbolEqualityComparer.Default.Equals(disposed.Local, owner.Local);
}
