// NH1018. C# does not inherit attributes of parameters and results, and a call is judged by the method that it names. So an override or
// an implementation that leaves out what the original says is, for whoever calls it by its own name, a method that says nothing.
//
// Explicit implementations cannot be called by their own name and may leave it out.

using System.Collections.Immutable;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace NativeHeap.Analyzers.Ownership;

/// <summary>NH1018: an override or implementation without the annotations of the original.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class AnnotationDroppedAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptors.AnnotationDropped];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            if (Contracts.Of(start.Compilation) is { } contracts)
            {
                start.RegisterSymbolAction(c => ExamineOverride(c, contracts), SymbolKind.Method);
                start.RegisterSymbolAction(c => ExamineImplementations(c, contracts), SymbolKind.NamedType);
            }
        });
    }

    private static void ExamineOverride(SymbolAnalysisContext context, Contracts contracts)
    {
        var method = (IMethodSymbol)context.Symbol;
        if (method.OverriddenMethod is { } original)
        {
            Compare(context, contracts, method, original);
        }
    }

    private static void ExamineImplementations(SymbolAnalysisContext context, Contracts contracts)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (type.TypeKind == TypeKind.Interface)
        {
            return;
        }

        foreach (INamedTypeSymbol promised in type.AllInterfaces)
        {
            foreach (ISymbol member in promised.GetMembers())
            {
                if (member is IMethodSymbol original && contracts.Of(original) != Contract.None
                    && type.FindImplementationForInterfaceMember(original) is IMethodSymbol { ExplicitInterfaceImplementations.IsEmpty: true } method
                    && SymbolEqualityComparer.Default.Equals(method.ContainingType, type)
                    && method.OverriddenMethod is null)
                {
                    Compare(context, contracts, method, original);
                }
            }
        }
    }

    private static void Compare(SymbolAnalysisContext context, Contracts contracts, IMethodSymbol method, IMethodSymbol original)
    {
        Contract promised = contracts.Of(original);
        if (promised == Contract.None || method.Locations is not [{ IsInSource: true } location, ..])
        {
            return;
        }

        Contract said = contracts.Of(method);
        if (promised.ReturnsOwned && !said.ReturnsOwned)
        {
            Report("[return: Owned]");
        }

        if (promised.ReturnsLent && !said.ReturnsLent)
        {
            Report("[return: Borrowed]");
        }

        if (promised.TakesThis && !said.TakesThis)
        {
            Report("[TakesOwnership]");
        }

        if (promised.Invalidation != Invalidation.None && said.Invalidation == Invalidation.None)
        {
            Report("[InvalidatesReferences]");
        }

        for (int i = 0; i < original.Parameters.Length && i < method.Parameters.Length; i++)
        {
            Duty duty = promised[original.Parameters[i]];
            if (duty != Duty.Unsaid && said[method.Parameters[i]] == Duty.Unsaid)
            {
                string attribute = duty switch { Duty.Taken => "TakesOwnership", Duty.Given => "Owned", _ => "Borrowed" };
                Report($"[{attribute}] on '{method.Parameters[i].Name}'");
            }
        }

        void Report(string attribute)
            => context.ReportDiagnostic(Diagnostic.Create(Descriptors.AnnotationDropped, location, method.Name, attribute, original.ContainingType.Name));
    }
}
