// Which sites are references into something, and of what. A member whose result is [Borrowed] lends a reference; it is a site only where a call in the same graph can end what its object has lent, so that methods that
// only read a collection have no sites for it:
//
//     site  <=>  [return: Borrowed] on a member called on a path P, or [Borrowed] out, and [InvalidatesReferences] called on P or on what P is a part of
//           or   [return: Borrowed] of a pointer, which can be freed by mistake
//
// An object that ends with a heap has the heap for a source, in the same way. And a mark, to which a call goes back ([InvalidatesReferences(Since = ...)]), is what any member called on the same path returns of the parameter's type.

using System;
using System.Collections.Generic;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace NativeHeap.Analyzers.Ownership;

internal sealed class ReferenceSurvey(Survey survey, Contracts contracts)
{
    private readonly List<SourcePath> _sources = [];
    private readonly List<(IOperation Key, IOperation? Receiver, IMethodSymbol Method, ITypeSymbol Type, bool MayBeMark)> _lenders = [];
    private readonly List<(IOperation Ended, string? Since, IMethodSymbol Method)> _ends = [];
    private readonly HashSet<ISymbol> _assigned = new(SymbolEqualityComparer.Default);
    private readonly HashSet<ISymbol> _reassigned = new(SymbolEqualityComparer.Default);

    /// <summary>The sites that are references.</summary>
    public ulong References { get; private set; }

    /// <summary>The sites whose source may become another object when code of others runs.</summary>
    public ulong Unstable { get; private set; }

    /// <summary>Whether any site has a source.</summary>
    public bool Any { get; private set; }

    /// <summary>Looks at a call, or at a property that is read or written.</summary>
    public void Note(IOperation operation)
    {
        switch (operation)
        {
            case IInvocationOperation call:
                NoteLender(call, call.Instance, call.TargetMethod, call.Type);
                foreach ((IOperation ended, _) in Ended(call))
                {
                    _ends.Add((ended, contracts.Of(call.TargetMethod).Since, call.TargetMethod));
                }

                break;
            case IPropertyReferenceOperation property:
                NoteLender(property, property.Instance, property.Property.GetMethod, property.Type);
                if (property.Property.SetMethod is { } set && property.Instance is { } instance && contracts.Of(set).Invalidation != Invalidation.None)
                {
                    _ends.Add((instance, null, set));
                }

                break;
            case IImplicitIndexerReferenceOperation slice:
                NoteLender(slice, slice.Instance, slice.IndexerSymbol as IMethodSymbol ?? (slice.IndexerSymbol as IPropertySymbol)?.GetMethod, slice.Type);
                break;
            case IArgumentOperation { Parameter: { RefKind: RefKind.Out } parameter, Parent: IInvocationOperation call } argument
                when contracts.Of(call.TargetMethod)[parameter] == Duty.Lent:
                _lenders.Add((argument, call.Instance, call.TargetMethod, parameter.Type, false));
                break;
            case IAssignmentOperation { Target: ILocalReferenceOperation { Local: var local } } when !_assigned.Add(local):
                _reassigned.Add(local);
                break;
            case IAssignmentOperation { Target: IParameterReferenceOperation { Parameter: var parameter } }:
                _reassigned.Add(parameter);
                break;
            default:
                break;
        }
    }

    /// <summary>What a call ends the references of: its receiver, arguments.</summary>
    public IEnumerable<(IOperation Ended, Invalidation How)> Ended(IInvocationOperation call)
    {
        Contract contract = contracts.OfEnding(call);
        if (!contract.Invalidates)
        {
            yield break;
        }

        if (contract.Invalidation != Invalidation.None && call.Instance is { } receiver)
        {
            yield return (receiver, contract.Invalidation);
        }

        foreach (IArgumentOperation argument in call.Arguments)
        {
            if (argument.Parameter is { } parameter && parameter.Ordinal < contract.Invalidations.Length && contract.Invalidations[parameter.Ordinal] is var how && how != Invalidation.None)
            {
                yield return (argument.Value, how);
            }
        }
    }

