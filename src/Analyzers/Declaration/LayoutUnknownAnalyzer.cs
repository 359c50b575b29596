// NH0006. Where the size is not known to the compiler, the stubs claim none and the running process computes the size class, which the
// JIT folds to the same constant: nothing is lost in optimised code, but the other rules on layout have nothing to say. Worth
// knowing, not worth a warning.
//
// The size may also be known on each 64-bit target and differ between them, as with Vector256, whose alignment is capped on arm64.

using System.Collections.Immutable;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

using NativeHeap.CodeAnalysis.Layout;

namespace NativeHeap.Analyzers.Declaration;

/// <summary>NH0006: the size is known only at run time.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class LayoutUnknownAnalyzer : LayoutAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptors.LayoutUnknown];

    private protected override bool ExaminesForeign => true;

    private protected override Diagnostic? Judge(LayoutSubject subject)
        => Reason(subject.Compilation, subject.Type, subject.Layout) is { } reason
            ? Diagnostic.Create(Descriptors.LayoutUnknown, subject.Place, subject.Type.Name, reason)
            : null;

    private static string? Reason(Compilation compilation, INamedTypeSymbol type, TypeLayout layout)
    {
        switch (layout.Obstacle)
        {
            // The first is NH0005's, the others are errors of the compiler or of the loader.
            case { Kind: LayoutObstacleKind.FieldsInSeveralParts, Path.IsEmpty: true }:
            case { Kind: LayoutObstacleKind.Invalid or LayoutObstacleKind.TooLarge }:
                return null;
            case { } obstacle:
                return obstacle.Describe();
            default:
                TypeLayout onArm = new LayoutCalculator(compilation, TargetLayout.Arm64).LayoutOf(type);
                return onArm.Size == layout.Size && onArm.Alignment == layout.Alignment
                    ? null
                    : $"it takes {Figures(layout)} on {TargetLayout.X64.Name} and {Figures(onArm)} on {TargetLayout.Arm64.Name}";
        }
    }

    private static string Figures(TypeLayout layout) => $"{layout.Size} bytes (alignment {layout.Alignment})";
}
