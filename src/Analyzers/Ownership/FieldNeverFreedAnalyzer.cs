// NH1016. A field that a class fills with an object to be freed, and of which nothing in the class ever frees it or gives it away. To be sure of
// that, the field must be private and every mention of it one that leaves the object where it is:
//
//     assigned    read through (_p->X, *_p, _p[i])    compared    lent to a [Borrowed] parameter    its properties read
//
// One other mention, of whatever kind, and the rule is silent: the object may be freed there. Static fields live as long as the process, and so
// may the only instance of a class that nobody else can create.

using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace NativeHeap.Analyzers.Ownership;

/// <summary>NH1016: a class keeps an object in a field and never frees it.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class FieldNeverFreedAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptors.FieldNeverFreed];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            if (Contracts.Of(start.Compilation) is { } contracts)
            {
                start.RegisterSymbolStartAction(c => Watch(c, contracts), SymbolKind.NamedType);
            }
        });
    }

    private static void Watch(SymbolStartAnalysisContext context, Contracts contracts)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        bool hasCandidates = type is { TypeKind: TypeKind.Class, IsStatic: false }
            && type.GetTypeMembers().IsEmpty
            && type.InstanceConstructors.Any(static c => c.DeclaredAccessibility != Accessibility.Private)
            && type.GetMembers().Any(IsCandidate);
        if (!hasCandidates)
        {
            return;
        }

        ConcurrentDictionary<IFieldSymbol, string> filled = new(SymbolEqualityComparer.Default);
        ConcurrentDictionary<IFieldSymbol, bool> givenAway = new(SymbolEqualityComparer.Default);
        context.RegisterOperationAction(
            c =>
            {
                var reference = (IFieldReferenceOperation)c.Operation;
                if (IsCandidate(reference.Field))
                {
                    Note(reference, contracts, filled, givenAway);
                }
            },
            OperationKind.FieldReference);
        context.RegisterOperationAction(
            c =>
            {
                var initializer = (IFieldInitializerOperation)c.Operation;
                if (Source(initializer.Value, contracts) is { } source)
                {
                    foreach (IFieldSymbol field in initializer.InitializedFields)
                    {
                        filled[field] = source;
                    }
                }
            },
            OperationKind.FieldInitializer);
        context.RegisterSymbolEndAction(end =>
        {
            foreach (IFieldSymbol field in filled.Keys)
            {
                if (IsCandidate(field) && !givenAway.ContainsKey(field) && field.Locations is [{ IsInSource: true } location, ..])
                {
                    end.ReportDiagnostic(Diagnostic.Create(Descriptors.FieldNeverFreed, location, field.Name, filled[field], type.Name));
                }
            }
        });
    }

    private static bool IsCandidate(ISymbol member)
        => member is IFieldSymbol { IsStatic: false, DeclaredAccessibility: Accessibility.Private, IsImplicitlyDeclared: false };

    private static void Note(
        IFieldReferenceOperation reference, Contracts contracts, ConcurrentDictionary<IFieldSymbol, string> filled, ConcurrentDictionary<IFieldSymbol, bool> givenAway)
    {
        if (reference.Parent is ISimpleAssignmentOperation { IsRef: false } assignment && assignment.Target == reference)
        {
            if (Source(assignment.Value, contracts) is { } source)
            {
                filled[reference.Field] = source;
            }

            if (assignment.Parent is not IExpressionStatementOperation)
            {
                // The value of the assignment goes on from here.
                givenAway[reference.Field] = true;
            }
        }
        else if (!StaysWhereItIs(reference, contracts))
        {
            givenAway[reference.Field] = true;
        }
    }

    private static bool StaysWhereItIs(IFieldReferenceOperation reference, Contracts contracts)
    {
        IOperation value = reference;
        while (value.Parent is IConversionOperation conversion)
        {
            value = conversion;
        }

        return value.Parent switch
        {
            IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals } => true,
            IIsPatternOperation { Pattern: IConstantPatternOperation or INegatedPatternOperation { Pattern: IConstantPatternOperation } } => true,
            IArgumentOperation { Parameter: { } parameter, Parent: IInvocationOperation call } => contracts.Of(call.TargetMethod)[parameter] == Duty.Lent,
            IPropertyReferenceOperation property => property.Instance == value,
            { } parent when PointerSyntax.Dereferenced(parent) == value => !IsReferenceTaken(parent),
            _ => false,
        };
    }

    private static bool IsReferenceTaken(IOperation place)
    {
        while (place.Parent is IFieldReferenceOperation outer)
        {
            place = outer;
        }

        return place.Parent is IAddressOfOperation || place.Syntax.Parent is Microsoft.CodeAnalysis.CSharp.Syntax.RefExpressionSyntax;
    }

    // The method that hands out what a value is, if that is an object to be freed.
    private static string? Source(IOperation value, Contracts contracts)
    {
        if (Conversions.Strip(value) is not IInvocationOperation call)
        {
            return null;
        }

        Contract contract = contracts.Of(call.TargetMethod);
        return contract is { ReturnsOwned: true, OwningHeap: null } && contract.Family != AllocatorFamily.Foreign
            ? call.TargetMethod.ContainingType.Name + "." + call.TargetMethod.Name
            : null;
    }
}
