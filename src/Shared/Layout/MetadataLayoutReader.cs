// Reads layout kind, packing, size and field offsets of structs that come from a referenced assembly.
//
// The way leads from the symbol's assembly to its reference in the compilation, from there to the raw metadata, and by the symbol's
// token to the row of its definition. A project reference inside an IDE is a compilation instead and its symbols are source
// symbols; they do not come here. Private fields need nothing of this: Roslyn imports the instance fields of structs whatever
// their accessibility, also from the reference assemblies that the compiler writes, because sizes depend on them.

using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Runtime.InteropServices;

using Microsoft.CodeAnalysis;

namespace NativeHeap.CodeAnalysis.Layout;

/// <summary>Reads what metadata says of the layout of structs.</summary>
internal sealed class MetadataLayoutReader(Compilation compilation)
{
    /// <summary>The layout that a struct's definition declares; null if its metadata cannot be read.</summary>
    public DeclaredLayout? Read(INamedTypeSymbol definition)
    {
        if (ReaderOf(definition) is not { } reader
            || MetadataTokens.EntityHandle(definition.MetadataToken) is not { Kind: HandleKind.TypeDefinition } handle)
        {
            return null;
        }

        TypeDefinition row = reader.GetTypeDefinition((TypeDefinitionHandle)handle);
        LayoutKind kind = (row.Attributes & TypeAttributes.LayoutMask) switch
        {
            TypeAttributes.SequentialLayout => LayoutKind.Sequential,
            TypeAttributes.ExplicitLayout => LayoutKind.Explicit,
            _ => LayoutKind.Auto,
        };
        var layout = row.GetLayout();
        return new(kind, layout.PackingSize, layout.Size, DeclaredLayout.InlineLengthOf(definition));
    }

    /// <summary>The offset of a field of a struct with explicit layout, in bytes; null if it has none.</summary>
    public int? OffsetOf(IFieldSymbol field)
    {
        if (ReaderOf(field.ContainingType) is not { } reader
            || MetadataTokens.EntityHandle(field.MetadataToken) is not { Kind: HandleKind.FieldDefinition } handle)
        {
            return null;
        }

        int offset = reader.GetFieldDefinition((FieldDefinitionHandle)handle).GetOffset();
        return offset >= 0 ? offset : null;
    }

    // The metadata stays alive through the compilation's reference; the copies handed out here own nothing.
    private MetadataReader? ReaderOf(INamedTypeSymbol type)
    {
        if (compilation.GetMetadataReference(type.ContainingAssembly) is not PortableExecutableReference reference
            || reference.GetMetadata() is not AssemblyMetadata assembly)
        {
            return null;
        }

        int module = 0;
        foreach (IModuleSymbol candidate in type.ContainingAssembly.Modules)
        {
            if (SymbolEqualityComparer.Default.Equals(candidate, type.ContainingModule))
            {
                return assembly.GetModules()[module].GetMetadataReader();
            }

            module++;
        }

        return null;
    }
}
