// NH0009. Above the largest slot an object gets whole pages from the page heap, under its lock: right for a few big tables,
// a surprise for something allocated by the million.

using System.Collections.Immutable;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

using NativeHeap.SizeClasses;

namespace NativeHeap.Analyzers.Declaration;

/// <summary>NH0009: a struct larger than the largest slot.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class LargeObjectAnalyzer : LayoutAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptors.LargeObject];

    private protected override bool ExaminesForeign => true;

    private protected override Diagnostic? Judge(LayoutSubject subject)
        => subject.Layout.Size > SizeClass.MaxSmallSize
            ? Diagnostic.Create(Descriptors.LargeObject, subject.Place, subject.Type.Name, subject.Layout.Size, SizeClass.MaxSmallSize)
            : null;
}
