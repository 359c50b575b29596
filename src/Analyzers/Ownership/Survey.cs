// The first look at a control-flow graph: numbers the sites and the places, before any state is made. A variable is a place if its value is
// known to come from assignments that the graph shows:
//
//     place  <=>  local or parameter by value, or temporary of the graph
//                 its type may carry an object: pointers, nint, NativePointer, spans, and the types of the owners met here
//                 its address is not taken, no ref stands for it, no lambda or local function touches it, no pattern assigns it
//              or a ref local: its value is what it refers to
//
// The graph spills the target of `p = c ? a : b` into a temporary as well: such a temporary is another name of the variable, or of the field.

using System.Collections.Generic;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace NativeHeap.Analyzers.Ownership;

internal sealed class Survey
{
    /// <summary>Sites are bits of a word.</summary>
    public const int MaxSites = 64;

    private readonly ControlFlowGraph _graph;
    private readonly ISymbol _function;
    private readonly Contracts _contracts;
    private readonly List<Site> _sites = [];
    private readonly Dictionary<IOperation, int> _siteOf = [];
    private readonly Dictionary<ISymbol, int> _variables = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<CaptureId, int> _temporaries = [];
    private readonly Dictionary<CaptureId, ISymbol> _spilled = [];
    private readonly HashSet<CaptureId> _targets = [];
    private readonly HashSet<ISymbol> _untracked = new(SymbolEqualityComparer.Default);
    private readonly HashSet<ISymbol> _met = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<CaptureId, IOperation> _captured = [];
    private bool _hasFunctions;

    public Survey(ControlFlowGraph graph, ISymbol function, Contracts contracts)
    {
        (_graph, _function, _contracts) = (graph, function, contracts);
        References = new ReferenceSurvey(this, contracts);
        _hasFunctions = !graph.LocalFunctions.IsEmpty;
        foreach (BasicBlock block in graph.Blocks)
        {
            foreach (IOperation operation in block.Operations)
            {
                Visit(operation);
            }

            if (block.BranchValue is { } value)
            {
                Visit(value);
                NoteCondition(value);
            }
        }

        if (_hasFunctions)
        {
            LeaveOutCaptured(graph.OriginalOperation, function);
        }

        References.AddSites();
        NumberVariables();
    }

    /// <summary>What objects lend references, and what ends them.</summary>
    public ReferenceSurvey References { get; }

    public List<IFlowAnonymousFunctionOperation> Lambdas { get; } = [];

    public IReadOnlyList<Site> Sites => _sites;

    /// <summary>The types of the marks that calls here go back to.</summary>
    public HashSet<ITypeSymbol> Marks { get; } = new(SymbolEqualityComparer.Default);

    public int Places { get; private set; }

    /// <summary>Whether the graph is that of a lambda.</summary>
    public bool IsLambda => _function is IMethodSymbol { MethodKind: MethodKind.AnonymousFunction };

    /// <summary>The site that an operation is; -1 for none.</summary>
    public int SiteOf(IOperation operation) => _siteOf.TryGetValue(operation, out int site) ? site : -1;

    /// <summary>The place that a ref local is; -1 for anything else.</summary>
    public int ReferencePlaceOf(IOperation operation)
        => operation is ILocalReferenceOperation { Local: { RefKind: not RefKind.None } local } ? PlaceOf(local)
            : operation is IDeclarationExpressionOperation declaration ? ReferencePlaceOf(declaration.Expression) : -1;

    /// <summary>What a temporary was made of; null if that is not known.</summary>
    public IOperation? CapturedBy(IFlowCaptureReferenceOperation temporary) => _captured.TryGetValue(temporary.Id, out IOperation? value) ? value : null;

    /// <summary>Whether nothing but this function assigns a variable.</summary>
    public bool IsAssignedHereAlone(ISymbol variable)
        => (SymbolEqualityComparer.Default.Equals(variable.ContainingSymbol, _function) && !_untracked.Contains(variable)) || CapturedVariables.IsNeverReassigned(variable, _graph.OriginalOperation);