    /// <summary>Makes sites of what was noted, once all variables are known.</summary>
    public void AddSites()
    {
        if (_ends.Count == 0 && !_lenders.Exists(l => CanBeFreed(l.Method, l.Type)))
        {
            return;
        }

        List<SourcePath> ended = [];
        HashSet<ITypeSymbol> marks = new(SymbolEqualityComparer.Default);
        foreach ((IOperation operation, string? since, IMethodSymbol method) in _ends)
        {
            if (SourcePath.Of(operation, survey) is { } path)
            {
                ended.Add(path);
            }

            foreach (IParameterSymbol parameter in method.Parameters)
            {
                if (parameter.Name == since)
                {
                    marks.Add(parameter.Type);
                }
            }
        }

        foreach ((IOperation key, IOperation? receiver, IMethodSymbol method, ITypeSymbol type, bool mayBeMark) in _lenders)
        {
            bool isMark = mayBeMark && marks.Contains(type);
            if (mayBeMark && !isMark)
            {
                continue;
            }

            int source = receiver is not null && SourcePath.Of(receiver, survey) is { } path && ended.Exists(path.IsUnder) ? NumberOf(path) : -1;
            if (source >= 0 || CanBeFreed(method, type))
            {
                survey.AddSite(key, new Site(key, method, contracts.Of(method), type, key.Syntax) { Source = source, IsReference = !isMark, IsMark = isMark });
            }
        }

        survey.Marks.UnionWith(marks);
        for (int number = 0; number < survey.Sites.Count; number++)
        {
            Site site = survey.Sites[number];

            // An owner knows that its heap has ended, and may be disposed of all the same.
            if ((site.IsAddress || contracts.IsPointer(site.Type)) && HeapOf(site) is { } heap && SourcePath.Of(heap, survey) is { IsStable: true } path && !path.Names(_reassigned) && ended.Exists(path.IsUnder))
            {
                site.Source = NumberOf(path);
            }

            Any |= site.Source >= 0;
            References |= site.IsReference ? 1UL << number : 0;
            Unstable |= site.Source >= 0 && !_sources[site.Source].IsStable ? 1UL << number : 0;
        }
    }

    /// <summary>The path of a site's source.</summary>
    public SourcePath PathOf(Site site) => _sources[site.Source];

    /// <summary>The sites whose source is the object that an expression names.</summary>
    public ulong SitesOf(IOperation operation) => SitesWhere(operation, static (source, path) => source.Equals(path));

    /// <summary>And those whose source is a part of it.</summary>
    public ulong SitesUnder(IOperation operation) => SitesWhere(operation, static (source, path) => source.IsUnder(path));

    private ulong SitesWhere(IOperation operation, Func<SourcePath, SourcePath, bool> condition)
    {
        ulong sites = 0;
        if (Any && SourcePath.Of(operation, survey) is { } path)
        {
            for (int number = 0; number < survey.Sites.Count; number++)
            {
                Site site = survey.Sites[number];
                sites |= site.Source >= 0 && condition(_sources[site.Source], path) ? 1UL << number : 0;
            }
        }

        return sites;
    }

    private bool CanBeFreed(IMethodSymbol method, ITypeSymbol type) => type is IPointerTypeSymbol && contracts.IsOfRuntime(method) && contracts.Of(method).ReturnsLent;

    private void NoteLender(IOperation operation, IOperation? receiver, IMethodSymbol? method, ITypeSymbol? type)
    {
        if (method is null || type is null || receiver is null)
        {
            return;
        }

        bool isLender = contracts.Of(method).ReturnsLent;
        bool mayBeMark = !isLender && operation is IInvocationOperation && method.Parameters.IsEmpty && type is { IsValueType: true, SpecialType: SpecialType.None };
        if (isLender || mayBeMark)
        {
            _lenders.Add((operation, receiver, method, type, mayBeMark));
        }
    }

    private static IOperation? HeapOf(Site site)
    {
        if (site.Contract.OwningHeap is not { } name || site.Origin is not IInvocationOperation call)
        {
            return null;
        }

        if (name == "this")
        {
            return call.Instance;
        }

        foreach (IArgumentOperation argument in call.Arguments)
        {
            if (argument.Parameter?.Name == name)
            {
                return argument.Value;
            }
        }

        return null;
    }

    private int NumberOf(SourcePath path)
    {
        int number = _sources.FindIndex(path.Equals);
        if (number < 0)
        {
            number = _sources.Count;
            _sources.Add(path);
        }

        return number;
    }
}
