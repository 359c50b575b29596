// NH0010. A member of the struct's own wins over the stub of its signature, because emitting both would not compile. That may be meant, a
// hand-written Free that also counts, say; but generic code and readers take the stub's contract for granted, hence a warning.
//
// The analyzer sees the program after the generator has run, so the stubs themselves are among the members: what carries
// [GeneratedCode] is not the user's.

using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

using NativeHeap.CodeAnalysis;

namespace NativeHeap.Analyzers.Declaration;

/// <summary>NH0010: a member of the user's takes the place of a stub.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class StubAlreadyDeclaredAnalyzer : DeclarationAnalyzer
{
    private static readonly Stubs s_safe = Stubs.NativeLayout | Stubs.OnFreeing | Stubs.Safe | StubSet.OfHeap(Stubs.Safe);

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptors.StubAlreadyDeclared];

    private protected override void Examine(SymbolAnalysisContext context, INamedTypeSymbol type, AttributeData attribute)
    {
        if (AllocatedTypeValidation.Validate(type, context.CancellationToken) is not null)
        {
            return;
        }

        Stubs emitted = context.Compilation.Options is CSharpCompilationOptions { AllowUnsafe: true } ? ~Stubs.None : s_safe;
        if (AllocatedTypeValidation.IsIsolated(attribute))
        {
            emitted &= ~StubSet.OfHeap(Stubs.OfHeaps);
        }

        IEnumerable<TakenStub> taken = StubSet.Taken(type).Where(t => emitted.HasFlag(t.Stub) && !IsGenerated(t.Obstacle));
        foreach (var byMember in taken.GroupBy<TakenStub, ISymbol>(static t => t.Obstacle, SymbolEqualityComparer.Default))
        {
            string leftOut = string.Join("', '", byMember.Select(t => StubSet.SignatureOf(t.Stub, type.Name)));
            Location location = LocationOf(byMember.Key);
            context.ReportDiagnostic(Diagnostic.Create(Descriptors.StubAlreadyDeclared, location, byMember.Key.Name, leftOut));
        }
    }

    private static bool IsGenerated(ISymbol symbol)
        => symbol.GetAttributes().Any(static a => a.AttributeClass?.Name == "GeneratedCodeAttribute");

    private static Location LocationOf(ISymbol symbol) => symbol.Locations.Length > 0 ? symbol.Locations[0] : Location.None;
}
