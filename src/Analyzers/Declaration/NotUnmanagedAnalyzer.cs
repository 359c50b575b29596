// NH0002. Native memory is not seen by the garbage collector, so no field may hold a reference, however deeply nested. The compiler
// would only say that the constraint "unmanaged" is broken; what the user needs is the one field that breaks it, so each managed field
// is followed through nested structs to the culprit, and reported there if it is in this project's source:
//
//     struct Inner { int Id; string Name; }           'Order' cannot live in native memory:
//     struct Order { long Price; Inner Inner; }       its field 'Inner.Name' is of type 'string', which is managed

using System.Collections.Generic;
using System.Collections.Immutable;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

using NativeHeap.CodeAnalysis.Layout;

namespace NativeHeap.Analyzers.Declaration;

/// <summary>NH0002: a struct with stubs has a managed field.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class NotUnmanagedAnalyzer : DeclarationAnalyzer
{
    private static readonly SymbolDisplayFormat s_withoutNullability = SymbolDisplayFormat.MinimallyQualifiedFormat
        .RemoveMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptors.NotUnmanaged];

    private protected override void Examine(SymbolAnalysisContext context, INamedTypeSymbol type, AttributeData attribute)
    {
        // A ref struct is NH0004's: that it is not unmanaged either would be the same fault told twice.
        if (type.IsUnmanagedType || type.IsRefLikeType)
        {
            return;
        }

        foreach (IFieldSymbol field in InstanceFields.Of(type))
        {
            if (IsManaged(field))
            {
                Report(context, type, PathToCulprit(field));
            }
        }

        foreach (ISymbol member in type.GetMembers())
        {
            // The delegate behind a field-like event is not among the members.
            if (member is IEventSymbol { IsStatic: false, AddMethod.IsImplicitlyDeclared: true, Locations: [var location, ..] } fieldLike)
            {
                Report(context, type, fieldLike.Name, fieldLike.Type, location);
            }
        }
    }

    private static bool IsManaged(IFieldSymbol field)
        => field is { IsFixedSizeBuffer: false, Type: { IsUnmanagedType: false, TypeKind: not TypeKind.Error } }
            && field.AssociatedSymbol is not IEventSymbol;

    private static List<IFieldSymbol> PathToCulprit(IFieldSymbol field)
    {
        List<IFieldSymbol> path = [field];
        HashSet<ITypeSymbol> entered = new(SymbolEqualityComparer.Default);
        while (field.Type is INamedTypeSymbol { TypeKind: TypeKind.Struct } nested
            && entered.Add(nested)
            && FirstManaged(nested) is { } inner)
        {
            path.Add(field = inner);
        }

        return path;
    }

    private static IFieldSymbol? FirstManaged(INamedTypeSymbol type)
    {
        foreach (IFieldSymbol field in InstanceFields.Of(type))
        {
            if (IsManaged(field))
            {
                return field;
            }
        }

        return null;
    }

    private static void Report(SymbolAnalysisContext context, INamedTypeSymbol type, List<IFieldSymbol> path)
    {
        // The framework's reference assemblies have placeholders for fields: the path ends at the last that is real.
        while (path.Count > 1 && path[path.Count - 1].Name.StartsWith("_dummy", System.StringComparison.Ordinal))
        {
            path.RemoveAt(path.Count - 1);
        }

        Location? location = null;
        for (int i = path.Count - 1; i >= 0 && location is null; i--)
        {
            location = InstanceFields.LocationOf(path[i], context.Compilation);
        }

        string name = string.Join(".", path.ConvertAll(FieldLayout.NameOf));
        Report(context, type, name, path[path.Count - 1].Type, location ?? IdentifierOf(type, context));
    }

    private static void Report(SymbolAnalysisContext context, INamedTypeSymbol type, string name, ITypeSymbol fieldType, Location location)
    {
        string fault = fieldType.TypeKind == TypeKind.TypeParameter ? "is not constrained to 'unmanaged'" : "is managed";
        string typeName = fieldType.ToDisplayString(s_withoutNullability);
        context.ReportDiagnostic(Diagnostic.Create(Descriptors.NotUnmanaged, location, type.Name, name, typeName, fault));
    }
}
