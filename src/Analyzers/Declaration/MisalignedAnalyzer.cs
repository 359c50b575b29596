// NH0007. A packed struct is smaller, and its fields may straddle cache lines: reads and writes of such a field are slower, are not
// atomic, and Interlocked on it can fault on some processors. A wire format wants exactly that, hence only an Info.
//
//     misaligned   <=>  offset(f) mod alignment(type of f) != 0 for some field f
//     in an array  <=>  size mod max(alignment of the fields' types) != 0: the first element is aligned, later ones are not

using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

using NativeHeap.CodeAnalysis.Layout;

namespace NativeHeap.Analyzers.Declaration;

/// <summary>NH0007: the declared layout leaves fields misaligned.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class MisalignedAnalyzer : LayoutAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptors.Misaligned];

    private protected override Diagnostic? Judge(LayoutSubject subject)
    {
        TypeLayout layout = subject.Layout;
        if (layout.Fields.IsDefaultOrEmpty)
        {
            return null;
        }

        List<string> faults = [];
        foreach (FieldLayout field in layout.Fields)
        {
            if (field.Offset % field.Alignment != 0)
            {
                string name = FieldLayout.NameOf(field.Field);
                faults.Add($"field '{name}', aligned to {field.Alignment} by its type, is at offset {field.Offset}");
            }
        }

        int natural = layout.Fields.Max(static f => f.Alignment);
        if (layout.Size % natural != 0)
        {
            faults.Add($"the size {layout.Size} is not a multiple of {natural}, which misaligns the elements of an array");
        }

        return faults.Count > 0 ? Diagnostic.Create(Descriptors.Misaligned, subject.Place, subject.Type.Name, string.Join("; ", faults)) : null;
    }
}
