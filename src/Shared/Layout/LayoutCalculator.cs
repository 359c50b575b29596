// Computes the size, alignment and field offsets that the CLR will give an unmanaged type, from Roslyn's symbols, for one target.
//
// The rules are the class loader's. With up(x, a) the least multiple of a that is >= x, and P the packing (64 if none is declared):
//
//     primitive, pointer, enum     size = alignment = its own
//     fixed buffer of n            size = n * size(element), alignment = alignment(element)
//     struct                       A = 1, end = 0; then for each instance field f in metadata order
//                                      a = min(alignment(f), P);  A = max(A, a)
//                                      sequential:  offset = up(end, a);  explicit: offset as declared
//                                      end = max(end, offset + size(f))
//     inline array of n            size = up(end, A) * n
//     size     = declared Size != 0  ?  max(Size, end)  :  up(end, A)          where end = max(end, 1): an empty struct has one byte
//
// The easily missed one is the last: a declared Size is not rounded up to the alignment, and one that is too small still
// removes the padding at the end. {byte; long; byte} with Size = 5 has 17 bytes.
//
// Metadata order is the order of GetMembers, with the backing fields of properties, records and captured parameters where they are
// declared; where fields stand in several parts of a partial struct the language leaves the order open, and so do we. A
// sequential struct stays sequential whatever its fields are (since .NET 7). Automatic layout is not computed: unknown.
//
// Known means certain. Whatever does not follow from the rules above is unknown with a reason, never guessed; the fuzz test
// compares thousands of random structs with sizeof. One calculator serves one compilation and one thread.

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Runtime.InteropServices;

using Microsoft.CodeAnalysis;

namespace NativeHeap.CodeAnalysis.Layout;

/// <summary>Computes the layouts of unmanaged types on one target.</summary>
internal sealed class LayoutCalculator(Compilation compilation, TargetLayout target)
{
    private const int NoPacking = 64;

    // Far above what anybody nests by hand; a generic struct that holds itself with ever longer arguments ends here.
    private const int MaxDepth = 64;

    // The loader rejects fields beyond this offset (FIELD_OFFSET_LAST_REAL_OFFSET).
    private const int MaxSize = (1 << 27) - 8;

    private readonly Dictionary<ITypeSymbol, TypeLayout> _layouts = new(SymbolEqualityComparer.Default);
    private readonly MetadataLayoutReader _metadata = new(compilation);
    private int _depth;

    /// <summary>The layout of a type: of an object of it for a struct, of a pointer for a pointer.</summary>
    public TypeLayout LayoutOf(ITypeSymbol type)
    {
        if (_layouts.TryGetValue(type, out TypeLayout? known))
        {
            return known;
        }

        if (_depth == MaxDepth)
        {
            return Unknown(LayoutObstacleKind.Invalid, type);
        }

        // A struct that contains itself, which the compiler rejects, finds this entry.
        _layouts[type] = Unknown(LayoutObstacleKind.Invalid, type);
        _depth++;
        TypeLayout layout = Compute(type);
        _depth--;
        return _layouts[type] = layout;
    }

    /// <summary>Whether a field stands in a reference assembly for fields that the assembly does not show.</summary>
    public static bool IsPlaceholder(IFieldSymbol field)
        => field is { Name: "_dummy" or "_dummyPrimitive", DeclaringSyntaxReferences.IsEmpty: true };

    private TypeLayout Compute(ITypeSymbol type)
    {
        switch (type)
        {
            case IPointerTypeSymbol or IFunctionPointerTypeSymbol:
                return Square(target.PointerSize);
            case INamedTypeSymbol { TypeKind: TypeKind.Enum, EnumUnderlyingType: { } underlying }:
                return LayoutOf(underlying);
            case INamedTypeSymbol { TypeKind: TypeKind.Struct } structure:
                return Primitive(structure.SpecialType) ?? WellKnown(structure) ?? Nullable(structure) ?? Structure(structure);
            case ITypeParameterSymbol:
                return Unknown(LayoutObstacleKind.TypeParameter, type);
            default:
                return Unknown(LayoutObstacleKind.Invalid, type);
        }
    }

    private TypeLayout? Primitive(SpecialType type) => type switch
    {
        SpecialType.System_Boolean or SpecialType.System_Byte or SpecialType.System_SByte => Square(1),
        SpecialType.System_Char or SpecialType.System_Int16 or SpecialType.System_UInt16 => Square(2),
        SpecialType.System_Int32 or SpecialType.System_UInt32 or SpecialType.System_Single => Square(4),
        SpecialType.System_Int64 or SpecialType.System_UInt64 or SpecialType.System_Double => Square(8),
        SpecialType.System_IntPtr or SpecialType.System_UIntPtr => Square(target.PointerSize),
        _ => null,
    };

    private TypeLayout? WellKnown(INamedTypeSymbol type)
    {
        // The reference pack calls tuples sequential; at run time they are automatic.
        if (type.IsTupleType || (type.Name == "ValueTuple" && type.ContainingNamespace.ToDisplayString() == "System"))
        {
            return Unknown(LayoutObstacleKind.AutomaticLayout, type);
        }

        return WellKnownLayouts.Find(type) switch
        {
            null => null,
            { Rule: WellKnownLayouts.Rule.Runtime } => Unknown(LayoutObstacleKind.KnownAtRunTimeOnly, type),
            { } layout => TypeLayout.Known(layout.SizeOn(target), layout.AlignmentOn(target)),
        };
    }

