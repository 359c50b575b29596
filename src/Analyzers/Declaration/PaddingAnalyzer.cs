// NH0008. Fields in descending order of alignment need no padding between them (TypeLayout.ByAlignment). So that order gives the least size
// there is, and where it reaches a smaller size class, every object gets smaller. {byte; long; byte} takes 24 bytes; {long; byte; byte} 16.
//
// Less padding inside the same size class wins nothing and is not reported; nor is a struct with [StructLayout], whose order is
// somebody's decision.

using System;
using System.Collections.Immutable;
using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

using NativeHeap.CodeAnalysis.Layout;
using NativeHeap.SizeClasses;

namespace NativeHeap.Analyzers.Declaration;

/// <summary>NH0008: another order of the fields would reach a smaller size class.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class PaddingAnalyzer : LayoutAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptors.Padding];

    private protected override Diagnostic? Judge(LayoutSubject subject)
    {
        TypeLayout layout = subject.Layout;
        if (layout.Fields.IsDefaultOrEmpty || layout.Declared.InlineLength is not null || StatesItsLayout(subject.Type))
        {
            return null;
        }

        ImmutableArray<FieldLayout> proposal = layout.ByAlignment();
        int size = SizeOf(proposal, layout.Alignment);
        int alignment = Math.Max(layout.Alignment, subject.Requested);
        int slot = SlotOf(layout.Size, alignment);
        int slotOfProposal = SlotOf(size, alignment);
        if (slotOfProposal >= slot)
        {
            return null;
        }

        string order = string.Join(", ", proposal.Select(static f => FieldLayout.NameOf(f.Field)));
        return Diagnostic.Create(Descriptors.Padding, subject.Place, subject.Type.Name, layout.Size, slot, order, size, slotOfProposal);
    }

    private static bool StatesItsLayout(INamedTypeSymbol type)
        => type.GetAttributes().Any(static a => a.AttributeClass?.Name == "StructLayoutAttribute");

    private static int SizeOf(ImmutableArray<FieldLayout> fields, int alignment)
    {
        int end = 0;
        foreach (FieldLayout field in fields)
        {
            end = Up(end, field.Alignment) + field.Size;
        }

        return Up(end, alignment);
    }

    private static int SlotOf(int size, int alignment)
    {
        int sizeClass = SizeClass.ClassOf(size, alignment);
        return sizeClass == SizeClass.Large ? Up(size, SizeClass.PageSize) : SizeClass.SlotSize(sizeClass);
    }

    private static int Up(int value, int alignment) => (value + alignment - 1) / alignment * alignment;
}
