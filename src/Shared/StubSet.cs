// The stubs of a struct, and which of them its user has already taken the place of. Each comes twice: for the shared heap, and for a heap that is its first parameter.
//
// A stub is left out where emitting it would not compile: a method of the same signature, any other member or type parameter of the same
// name, or the struct itself being called so. Overloads of the user's own (another parameter list) live beside ours. The analyzer
// reports what is left out; the program keeps compiling, and calls reach the user's member. Of the overloads that say where they are called there are all or none: a struct with methods like one of them has none.
//
// OnFreeing is the other way round: the generator declares it, partial, for the user to implement.

using System;
using System.Collections.Generic;
using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace NativeHeap.CodeAnalysis;

/// <summary>The members that the generator emits: those named, and by <see cref="StubSet.OfHeap"/> the same of a heap.</summary>
[Flags]
internal enum Stubs
{
    None = 0,
    Alloc = 1,
    AllocCopy = 1 << 1,
    AllocZeroed = 1 << 2,
    Free = 1 << 3,
    AllocBatch = 1 << 4,
    FreeBatch = 1 << 5,
    Rent = 1 << 6,
    RentCopy = 1 << 7,
    NativeLayout = 1 << 8,
    OnFreeing = 1 << 9,

    /// <summary>The overloads of all others with the path of a file and a line.</summary>
    Tracked = 1 << 10,

    /// <summary>Those that there are of a heap, too.</summary>
    OfHeaps = Alloc | AllocCopy | AllocZeroed | Free | AllocBatch | FreeBatch | Rent | RentCopy,

    /// <summary>Those of the shared heap that a project without unsafe code has, too.</summary>
    Safe = Rent | RentCopy,
}

/// <summary>A member that keeps a stub from being emitted.</summary>
/// <param name="Stub">The stub.</param>
/// <param name="Obstacle">The member, type parameter or type that has its place.</param>
internal readonly record struct TakenStub(Stubs Stub, ISymbol Obstacle);

/// <summary>Finds the stubs that a struct's own members stand in the way of.</summary>
internal static class StubSet
{
    private const int HeapShift = 16;
    private const string HookName = "OnFreeing";

    /// <summary>The stubs that cannot be emitted for a struct because of what its user declares.</summary>
    public static Stubs DeclaredByUser(INamedTypeSymbol type)
    {
        bool isTrackedTaken = TakenMethods(type, [IsString, IsInt]).Any(static taken => taken.Obstacle is IMethodSymbol);
        return Taken(type).Aggregate(isTrackedTaken ? Stubs.Tracked : Stubs.None, static (all, taken) => all | taken.Stub);
    }

    /// <summary>The same one by one, with what stands in the way, but for <see cref="Stubs.Tracked"/>. After the generator has run, its own members are among them.</summary>
    public static IEnumerable<TakenStub> Taken(INamedTypeSymbol type)
        => TakenMethods(type, [])
            .Concat(type.GetMembers().OfType<IPropertySymbol>()
                .Where(static p => p.ExplicitInterfaceImplementations.Any(static i => i.Name == "NativeLayout"))
                .Select(static p => new TakenStub(Stubs.NativeLayout, p)))
            .Concat(Taken(type, Stubs.OnFreeing, HookName, [p => IsRef(p, type)]).Where(static taken => !IsPartial(taken.Obstacle)));

    /// <summary>The declaration by which a user implements the hook of a struct, <c>static partial void OnFreeing(ref T value)</c>; null if there is none.</summary>
    public static MethodDeclarationSyntax? HookOf(INamedTypeSymbol type)
        => type.GetMembers(HookName).OfType<IMethodSymbol>()
            .Where(m => m is { IsStatic: true, ReturnsVoid: true, TypeParameters.IsEmpty: true, Parameters: [var only] } && IsRef(only, type))
            .SelectMany(static m => PartsOf(m))
            .FirstOrDefault(static part => part.Modifiers.Any(SyntaxKind.PartialKeyword) && (part.Body is not null || part.ExpressionBody is not null));

    /// <summary>The same stubs with a heap as their first parameter.</summary>
    public static Stubs OfHeap(Stubs shared) => (Stubs)((int)shared << HeapShift);

    /// <summary>A stub, of whichever form, as it is for the shared heap.</summary>
    public static Stubs Shared(Stubs stub) => (int)stub < 1 << HeapShift ? stub : (Stubs)((int)stub >> HeapShift);

    /// <summary>A stub as messages name it, such as <c>Free(Heap, Order*)</c>.</summary>
    public static string SignatureOf(Stubs stub, string name)
    {
        Stubs shared = Shared(stub);
        (string method, string parameter) = shared switch
        {
            Stubs.AllocCopy => ("Alloc", $"in {name}"),
            Stubs.Free => ("Free", $"{name}*"),
            Stubs.AllocBatch => ("AllocBatch", $"Span<NativePointer<{name}>>"),
            Stubs.FreeBatch => ("FreeBatch", $"ReadOnlySpan<NativePointer<{name}>>"),
            Stubs.RentCopy => ("Rent", $"in {name}"),
            Stubs.OnFreeing => ("OnFreeing", $"ref {name}"),
            _ => (shared.ToString(), ""),
        };
        string heap = stub == shared ? "" : parameter.Length == 0 ? "Heap" : "Heap, ";
        return stub == Stubs.NativeLayout ? method : $"{method}({heap}{parameter})";
    }