    // {bool; T}. The reference pack shows the two fields in the other order.
    private TypeLayout? Nullable(INamedTypeSymbol type)
    {
        if (type.OriginalDefinition.SpecialType != SpecialType.System_Nullable_T)
        {
            return null;
        }

        TypeLayout value = LayoutOf(type.TypeArguments[0]);
        return value.IsKnown ? Sized(type, Up(Up(1, value.Alignment) + value.Size, value.Alignment), value.Alignment, default, []) : value;
    }

    private TypeLayout Structure(INamedTypeSymbol type)
    {
        bool inSource = !type.DeclaringSyntaxReferences.IsEmpty;
        DeclaredLayout? read = inSource ? DeclaredLayout.FromAttributes(type.OriginalDefinition) : _metadata.Read(type.OriginalDefinition);
        if (read is not { } declared)
        {
            return Unknown(LayoutObstacleKind.UnreadableMetadata, type);
        }

        if (declared.Kind is not (LayoutKind.Sequential or LayoutKind.Explicit))
        {
            return Unknown(LayoutObstacleKind.AutomaticLayout, type);
        }

        IFieldSymbol[] fields = [.. type.GetMembers().OfType<IFieldSymbol>().Where(static f => !f.IsStatic)];
        if (fields.Any(IsPlaceholder))
        {
            return Unknown(LayoutObstacleKind.HiddenFields, type);
        }

        if (declared.Kind == LayoutKind.Sequential && inSource && StandInSeveralParts(type, fields))
        {
            return Unknown(LayoutObstacleKind.FieldsInSeveralParts, type);
        }

        return IsValid(declared, fields.Length) ? Place(type, fields, declared, inSource) : Unknown(LayoutObstacleKind.Invalid, type);
    }

    private static bool IsValid(DeclaredLayout declared, int fields)
        => declared is { Size: >= 0, Pack: >= 0 and <= 128 }
            && (declared.Pack & (declared.Pack - 1)) == 0
            && (declared.InlineLength is null || (declared is { InlineLength: > 0, Kind: LayoutKind.Sequential, Size: 0 } && fields == 1));

    private TypeLayout Place(INamedTypeSymbol type, IFieldSymbol[] fields, DeclaredLayout declared, bool inSource)
    {
        int packing = declared.Pack == 0 ? NoPacking : declared.Pack;
        int alignment = 1;
        long end = 0;
        ImmutableArray<FieldLayout>.Builder placed = ImmutableArray.CreateBuilder<FieldLayout>(fields.Length);
        foreach (IFieldSymbol field in fields)
        {
            (TypeLayout element, int count) = field.IsFixedSizeBuffer && field.Type is IPointerTypeSymbol buffer
                ? (LayoutOf(buffer.PointedAtType), field.FixedSize)
                : (LayoutOf(field.Type), 1);
            if (element.Obstacle is { } obstacle)
            {
                return TypeLayout.Unknown(obstacle.Under(field));
            }

            int fieldAlignment = Math.Min(element.Alignment, packing);
            long offset = Up(end, fieldAlignment);
            if (declared.Kind == LayoutKind.Explicit)
            {
                int? asked = inSource ? DeclaredLayout.OffsetOf(field) : _metadata.OffsetOf(field);
                if (asked is null or < 0)
                {
                    return Unknown(LayoutObstacleKind.Invalid, type);
                }

                offset = asked.Value;
            }

            long size = (long)element.Size * count;
            alignment = Math.Max(alignment, fieldAlignment);
            end = Math.Max(end, offset + size);
            if (end > MaxSize)
            {
                return Unknown(LayoutObstacleKind.TooLarge, type);
            }

            placed.Add(new FieldLayout(field, (int)offset, (int)size, element.Alignment));
        }

        end = Math.Max(end, 1);
        long total = declared switch
        {
            { InlineLength: { } length } => Up(end, alignment) * length,
            { Size: 0 } => Up(end, alignment),
            _ => Math.Max(declared.Size, end),
        };
        return Sized(type, total, alignment, declared, placed.ToImmutable());
    }

    private static bool StandInSeveralParts(INamedTypeSymbol type, IFieldSymbol[] fields)
    {
        if (type.DeclaringSyntaxReferences.Length == 1)
        {
            return false;
        }

        int first = PartOf(fields.FirstOrDefault());
        return fields.Any(f => PartOf(f) != first);

        int PartOf(IFieldSymbol? field)
        {
            if (field is null || field.Locations is not [{ SourceTree: { } tree, SourceSpan: var span }, ..])
            {
                return -1;
            }

            for (int i = 0; i < type.DeclaringSyntaxReferences.Length; i++)
            {
                SyntaxReference part = type.DeclaringSyntaxReferences[i];
                if (part.SyntaxTree == tree && part.Span.Contains(span))
                {
                    return i;
                }
            }

            return -1;
        }
    }

    private static TypeLayout Sized(ITypeSymbol type, long size, int alignment, DeclaredLayout declared, ImmutableArray<FieldLayout> fields)
        => size <= MaxSize ? TypeLayout.Known((int)size, alignment, declared, fields) : Unknown(LayoutObstacleKind.TooLarge, type);

    private static TypeLayout Square(int size) => TypeLayout.Known(size, size);

    private static TypeLayout Unknown(LayoutObstacleKind kind, ITypeSymbol type) => TypeLayout.Unknown(new LayoutObstacle(kind, type, []));

    private static long Up(long value, int alignment) => (value + alignment - 1) / alignment * alignment;
}
