// The structs of other assemblies that this one asks stubs for: [assembly: NativeAllocated(typeof(Matrix4x4))]. Which of them get any is one set of conditions, as for a project's own structs
// (AllocatedTypeValidation): the generator emits nothing where one fails, and the analyzer reports it.
//
//     stubs are emitted for a request  <=>  Problem is null
//
// The stubs of a request are members of a class of their own in namespace NativeHeap, called after the type:
//
//     Matrix4x4                              Matrix4x4Allocation
//     Outer.Inner                            OuterInnerAllocation
//     KeyValuePair<int, long>                KeyValuePairOfInt32Int64Allocation
//     two of one name                        both with their namespaces: System_Numerics_Vector4Allocation

using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace NativeHeap.CodeAnalysis;

/// <summary>What keeps a type that an assembly's attribute names from having stubs.</summary>
internal enum ForeignTypeProblem
{
    /// <summary>The attribute names no type.</summary>
    NoType,

    /// <summary>The type is neither a struct nor an enum.</summary>
    NotStruct,

    /// <summary>The type, or one of its arguments, is a type parameter, or left open.</summary>
    Open,

    /// <summary>A <c>ref struct</c> cannot live in native memory, nor be a type argument.</summary>
    RefStruct,

    /// <summary>The struct is of this project, and carries the attribute itself or can.</summary>
    Own,

    /// <summary>The struct has stubs of its own.</summary>
    HasStubs,

    /// <summary>The type is not an unmanaged one.</summary>
    NotUnmanaged,

    /// <summary>A nullable type is unmanaged, but cannot be an argument where such a one is asked for.</summary>
    Nullable,

    /// <summary>No generated file can name the type.</summary>
    Unnameable,

    /// <summary>An attribute before this one names the type, or one of an assembly whose internals this one sees.</summary>
    Repeated,
}

/// <summary>An attribute of an assembly that asks for stubs.</summary>
/// <param name="Attribute">The attribute.</param>
/// <param name="Type">The type it names; null if it names none that there is.</param>
/// <param name="Problem">What keeps the type from having stubs by it; null if it has them.</param>
/// <param name="ClassName">The class of the stubs, in namespace NativeHeap.</param>
/// <param name="Earlier">The assembly whose attribute has the place of this one, if it is <see cref="ForeignTypeProblem.Repeated"/>.</param>
internal sealed record ForeignTypeRequest(AttributeData Attribute, ITypeSymbol? Type, ForeignTypeProblem? Problem, string ClassName, IAssemblySymbol? Earlier);

/// <summary>Finds the structs of other assemblies that an assembly asks stubs for.</summary>
internal static class ForeignTypes
{
    /// <summary>The namespace of the classes with their stubs.</summary>
    public const string Namespace = "NativeHeap";

    // This compiler's list of versions ends with 13.
    private const LanguageVersion CSharp14 = (LanguageVersion)1400;

