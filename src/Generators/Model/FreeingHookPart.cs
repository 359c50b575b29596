using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

using NativeHeap.CodeAnalysis;

namespace NativeHeap.Generators.Model;

/// <summary>What the two parts of a partial method must have in common, as its user wrote it in his.</summary>
/// <param name="Modifiers">The modifiers but <c>partial</c>, such as <c>static unsafe</c>.</param>
/// <param name="Parameter">The name of its parameter.</param>
internal sealed record FreeingHookPart(string Modifiers, string Parameter)
{
    /// <summary>The user's part of a struct's OnFreeing; null if there is none.</summary>
    public static FreeingHookPart? Of(INamedTypeSymbol type)
        => StubSet.HookOf(type) is { } part
            ? new(
                string.Join(" ", part.Modifiers.Where(static m => !m.IsKind(SyntaxKind.PartialKeyword) && !m.IsKind(SyntaxKind.AsyncKeyword)).Select(static m => m.Text)),
                part.ParameterList.Parameters[0].Identifier.Text)
            : null;
}
