// A program whose stubs are compared with their snapshot, compiled without a warning, generated again after an unrelated edit, which must recompute nothing, then loaded and called.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

using Xunit;

namespace NativeHeap.Generators.Tests.Harness;

internal sealed class StubProgram(params IEnumerable<string> sources)
{
    public bool AllowUnsafe { get; init; } = true;

    /// <summary>The source of an assembly that the program references.</summary>
    public string? Library { get; init; }

    /// <summary>Whether the program references what the compiler writes for other projects to compile against, and not the whole image.</summary>
    public bool ReferencesLibraryAlone { get; init; }

    /// <summary>Whether the project has <c>NativeHeapTrackSites</c> set.</summary>
    public bool TracksSites { get; init; }

    public LanguageVersion Language { get; init; } = LanguageVersion.Latest;

    /// <summary>The version with extension members, by a name that older compilers have not.</summary>
    public static LanguageVersion CSharp14 => (LanguageVersion)1400;

    /// <summary>Skips the test if the compiler that it runs in does not know the language version.</summary>
    public static void Require(LanguageVersion version)
        => Assert.SkipUnless(Enum.IsDefined(version), $"This is Roslyn {typeof(LanguageVersion).Assembly.GetName().Version}, which has no version {version} of the language.");

    /// <summary>Does all of it, and then calls the static method <c>Run</c> of a class <c>Program</c>, if there is one.</summary>
    public void Verify(string name)
    {
        Require(Language);
        // The compiler warns of fields that a library without code never assigns.
        CSharpCompilation? library = Library is null ? null : Compilations.Create([Library], name: "Library");
        byte[][] dependencies = library is null ? [] : [Compilations.Emit(library)];
        byte[][] references = ReferencesLibraryAlone ? [Compilations.Emit(library!, referenceAssembly: true)] : dependencies;
        CSharpCompilation compilation = Compilations.Create(
            sources.Select(static s => "#pragma warning disable CS0649, CS0169, CS0414\n" + s),
            AllowUnsafe,
            references.Select(static image => MetadataReference.CreateFromImage(image)),
            parseOptions: Compilations.ParseOptions.WithLanguageVersion(Language));
        GeneratorRun run = GeneratorRun.Of(compilation, TracksSites);

        run.AssertCompilesWithoutWarnings();
        run.AssertUnrelatedEditRecomputesNothing();
        run.AssertStepsHoldValuesOnly();
        Snapshot.Verify(TextOf(run), name);
        using LoadedAssembly loaded = new(Compilations.Emit(run.Output), dependencies);
        Assert.Equal(run.Result.GeneratedSources.Length, StubExerciser.ExerciseAll(loaded.Assembly));
        loaded.Assembly.GetType("Program")?.GetMethod("Run")!.Invoke(null, BindingFlags.DoNotWrapExceptions, null, null, null);
    }

    // The version of the generator stands in each file and says nothing of this one.
    private static string TextOf(GeneratorRun run)
    {
        string version = $"\"{typeof(NativeAllocatedGenerator).Assembly.GetName().Version!.ToString(3)}\"";
        return string.Concat(run.Result.GeneratedSources
            .OrderBy(static s => s.HintName, StringComparer.Ordinal)
            .Select(s => $"// ---- {s.HintName}\n{s.SourceText.ToString().Replace(version, "\"version\"", StringComparison.Ordinal)}\n"));
    }
}