    // All that allocates and frees, with further parameters at the end.
    private static IEnumerable<TakenStub> TakenMethods(INamedTypeSymbol type, Func<IParameterSymbol, bool>[] further)
    {
        return BothForms(Stubs.Alloc, "Alloc")
            .Concat(BothForms(Stubs.AllocCopy, "Alloc", p => IsIn(p, type)))
            .Concat(BothForms(Stubs.AllocZeroed, "AllocZeroed"))
            .Concat(BothForms(Stubs.Free, "Free", p => IsPointer(p, type)))
            .Concat(BothForms(Stubs.AllocBatch, "AllocBatch", p => IsSpanOfPointers(p, "Span", type)))
            .Concat(BothForms(Stubs.FreeBatch, "FreeBatch", p => IsSpanOfPointers(p, "ReadOnlySpan", type)))
            .Concat(BothForms(Stubs.Rent, "Rent"))
            .Concat(BothForms(Stubs.RentCopy, "Rent", p => IsIn(p, type)));

        // With the stub's own parameter, if it has one, and with a heap before that.
        IEnumerable<TakenStub> BothForms(Stubs stub, string name, Func<IParameterSymbol, bool>? parameter = null)
        {
            Func<IParameterSymbol, bool>[] own = parameter is null ? further : [parameter, .. further];
            return Taken(type, stub, name, own).Concat(Taken(type, OfHeap(stub), name, [IsHeap, .. own]));
        }
    }

    private static IEnumerable<TakenStub> Taken(INamedTypeSymbol type, Stubs stub, string name, Func<IParameterSymbol, bool>[] parameters)
    {
        IEnumerable<ISymbol> namesakes = type.TypeParameters.Where(p => p.Name == name).Concat<ISymbol>(type.GetMembers(name).Where(m
            => m is not IMethodSymbol { TypeParameters.IsEmpty: var simple } method
                || (simple && method.Parameters.Length == parameters.Length && method.Parameters.Zip(parameters, static (p, matches) => matches(p)).All(static same => same))));
        return (type.Name == name ? namesakes.Prepend(type) : namesakes).Select(obstacle => new TakenStub(stub, obstacle));
    }

    private static bool IsHeap(IParameterSymbol parameter)
        => parameter is { RefKind: RefKind.None, Type: { Name: "Heap", ContainingType: null, ContainingNamespace: { Name: "NativeHeap", ContainingNamespace.IsGlobalNamespace: true } } };

    private static bool IsString(IParameterSymbol parameter) => parameter is { RefKind: RefKind.None, Type.SpecialType: SpecialType.System_String };

    private static bool IsInt(IParameterSymbol parameter) => parameter is { RefKind: RefKind.None, Type.SpecialType: SpecialType.System_Int32 };

    // `in`, `ref`, `ref readonly` and `out` are one signature for the language.
    private static bool IsIn(IParameterSymbol parameter, INamedTypeSymbol type)
        => parameter.RefKind != RefKind.None && Same(parameter.Type, type);

    private static bool IsRef(IParameterSymbol parameter, INamedTypeSymbol type)
        => parameter.RefKind == RefKind.Ref && Same(parameter.Type, type);

    // Without the generated part, the user's is an implementation of nothing, which the symbol does not call partial.
    private static bool IsPartial(ISymbol member)
        => member is IMethodSymbol method && PartsOf(method).Any(static part => part.Modifiers.Any(SyntaxKind.PartialKeyword));

    private static IEnumerable<MethodDeclarationSyntax> PartsOf(IMethodSymbol method)
        => method.DeclaringSyntaxReferences.Concat(method.PartialImplementationPart?.DeclaringSyntaxReferences ?? [])
            .Select(static reference => reference.GetSyntax()).OfType<MethodDeclarationSyntax>();

    private static bool IsPointer(IParameterSymbol parameter, INamedTypeSymbol type)
        => parameter is { RefKind: RefKind.None, Type: IPointerTypeSymbol pointer } && Same(pointer.PointedAtType, type);

    private static bool IsSpanOfPointers(IParameterSymbol parameter, string span, INamedTypeSymbol type)
        => parameter is { RefKind: RefKind.None, Type: INamedTypeSymbol { TypeArguments: [INamedTypeSymbol { Name: "NativePointer", TypeArguments: [var pointee] }] } spanType }
            && spanType.Name == span
            && Same(pointee, type);

    private static bool Same(ITypeSymbol left, ITypeSymbol right) => SymbolEqualityComparer.Default.Equals(left, right);
}
