// NH0013. A type's own members come before extension members, without a word: where the type has an Alloc() that a call fits, the call reaches that, and not the stub. The stub is there, and is called by the
// name of its class.
//
//     hidden   <=>  a static method of the type, or a delegate in a static field or property, takes the arguments that the stub takes
//
// Only where the stubs are extension members: before C# 14 they are called by their class anyway.

using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

using NativeHeap.CodeAnalysis;

namespace NativeHeap.Analyzers.Declaration;

/// <summary>NH0013: a member of a struct of another assembly is called in the place of a stub.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ForeignStubHiddenAnalyzer : DeclarationAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [Descriptors.ForeignStubHidden];

    private protected override bool ExaminesForeign => true;

    private protected override void ExamineForeign(SyntaxNodeAnalysisContext context, ForeignTypeRequest request, AttributeSyntax attribute)
    {
        if (request is not { Problem: null, Type: INamedTypeSymbol type } || !ForeignTypes.AreExtensions(context.Compilation))
        {
            return;
        }

        string[] hidden = [.. StubsOf(type, context.Compilation).Where(stub => IsHidden(stub.Name, stub.Arguments, type, context.Compilation)).Select(stub => StubSet.SignatureOf(stub.Stub, type.Name))];
        if (hidden.Length > 0)
        {
            context.ReportDiagnostic(Diagnostic.Create(
                Descriptors.ForeignStubHidden, PlaceOf(attribute), type.Name, string.Join("', '", hidden), $"{ForeignTypes.Namespace}.{request.ClassName}"));
        }
    }

    private static IEnumerable<(Stubs Stub, string Name, ITypeSymbol[] Arguments)> StubsOf(INamedTypeSymbol type, Compilation compilation)
    {
        if (compilation.GetTypeByMetadataName("NativeHeap.Heap") is not { } heap)
        {
            yield break;
        }

        bool hasPointers = compilation.Options is CSharpCompilationOptions { AllowUnsafe: true };
        (Stubs Stub, string Name, ITypeSymbol? Argument)[] all =
        [
            (Stubs.Alloc, "Alloc", null),
            (Stubs.AllocCopy, "Alloc", type),
            (Stubs.AllocZeroed, "AllocZeroed", null),
            (Stubs.Free, "Free", compilation.CreatePointerTypeSymbol(type)),
            (Stubs.AllocBatch, "AllocBatch", BatchOf(type, "System.Span`1", compilation)),
            (Stubs.FreeBatch, "FreeBatch", BatchOf(type, "System.ReadOnlySpan`1", compilation)),
            (Stubs.Rent, "Rent", null),
            (Stubs.RentCopy, "Rent", type),
        ];
        foreach ((Stubs stub, string name, ITypeSymbol? argument) in all.Where(s => hasPointers || Stubs.Safe.HasFlag(s.Stub)))
        {
            ITypeSymbol[] own = argument is null ? [] : [argument];
            yield return (stub, name, own);
            yield return (StubSet.OfHeap(stub), name, [heap, .. own]);
        }
    }

    private static ITypeSymbol BatchOf(INamedTypeSymbol type, string span, Compilation compilation)
        => compilation.GetTypeByMetadataName(span) is { } spanType && compilation.GetTypeByMetadataName("NativeHeap.NativePointer`1") is { } pointer
            ? spanType.Construct(pointer.Construct(type))
            : compilation.ObjectType;

    private static bool IsHidden(string name, ITypeSymbol[] arguments, INamedTypeSymbol type, Compilation compilation)
        => type.GetMembers(name)
            .Where(m => m.IsStatic && compilation.IsSymbolAccessibleWithin(m, compilation.Assembly))
            .Select(static m => m switch
            {
                IMethodSymbol method => method,
                IFieldSymbol { Type: INamedTypeSymbol { DelegateInvokeMethod: { } invoke } } => invoke,
                IPropertySymbol { Type: INamedTypeSymbol { DelegateInvokeMethod: { } invoke } } => invoke,
                _ => null,
            })
            .Any(method => method is not null && Takes(method, arguments, compilation));

    private static bool Takes(IMethodSymbol method, ITypeSymbol[] arguments, Compilation compilation)
    {
        ImmutableArray<IParameterSymbol> parameters = method.Parameters;
        bool isOpenEnded = parameters is [.., { IsParams: true }];
        int required = parameters.Count(static p => !p.IsOptional && !p.IsParams);
        return arguments.Length >= required
            && (isOpenEnded || arguments.Length <= parameters.Length)
            && arguments.Select((argument, i) => TakesAs(parameters[i < parameters.Length ? i : parameters.Length - 1], argument, compilation)).All(static takes => takes);
    }

    private static bool TakesAs(IParameterSymbol parameter, ITypeSymbol argument, Compilation compilation)
    {
        ITypeSymbol type = parameter is { IsParams: true, Type: IArrayTypeSymbol items } ? items.ElementType : parameter.Type;
        return parameter.RefKind is RefKind.None or RefKind.In or RefKind.RefReadOnlyParameter
            && (type.TypeKind == TypeKind.TypeParameter || compilation.HasImplicitConversion(argument, type));
    }
}
