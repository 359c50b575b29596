// NH0005. The order of fields across the parts of a partial struct is the order in which the compiler is handed the files, so adding or
// renaming a file can change the layout of a struct that nobody touched. The calculator refuses to guess, and so the size class is
// left to the running process. Explicit layout has no such order, and automatic layout none at all.

using System.Collections.Immutable;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

using NativeHeap.CodeAnalysis.Layout;

namespace NativeHeap.Analyzers.Declaration;

/// <summary>NH0005: the fields stand in several parts of a partial struct.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class FieldsInSeveralPartsAnalyzer : LayoutAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptors.FieldsInSeveralParts];

    private protected override Diagnostic? Judge(LayoutSubject subject)
        => subject.Layout.Obstacle is { Kind: LayoutObstacleKind.FieldsInSeveralParts, Path.IsEmpty: true }
            ? Diagnostic.Create(Descriptors.FieldsInSeveralParts, subject.Place, subject.Type.Name)
            : null;
}