    /// <summary>The place that an operation names; -1 for none. A ref local names no place of its own.</summary>
    public int PlaceOf(IOperation operation)
    {
        switch (operation)
        {
            case ILocalReferenceOperation local:
                return local.Local.RefKind == RefKind.None ? PlaceOf(local.Local) : -1;
            case IParameterReferenceOperation parameter:
                return PlaceOf(parameter.Parameter);
            case IFlowCaptureReferenceOperation temporary:
                if (_targets.Contains(temporary.Id))
                {
                    return _spilled.TryGetValue(temporary.Id, out ISymbol? variable) ? PlaceOf(variable) : -1;
                }

                return _temporaries.TryGetValue(temporary.Id, out int place) ? place : -1;
            case IDeclarationExpressionOperation declaration:
                return PlaceOf(declaration.Expression);
            default:
                return -1;
        }
    }

    /// <summary>The place of a temporary; -1 if it is another name of what it was made of.</summary>
    public int PlaceOf(IFlowCaptureOperation temporary) => PlaceOf(temporary.Id);

    /// <summary>The place of a temporary; -1 if it is another name of what it was made of.</summary>
    public int PlaceOf(CaptureId temporary) => !_targets.Contains(temporary) && _temporaries.TryGetValue(temporary, out int place) ? place : -1;

    /// <summary>Whether a place is a variable of the program's, not a temporary of the graph's.</summary>
    public bool IsVariable(int place) => place < _variables.Count;

    /// <summary>The place of a variable; -1 if it is none.</summary>
    public int PlaceOf(ISymbol variable) => _variables.TryGetValue(variable, out int place) ? place : -1;

    private void Visit(IOperation operation)
    {
        switch (operation)
        {
            case IInvocationOperation call:
                NoteCall(call, call.TargetMethod, call.Arguments);
                break;
            case IObjectCreationOperation { Constructor: { } constructor } creation:
                NoteCall(creation, constructor, creation.Arguments);
                break;
            case ILocalReferenceOperation local:
                NoteVariable(local.Local, local);
                break;
            case IParameterReferenceOperation parameter:
                NoteVariable(parameter.Parameter, parameter);
                break;
            case IFlowCaptureOperation temporary:
                NoteTemporary(temporary);
                break;
            case IAssignmentOperation { Target: IFlowCaptureReferenceOperation target }:
                _targets.Add(target.Id);
                break;
            case IIncrementOrDecrementOperation { Target: IFlowCaptureReferenceOperation target }:
                _targets.Add(target.Id);
                break;
            case IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out, Value: IFlowCaptureReferenceOperation target }:
                _targets.Add(target.Id);
                break;
            case IDeclarationPatternOperation { DeclaredSymbol: { } declared }:
                _untracked.Add(declared);
                break;
            case IRecursivePatternOperation { DeclaredSymbol: { } declared }:
                _untracked.Add(declared);
                break;
            case IListPatternOperation { DeclaredSymbol: { } declared }:
                _untracked.Add(declared);
                break;
            case IFlowAnonymousFunctionOperation lambda:
                _hasFunctions = true;
                Lambdas.Add(lambda);
                break;
            default:
                break;
        }

