// The Dispose that a class without one gets: an override, where its base class has one to be overridden, and else an implementation of IDisposable.

using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Simplification;

namespace NativeHeap.CodeFixes.Ownership;

internal sealed class DisposeForm
{
    private readonly IMethodSymbol? _overridden;
    private readonly bool _addsInterface;

    private DisposeForm(IMethodSymbol? overridden, bool addsInterface) => (_overridden, _addsInterface) = (overridden, addsInterface);

    /// <summary>What a class without a Dispose of its own needs; null if it has one, or a base class one that cannot be overridden.</summary>
    public static DisposeForm? Of(INamedTypeSymbol type, Compilation compilation)
    {
        if (!type.GetMembers("Dispose").IsEmpty)
        {
            return null;
        }

        for (INamedTypeSymbol? level = type.BaseType; level is not null; level = level.BaseType)
        {
            // Dispose(bool) before Dispose(): where there are both, the second calls the first.
            IMethodSymbol[] found = [.. level.GetMembers("Dispose").OfType<IMethodSymbol>().Where(IsDispose).OrderByDescending(static m => m.Parameters.Length)];
            if (found.Length > 0)
            {
                return found[0] is { IsSealed: false } first && (first.IsVirtual || first.IsAbstract || first.IsOverride) ? new DisposeForm(first, false) : null;
            }
        }

        INamedTypeSymbol disposable = compilation.GetSpecialType(SpecialType.System_IDisposable);
        return type.AllInterfaces.Contains(disposable, SymbolEqualityComparer.Default) ? null : new DisposeForm(null, true);
    }

    public static bool IsDispose(IMethodSymbol method)
        => method is { ReturnsVoid: true, IsStatic: false, ExplicitInterfaceImplementations.IsEmpty: true, Parameters: [] or [{ Type.SpecialType: SpecialType.System_Boolean }], TypeParameters: [] };

    /// <summary>Statements that a finalizer leaves out.</summary>
    public static string OnlyIf(string disposing, string[] release) => $"if ({disposing})\n{{\n{string.Join("\n", release)}\n}}\n";

    /// <summary>A class with the method.</summary>
    public TypeDeclarationSyntax AddTo(TypeDeclarationSyntax type, string[] release, bool isManaged, bool isUnsafe)
    {
        string word = isUnsafe ? "unsafe " : string.Empty;
        string body = string.Join(" ", release);
        string text = _overridden switch
        {
            null => $"public {word}void Dispose() {{ {body} }}",
            { Parameters: [] } => $"{AccessOf(_overridden)} override {word}void Dispose() {{ {body} {CallToBase("base.Dispose();")} }}",
            { Parameters: [var disposing, ..] }
                => $"{AccessOf(_overridden)} override {word}void Dispose(bool {disposing.Name}) {{ {(isManaged ? OnlyIf(disposing.Name, release) : body)} {CallToBase($"base.Dispose({disposing.Name});")} }}",
        };
        MemberDeclarationSyntax method = SyntaxFactory.ParseMemberDeclaration(text)!.NormalizeWhitespace(elasticTrivia: true)
            .WithLeadingTrivia(SyntaxFactory.ElasticCarriageReturnLineFeed, SyntaxFactory.ElasticMarker)
            .WithAdditionalAnnotations(Formatter.Annotation, Simplifier.Annotation);
        TypeDeclarationSyntax changed = type.AddMembers(method);
        if (!_addsInterface)
        {
            return changed;
        }

        // The base list begins on the line of what stands before it.
        BaseTypeSyntax disposable = SyntaxFactory.SimpleBaseType(SyntaxFactory.ParseTypeName("global::System.IDisposable").WithAdditionalAnnotations(Simplifier.Annotation));
        return changed.BaseList is { } list ? changed.WithBaseList(AppendTo(list, disposable)) : WithFirst(changed, disposable);
    }

    private static string AccessOf(IMethodSymbol method) => SyntaxFacts.GetText(method.DeclaredAccessibility == Accessibility.ProtectedOrInternal ? Accessibility.Protected : method.DeclaredAccessibility);

    private string CallToBase(string call) => _overridden!.IsAbstract ? string.Empty : call;

    private static BaseListSyntax AppendTo(BaseListSyntax list, BaseTypeSyntax type)
    {
        SyntaxTriviaList end = list.GetTrailingTrivia();
        return list.WithTrailingTrivia().AddTypes(type.WithLeadingTrivia(SyntaxFactory.Space)).WithTrailingTrivia(end);
    }

    private static TypeDeclarationSyntax WithFirst(TypeDeclarationSyntax type, BaseTypeSyntax disposable)
    {
        SyntaxToken before = type.ParameterList?.CloseParenToken ?? type.TypeParameterList?.GreaterThanToken ?? type.Identifier;
        TypeDeclarationSyntax closed = type.ReplaceToken(before, before.WithTrailingTrivia(SyntaxFactory.Space));
        BaseListSyntax list = SyntaxFactory.BaseList(SyntaxFactory.Token(SyntaxKind.ColonToken).WithTrailingTrivia(SyntaxFactory.Space), [disposable]);
        return closed.WithBaseList(list.WithTrailingTrivia(before.TrailingTrivia));
    }
}