    /// <summary>A type's name from the root of all namespaces on, by which two are one type for the runtime: the names of a tuple's items, say, are not in it.</summary>
    public static SymbolDisplayFormat FullName { get; } = SymbolDisplayFormat.FullyQualifiedFormat.AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.ExpandValueTuple);

    /// <summary>Whether the stubs are extension members of their types, and not only static methods of their classes.</summary>
    public static bool AreExtensions(Compilation compilation) => compilation is CSharpCompilation { LanguageVersion: >= CSharp14 };

    /// <summary>The requests of an assembly that is being compiled, in the order of their attributes.</summary>
    public static ImmutableArray<ForeignTypeRequest> Of(Compilation compilation)
    {
        AttributeData[] attributes = [.. AttributesOf(compilation.Assembly)];
        if (attributes.Length == 0)
        {
            return [];
        }

        Dictionary<string, IAssemblySymbol> served = ServedByFriends(compilation);
        List<ForeignTypeRequest> requests = [];
        foreach (AttributeData attribute in attributes)
        {
            ITypeSymbol? type = TypeOf(attribute);
            ForeignTypeProblem? problem = type is null ? ForeignTypeProblem.NoType : ProblemOf(type, compilation.Assembly, compilation);
            IAssemblySymbol? earlier = null;
            if (problem is null && !served.TryGetValue(type!.ToDisplayString(FullName), out earlier))
            {
                served.Add(type.ToDisplayString(FullName), compilation.Assembly);
            }

            requests.Add(new(attribute, type, earlier is null ? problem : ForeignTypeProblem.Repeated, type is null ? "" : NameOf(type, isQualified: false), earlier));
        }

        ILookup<string, ForeignTypeRequest> byName = requests.Where(static r => r.Problem is null).ToLookup(static r => r.ClassName);
        return
        [
            .. requests.Select(r => r with
            {
                ClassName = (r.Type is not null && byName[r.ClassName].Skip(1).Any() ? NameOf(r.Type, isQualified: true) : r.ClassName) + "Allocation",
            }),
        ];
    }

    /// <summary>The alignment that an assembly asks for the objects of a type, in bytes; 0 where it asks for none.</summary>
    public static int RequestedAlignment(Compilation compilation, ITypeSymbol type)
        => AttributesOf(compilation.Assembly).FirstOrDefault(a => SymbolEqualityComparer.Default.Equals(TypeOf(a), type)) is { } attribute
            ? AllocatedTypeValidation.RequestedAlignment(attribute)
            : 0;

    private static ForeignTypeProblem? ProblemOf(ITypeSymbol type, IAssemblySymbol assembly, Compilation compilation)
        => type is not INamedTypeSymbol { TypeKind: TypeKind.Struct or TypeKind.Enum, SpecialType: not SpecialType.System_Void } named ? ForeignTypeProblem.NotStruct
            : AllocatedTypeValidation.IsOpen(named) ? ForeignTypeProblem.Open
            : named.IsRefLikeType ? ForeignTypeProblem.RefStruct
            : named.TypeKind == TypeKind.Struct && SymbolEqualityComparer.Default.Equals(named.ContainingAssembly, assembly) ? ForeignTypeProblem.Own
            : named.AllInterfaces.Any(static i => i is { Name: "INativeLayoutClaim", ContainingNamespace: { Name: "CompilerServices", ContainingNamespace: { Name: Namespace, ContainingNamespace.IsGlobalNamespace: true } } }) ? ForeignTypeProblem.HasStubs
            : !named.IsUnmanagedType ? ForeignTypeProblem.NotUnmanaged
            : named.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T ? ForeignTypeProblem.Nullable
            : !compilation.IsSymbolAccessibleWithin(named, assembly) || !IsNameable(named, compilation) ? ForeignTypeProblem.Unnameable
            : null;

    // The attributes of an assembly that we see the internals of are ours to use as well: stubs of both would be ambiguous.
    private static Dictionary<string, IAssemblySymbol> ServedByFriends(Compilation compilation)
    {
        Dictionary<string, IAssemblySymbol> served = [];
        foreach (IAssemblySymbol assembly in compilation.SourceModule.ReferencedAssemblySymbols.Where(a => a.GivesAccessTo(compilation.Assembly)))
        {
            foreach (ITypeSymbol? type in AttributesOf(assembly).Select(TypeOf).Where(type => type is not null && ProblemOf(type, assembly, compilation) is null))
            {
                served[type!.ToDisplayString(FullName)] = assembly;
            }
        }

        return served;
    }

    // An argument that does not bind is the compiler's to report.
    private static IEnumerable<AttributeData> AttributesOf(IAssemblySymbol assembly)
        => assembly.GetAttributes().Where(static a => a.AttributeClass is { Name: "NativeAllocatedAttribute" } type
            && type.ToDisplayString() == AllocatedTypeValidation.AttributeName
            && a.AttributeConstructor is not null
            && a.ConstructorArguments.All(static argument => argument is { Kind: TypedConstantKind.Type, Value: not IErrorTypeSymbol } or { IsNull: true }));

    private static ITypeSymbol? TypeOf(AttributeData attribute) => attribute.ConstructorArguments is [{ Value: ITypeSymbol type }] ? type : null;

    // Names are written from the root of all namespaces on, where an assembly that is referenced by an alias alone does not appear.
    private static bool IsNameable(INamedTypeSymbol type, Compilation compilation)
        => !type.IsFileLocal
            && (type.ContainingType is { } outer
                ? IsNameable(outer, compilation)
                : compilation.GetMetadataReference(type.ContainingAssembly)?.Properties.Aliases is not { IsEmpty: false } aliases || aliases.Contains(MetadataReferenceProperties.GlobalAlias))
            && type.TypeArguments.OfType<INamedTypeSymbol>().All(argument => IsNameable(argument, compilation));

    private static string NameOf(ITypeSymbol type, bool isQualified)
    {
        StringBuilder name = new();
        if (type.ContainingType is { } outer)
        {
            name.Append(NameOf(outer, isQualified));
        }
        else if (isQualified && type.ContainingNamespace is { IsGlobalNamespace: false } space)
        {
            name.Append(space.ToDisplayString().Replace('.', '_').Replace("@", "")).Append('_');
        }

        name.Append(type.Name);
        if (type is INamedTypeSymbol { TypeArguments: { IsEmpty: false } arguments })
        {
            name.Append("Of");
            foreach (ITypeSymbol argument in arguments)
            {
                name.Append(NameOf(argument, isQualified));
            }
        }

        return name.ToString();
    }
}