        References.Note(operation);
        foreach (IOperation child in operation.ChildOperations)
        {
            Visit(child);
        }
    }

    private void NoteCall(IOperation call, IMethodSymbol method, IEnumerable<IArgumentOperation> arguments)
    {
        Contract contract = _contracts.Of(method);
        if (contract.ReturnsOwned && call.Type is { } type)
        {
            AddSite(call, new Site(call, method, contract, type, call.Syntax));
        }

        if (!contract.Has(Duty.Given))
        {
            return;
        }

        foreach (IArgumentOperation argument in arguments)
        {
            if (argument.Parameter is { } parameter && contract[parameter] == Duty.Given)
            {
                AddSite(argument, new Site(call, method, contract, parameter.Type, argument.Syntax) { IsUnsure = method.ReturnType.SpecialType == SpecialType.System_Boolean });
            }
        }
    }

    /// <summary>Makes an operation a site.</summary>
    public void AddSite(IOperation key, Site site)
    {
        if (_sites.Count < MaxSites && !_siteOf.ContainsKey(key))
        {
            _siteOf.Add(key, _sites.Count);
            _sites.Add(site);
        }
    }

    // `if (!TryRent(out var o)) ...`: the branch itself says whether there is an object.
    private void NoteCondition(IOperation value)
    {
        while (value is IUnaryOperation { OperatorKind: UnaryOperatorKind.Not } not)
        {
            value = not.Operand;
        }

        foreach (Site site in _sites)
        {
            if (site.Origin == value && site.IsUnsure)
            {
                site.IsUnsure = false;
                site.IsDecidedByBranch = true;
            }
        }
    }

    private void NoteVariable(ISymbol symbol, IOperation reference)
    {
        _met.Add(symbol);
        if (symbol is ILocalSymbol { RefKind: not RefKind.None })
        {
            return;
        }

        bool isAliased = reference.Parent is IAddressOfOperation
            || reference.Syntax.Parent is RefExpressionSyntax
            || (reference.Parent is IArgumentOperation { Parameter.RefKind: RefKind.Ref, Parent: IInvocationOperation { TargetMethod.RefKind: not RefKind.None } });
        if (isAliased)
        {
            _untracked.Add(symbol);
        }
    }

    private void NoteTemporary(IFlowCaptureOperation temporary)
    {
        _captured[temporary.Id] = temporary.Value;
        if (!_temporaries.ContainsKey(temporary.Id))
        {
            _temporaries.Add(temporary.Id, _temporaries.Count);
        }

        switch (temporary.Value)
        {
            case ILocalReferenceOperation { Local.RefKind: RefKind.None } local:
                _spilled[temporary.Id] = local.Local;
                break;
            case IParameterReferenceOperation parameter:
                _spilled[temporary.Id] = parameter.Parameter;
                break;
            default:
                break;
        }
    }

    private void LeaveOutCaptured(IOperation operation, ISymbol function)
    {
        foreach (IOperation child in operation.ChildOperations)
        {
            ISymbol inner = child switch
            {
                IAnonymousFunctionOperation lambda => lambda.Symbol,
                ILocalFunctionOperation local => local.Symbol,
                _ => function,
            };
            ISymbol? variable = child switch
            {
                ILocalReferenceOperation local => local.Local,
                IParameterReferenceOperation parameter => parameter.Parameter,
                _ => null,
            };
            if (variable is not null && !SymbolEqualityComparer.Default.Equals(variable.ContainingSymbol, inner))
            {
                _untracked.Add(variable);
            }

            LeaveOutCaptured(child, inner);
        }
    }

    private void NumberVariables()
    {
        foreach (ISymbol symbol in _met)
        {
            ITypeSymbol? type = symbol switch
            {
                ILocalSymbol { RefKind: RefKind.None } local => local.Type,
                IParameterSymbol { RefKind: RefKind.None } parameter => parameter.Type,
                _ => null,
            };
            bool isReference = symbol is ILocalSymbol { RefKind: not RefKind.None };
            if ((type is null && !isReference) || _untracked.Contains(symbol) || !SymbolEqualityComparer.Default.Equals(symbol.ContainingSymbol, _function) || (!isReference && !Carries(type!)))
            {
                continue;
            }

            _variables.Add(symbol, _variables.Count);
        }

        foreach (ISymbol symbol in _met)
        {
            if (symbol is IParameterSymbol parameter && PlaceOf(symbol) is int place && place >= 0 && _sites.Count < MaxSites)
            {
                _sites.Add(new Site(parameter, place));
            }
        }

        foreach (CaptureId id in new List<CaptureId>(_temporaries.Keys))
        {
            _temporaries[id] += _variables.Count;
        }

        Places = _variables.Count + _temporaries.Count;
    }

    private bool Carries(ITypeSymbol type)
    {
        if (type is IPointerTypeSymbol || type.SpecialType is SpecialType.System_IntPtr or SpecialType.System_UIntPtr || type.IsRefLikeType || _contracts.IsPointer(type) || Marks.Contains(type))
        {
            return true;
        }

        foreach (Site site in _sites)
        {
            if (type.IsReferenceType ? site.Type.IsReferenceType : SymbolEqualityComparer.Default.Equals(site.Type.OriginalDefinition, type.OriginalDefinition))
            {
                return true;
            }
        }

        return false;
    }
}
