// Whether native code is given a struct, by value, by reference or by pointer: then the order of its fields is a promise, even where nobody has written [StructLayout] to say so, since
// sequential is what C# takes without it. Looked for in the signatures of the program's own [DllImport] and [LibraryImport] methods, and in what these pass.

using System.Collections.Generic;
using System.Linq;

using Microsoft.CodeAnalysis;

namespace NativeHeap.CodeFixes.Declaration;

internal static class NativeSignatures
{
    public static bool Mention(INamedTypeSymbol type, Compilation compilation)
        => Types(compilation.Assembly.GlobalNamespace)
            .SelectMany(static t => t.GetMembers().OfType<IMethodSymbol>())
            .Where(IsNative)
            .SelectMany(static m => m.Parameters.Select(static p => p.Type).Append(m.ReturnType))
            .Any(passed => Holds(passed, type, 0));

    private static bool IsNative(IMethodSymbol method)
        => method.GetDllImportData() is not null || method.GetAttributes().Any(static a => a.AttributeClass?.Name == "LibraryImportAttribute");

    private static bool Holds(ITypeSymbol passed, INamedTypeSymbol type, int depth)
    {
        while (passed is IPointerTypeSymbol or IArrayTypeSymbol)
        {
            passed = passed is IPointerTypeSymbol pointer ? pointer.PointedAtType : ((IArrayTypeSymbol)passed).ElementType;
        }

        return SymbolEqualityComparer.Default.Equals(passed.OriginalDefinition, type.OriginalDefinition)
            || (depth < 8 && passed is INamedTypeSymbol { TypeKind: TypeKind.Struct, DeclaringSyntaxReferences.IsEmpty: false }
                && passed.GetMembers().OfType<IFieldSymbol>().Any(f => !f.IsStatic && Holds(f.Type, type, depth + 1)));
    }

    private static IEnumerable<INamedTypeSymbol> Types(INamespaceOrTypeSymbol container)
        => container.GetMembers().OfType<INamespaceOrTypeSymbol>().SelectMany(static m => m is INamedTypeSymbol type ? Types(type).Prepend(type) : Types(m));
}
