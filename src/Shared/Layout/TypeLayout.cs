// The result of a layout computation: known, with the place of every field, or unknown, with the reason.
//
// These types hold symbols. They live as long as one transform of the generator or one callback of an analyzer and never
// enter a generator's model.

using System.Collections.Immutable;
using System.Linq;

using Microsoft.CodeAnalysis;

namespace NativeHeap.CodeAnalysis.Layout;

/// <summary>The layout of a type on one target.</summary>
internal sealed class TypeLayout
{
    private TypeLayout(int size, int alignment, DeclaredLayout declared, ImmutableArray<FieldLayout> fields, LayoutObstacle? obstacle)
        => (Size, Alignment, Declared, Fields, Obstacle) = (size, alignment, declared, fields, obstacle);

    /// <summary>Whether size and alignment are known.</summary>
    public bool IsKnown => Obstacle is null;

    /// <summary>The size, in bytes; 0 if unknown.</summary>
    public int Size { get; }

    /// <summary>The natural alignment, in bytes; 0 if unknown.</summary>
    public int Alignment { get; }

    /// <summary>What the declaration asks for.</summary>
    public DeclaredLayout Declared { get; }

    /// <summary>The instance fields in metadata order; none for primitives, types known by name, and unknown layouts.</summary>
    public ImmutableArray<FieldLayout> Fields { get; }

    /// <summary>Why the layout is unknown; null if it is known.</summary>
    public LayoutObstacle? Obstacle { get; }

    /// <summary>
    /// The fields in the order that needs no padding between them: in descending order of alignment, what each leaves over is a multiple of what the next wants. Fields of one alignment keep theirs.
    /// </summary>
    public ImmutableArray<FieldLayout> ByAlignment() => Fields.IsDefaultOrEmpty ? [] : [.. Fields.OrderByDescending(static f => f.Alignment)];

    public static TypeLayout Known(int size, int alignment) => new(size, alignment, default, [], null);

    public static TypeLayout Known(int size, int alignment, DeclaredLayout declared, ImmutableArray<FieldLayout> fields)
        => new(size, alignment, declared, fields, null);

    public static TypeLayout Unknown(LayoutObstacle obstacle) => new(0, 0, default, [], obstacle);
}

/// <summary>The place of a field in its struct.</summary>
/// <param name="Field">The field, or the backing field of a property or of a captured parameter.</param>
/// <param name="Offset">Its offset, in bytes.</param>
/// <param name="Size">Its size, in bytes.</param>
/// <param name="Alignment">The natural alignment of its type, in bytes, which a Pack may have undercut.</param>
internal readonly record struct FieldLayout(IFieldSymbol Field, int Offset, int Size, int Alignment)
{
    /// <summary>The name that the user knows a field by: its own, or that of the property or parameter that it backs.</summary>
    public static string NameOf(IFieldSymbol field)
    {
        // The compiler puts it in angle brackets, which no name written by hand has.
        int end = field.Name.IndexOf('>');
        return end > 1 && field.Name[0] == '<' ? field.Name.Substring(1, end - 1) : field.Name;
    }
}

/// <summary>The kinds of reasons for which a layout is not known at compile time.</summary>
internal enum LayoutObstacleKind
{
    /// <summary>A type parameter: each instantiation has its own layout.</summary>
    TypeParameter,

    /// <summary>Automatic layout, tuples included: the runtime orders the fields.</summary>
    AutomaticLayout,

    /// <summary>The reference assembly has placeholders in place of the fields.</summary>
    HiddenFields,

    /// <summary>The size depends on the processor or operating system of the process.</summary>
    KnownAtRunTimeOnly,

    /// <summary>Fields in several parts of a partial struct, whose order the language leaves open.</summary>
    FieldsInSeveralParts,

    /// <summary>The metadata of the referenced assembly cannot be read.</summary>
    UnreadableMetadata,

    /// <summary>Larger than the runtime allows.</summary>
    TooLarge,

    /// <summary>Not an unmanaged struct, or one that the compiler or the loader rejects.</summary>
    Invalid,
}

/// <summary>Why a layout is not known at compile time.</summary>
/// <param name="Kind">The kind of reason.</param>
/// <param name="Type">The type that cannot be laid out: the struct itself, or that of a field somewhere in it.</param>
/// <param name="Path">The fields that lead from the struct to that type, outermost first; empty for the struct itself.</param>
internal sealed record LayoutObstacle(LayoutObstacleKind Kind, ITypeSymbol Type, ImmutableArray<IFieldSymbol> Path)
{
    /// <summary>The reason as a clause, such as "field 'Quote.Venue' has type 'T', which is a type parameter".</summary>
    public string Describe()
    {
        string type = $"type '{Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}'";
        string subject = Path.IsEmpty ? type : $"field '{string.Join(".", Path.Select(FieldLayout.NameOf))}' has {type}, which";
        return $"{subject} {Predicate}";
    }

    /// <summary>The same reason, seen from a struct that holds the type in a field.</summary>
    public LayoutObstacle Under(IFieldSymbol field) => this with { Path = Path.Insert(0, field) };

    private string Predicate => Kind switch
    {
        LayoutObstacleKind.TypeParameter => "is a type parameter",
        LayoutObstacleKind.AutomaticLayout => "has automatic layout: the runtime orders its fields",
        LayoutObstacleKind.HiddenFields => "hides its fields in the reference assembly",
        LayoutObstacleKind.KnownAtRunTimeOnly => "has a size that only the running process knows",
        LayoutObstacleKind.FieldsInSeveralParts => "has fields in several parts, whose order is not defined",
        LayoutObstacleKind.UnreadableMetadata => "comes from an assembly whose metadata cannot be read",
        LayoutObstacleKind.TooLarge => "is larger than the runtime allows",
        _ => "is not a valid unmanaged type",
    };
}
