// Which structs get stubs: the one set of conditions, asked by the generator, which emits nothing where one fails, and by the analyzer,
// which reports it. So a user sees one diagnostic for each mistake and never a cascade of errors in code he did not write.
//
//     stubs are emitted  <=>  Validate(type) is null
//
// A requested alignment that is not valid is reported as well, but does not withhold the stubs (RequestedAlignment falls back to
// 0): code that calls them should not fail because of a number.

using System.Linq;
using System.Threading;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace NativeHeap.CodeAnalysis;

/// <summary>What keeps an annotated struct from having stubs.</summary>
internal enum AllocatedTypeProblem
{
    /// <summary>The struct, or a type that it is nested in, is not partial.</summary>
    NotPartial,

    /// <summary>The struct is not an unmanaged type.</summary>
    NotUnmanaged,

    /// <summary>A <c>ref struct</c> cannot live in native memory, nor be a type argument.</summary>
    RefStruct,

    /// <summary>The struct, or a type that it is nested in, is file-local: no generated file can name it.</summary>
    FileLocal,
}

/// <summary>A condition that an annotated struct does not meet.</summary>
/// <param name="Problem">What is wrong.</param>
/// <param name="Culprit">The symbol it is wrong with: the struct, a type around it, or a managed field.</param>
internal readonly record struct AllocatedTypeFinding(AllocatedTypeProblem Problem, ISymbol Culprit);

/// <summary>The conditions on structs with <c>[NativeAllocated]</c>.</summary>
internal static class AllocatedTypeValidation
{
    public const string AttributeName = "NativeHeap.NativeAllocatedAttribute";

    /// <summary>The greatest alignment that can be asked for, in bytes.</summary>
    public const int MaxAlignment = 2 * 1024 * 1024;

    /// <summary>The first condition that a struct fails; null if it gets stubs.</summary>
    public static AllocatedTypeFinding? Validate(INamedTypeSymbol type, CancellationToken cancellationToken)
    {
        if (type.IsRefLikeType)
        {
            return new(AllocatedTypeProblem.RefStruct, type);
        }

        for (INamedTypeSymbol? part = type; part is not null; part = part.ContainingType)
        {
            if (part.IsFileLocal)
            {
                return new(AllocatedTypeProblem.FileLocal, part);
            }

            if (!IsPartial(part, cancellationToken))
            {
                return new(AllocatedTypeProblem.NotPartial, part);
            }
        }

        return type.IsUnmanagedType ? null : new(AllocatedTypeProblem.NotUnmanaged, FirstManagedField(type));
    }

    /// <summary>The alignment that the attribute asks for, in bytes; 0 where it asks for none.</summary>
    public static int DeclaredAlignment(AttributeData attribute)
        => attribute.NamedArguments.FirstOrDefault(static a => a.Key == "Alignment").Value.Value is int value ? value : 0;

    /// <summary>Whether an alignment can be asked for: 0, or a power of two of up to <see cref="MaxAlignment"/>.</summary>
    public static bool IsValidAlignment(int alignment) => alignment is >= 0 and <= MaxAlignment && (alignment & (alignment - 1)) == 0;

    /// <summary>The alignment asked for, in bytes; 0 where none or an invalid one is.</summary>
    public static int RequestedAlignment(AttributeData attribute)
        => DeclaredAlignment(attribute) is var alignment && IsValidAlignment(alignment) ? alignment : 0;

    /// <summary>Whether an attribute asks for memory of the type's own.</summary>
    public static bool IsIsolated(AttributeData attribute) => attribute.NamedArguments.Any(static a => a is { Key: "Isolated", Value.Value: true });

    /// <summary>Whether a type parameter, or an argument left out, is part of a type.</summary>
    public static bool IsOpen(INamedTypeSymbol type)
        => type.IsUnboundGenericType
            || (type.ContainingType is { } outer && IsOpen(outer))
            || type.TypeArguments.Any(static a => a.TypeKind is TypeKind.TypeParameter or TypeKind.Error || (a is INamedTypeSymbol named && IsOpen(named)));

    // A declaration whose name is not written yet counts as none.
    private static bool IsPartial(INamedTypeSymbol type, CancellationToken cancellationToken)
        => type.DeclaringSyntaxReferences.All(reference
            => reference.GetSyntax(cancellationToken) is TypeDeclarationSyntax { Identifier.IsMissing: false, Modifiers: var modifiers }
                && modifiers.Any(SyntaxKind.PartialKeyword));

    // The compiler does not list the field behind an event.
    private static ISymbol FirstManagedField(INamedTypeSymbol type)
        => type.GetMembers().FirstOrDefault(static m
                => m is IFieldSymbol { IsStatic: false, IsFixedSizeBuffer: false, Type.IsUnmanagedType: false })
            ?? type.GetMembers().FirstOrDefault(static m => m is IEventSymbol { IsStatic: false })
            ?? type;
}
