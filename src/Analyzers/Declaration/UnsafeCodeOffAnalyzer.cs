// NH0003. A pointer in a signature does not compile without AllowUnsafeBlocks (CS0227), so there the generator emits the safe stubs only.
// Said once a compilation, at its end and nowhere in particular: it is the project that lacks a switch, not a line of code.

using System.Collections.Immutable;
using System.Threading;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

using NativeHeap.CodeAnalysis;

namespace NativeHeap.Analyzers.Declaration;

/// <summary>NH0003: unsafe code is not allowed, so the pointer stubs are left out.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class UnsafeCodeOffAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptors.UnsafeCodeOff];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(Start);
    }

    private static void Start(CompilationStartAnalysisContext context)
    {
        if (context.Compilation.Options is not CSharpCompilationOptions { AllowUnsafe: false }
            || KnownSymbols.AllocatedAttribute(context.Compilation) is not { } attributeClass)
        {
            return;
        }

        int found = ForeignTypes.Of(context.Compilation).IsEmpty ? 0 : 1;
        context.RegisterSymbolAction(
            symbolContext =>
            {
                var type = (INamedTypeSymbol)symbolContext.Symbol;
                if (type.TypeKind == TypeKind.Struct && Allocated.AttributeOf(type, attributeClass) is not null)
                {
                    Interlocked.Exchange(ref found, 1);
                }
            },
            SymbolKind.NamedType);
        context.RegisterCompilationEndAction(end =>
        {
            if (Volatile.Read(ref found) != 0)
            {
                end.ReportDiagnostic(Diagnostic.Create(Descriptors.UnsafeCodeOff, Location.None));
            }
        });
    }
}
