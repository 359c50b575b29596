// The object that a reference was handed out by, as the text of a method names it: a variable or `this`, and fields from there on. Two mentions of a path are the same object as long as nothing on the way is assigned
// between them; the flow analysis sees to that:
//
//     table        a local, a parameter
//     this._table  world.Table   readonly fields, and properties that only return one
//     _table       a field that can be assigned: the same until code of others has run
//
// Copies of a collection's struct are the same collection under another path. What is done through one of them is not seen by the other: fewer reports, none wrong.

using System;
using System.Collections.Generic;
using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace NativeHeap.Analyzers.Ownership;

internal sealed class SourcePath
{
    private readonly List<ISymbol?> _steps = [];

    private SourcePath(string text) => Text = text;

    /// <summary>As messages name it.</summary>
    public string Text { get; }

    /// <summary>Whether nothing but an assignment in this very function can make it another object.</summary>
    public bool IsStable { get; private set; } = true;

    /// <summary>The path that an expression is; null if it is none.</summary>
    public static SourcePath? Of(IOperation operation, Survey survey)
    {
        SourcePath path = new(operation is IInstanceReferenceOperation ? "this" : operation.Syntax.ToString());
        return path.Append(operation, survey) ? path : null;
    }

    /// <summary>Whether this is the other, or a part of it.</summary>
    public bool IsUnder(SourcePath other) => other._steps.Count <= _steps.Count && other._steps.SequenceEqual(_steps.Take(other._steps.Count), SymbolEqualityComparer.Default);

    public bool Equals(SourcePath other) => other._steps.Count == _steps.Count && IsUnder(other);

    /// <summary>Whether a variable of a set is on the way.</summary>
    public bool Names(HashSet<ISymbol> variables) => _steps.Exists(s => s is not null && variables.Contains(s));

    private bool Append(IOperation operation, Survey survey)
    {
        switch (operation)
        {
            case ILocalReferenceOperation { Local: { RefKind: RefKind.None } local }:
                return Add(local, survey.IsAssignedHereAlone(local));
            case IParameterReferenceOperation { Parameter: var parameter }:
                return Add(parameter, parameter.RefKind is not (RefKind.Ref or RefKind.Out) && survey.IsAssignedHereAlone(parameter));
            case IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance }:
                return Add(null, isStable: true);
            case IFieldReferenceOperation { Field: { IsConst: false } field } reference:
                return AppendTo(reference.Instance, survey) && Add(field, field.IsReadOnly);
            case IPropertyReferenceOperation { Property: { SetMethod: null, Parameters.IsEmpty: true } property } reference when IsOfField(property):
                return AppendTo(reference.Instance, survey) && Add(property, isStable: true);
            case IFlowCaptureReferenceOperation temporary:
                return survey.CapturedBy(temporary) is { } captured && Append(captured, survey);
            case IConversionOperation { OperatorMethod: null } conversion:
                return Append(conversion.Operand, survey);
            default:
                return false;
        }
    }

    private bool AppendTo(IOperation? instance, Survey survey) => instance is null || Append(instance, survey);

    private bool Add(ISymbol? step, bool isStable)
    {
        _steps.Add(step);
        IsStable &= isStable;
        return true;
    }

    private static bool IsOfField(IPropertySymbol property)
        => property.ContainingType.GetMembers().Any(m => m is IFieldSymbol field && SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property));
}
