// NH0015. What is isolated are spans of slots, which their type keeps. A large object has pages of its own, and they are anybody's when it is freed.

using System;
using System.Collections.Immutable;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

using NativeHeap.SizeClasses;

namespace NativeHeap.Analyzers.Declaration;

/// <summary>NH0015: an isolated struct that no slot can hold.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class CannotBeIsolatedAnalyzer : LayoutAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptors.CannotBeIsolated];

    private protected override bool ExaminesForeign => true;

    private protected override Diagnostic? Judge(LayoutSubject subject)
    {
        int alignment = Math.Max(subject.Layout.Alignment, subject.Requested);
        return subject.IsIsolated && subject.Layout.IsKnown && SizeClass.ClassOf(subject.Layout.Size, alignment) == SizeClass.Large
            ? Diagnostic.Create(Descriptors.CannotBeIsolated, subject.Place, subject.Type.Name, subject.Layout.Size, alignment)
            : null;
    }
}
