using System;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

using NativeHeap.CodeAnalysis;

namespace NativeHeap.Generators.Model;

/// <summary>What the text of all stubs depends on beside their structs.</summary>
/// <param name="AllowsUnsafe">Whether the project allows unsafe code.</param>
/// <param name="HasOverloadPriorities">Whether its language has priorities of overloads (C# 13).</param>
/// <param name="HasExtensionMembers">Whether its language has extension members (C# 14).</param>
/// <param name="TracksSites">Whether stubs are to say from which line they are called, and can: without priorities the plain ones would be called.</param>
internal readonly record struct ProjectOptions(bool AllowsUnsafe, bool HasOverloadPriorities, bool HasExtensionMembers, bool TracksSites)
{
    private const string TrackSites = "build_property.NativeHeapTrackSites";

    /// <summary>The options of a compilation, and of the project's file.</summary>
    public static ProjectOptions Of(Compilation compilation, AnalyzerConfigOptionsProvider project)
    {
        bool hasPriorities = compilation is CSharpCompilation { LanguageVersion: >= LanguageVersion.CSharp13 };
        return new(
            compilation.Options is CSharpCompilationOptions { AllowUnsafe: true },
            hasPriorities,
            ForeignTypes.AreExtensions(compilation),
            hasPriorities && project.GlobalOptions.TryGetValue(TrackSites, out string? track) && string.Equals(track, "true", StringComparison.OrdinalIgnoreCase));
    }
}
