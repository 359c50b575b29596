using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

using NativeHeap.CodeAnalysis;

namespace NativeHeap.Generators.Model;

/// <summary>What the text of all stubs depends on beside their structs.</summary>
/// <param name="AllowsUnsafe">Whether the project allows unsafe code.</param>
/// <param name="HasOverloadPriorities">Whether its language has priorities of overloads (C# 13).</param>
/// <param name="HasExtensionMembers">Whether its language has extension members (C# 14).</param>
internal readonly record struct ProjectOptions(bool AllowsUnsafe, bool HasOverloadPriorities, bool HasExtensionMembers)
{
    /// <summary>The options of a compilation.</summary>
    public static ProjectOptions Of(Compilation compilation)
        => new(
            compilation.Options is CSharpCompilationOptions { AllowUnsafe: true },
            compilation is CSharpCompilation { LanguageVersion: >= LanguageVersion.CSharp13 },
            ForeignTypes.AreExtensions(compilation));
}
