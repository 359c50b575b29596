// Compilations as a user's project has them: against the reference pack, with warnings as errors, nullable on, documentation checked.

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;

using Xunit;

namespace NativeHeap.Generators.Tests.Harness;

internal static class Compilations
{
    private static readonly ImmutableArray<MetadataReference> s_references =
    [
        .. Directory.EnumerateFiles(ReferenceDirectory(), "*.dll").Select(static path => MetadataReference.CreateFromFile(path)),
        MetadataReference.CreateFromFile(typeof(NativeAllocatedAttribute).Assembly.Location),
    ];

    public static CSharpParseOptions ParseOptions { get; } = new(LanguageVersion.Latest, DocumentationMode.Diagnose);

    public static CSharpCompilation Create(
        IEnumerable<string> sources,
        bool allowUnsafe = true,
        IEnumerable<MetadataReference>? references = null,
        string name = "Consumer",
        CSharpParseOptions? parseOptions = null)
        => CSharpCompilation.Create(
            name,
            sources.Select((source, i) => CSharpSyntaxTree.ParseText(source, parseOptions ?? ParseOptions, $"{name}{i}.cs")),
            [.. s_references, .. references ?? []],
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary,
                allowUnsafe: allowUnsafe,
                nullableContextOptions: NullableContextOptions.Enable,
                warningLevel: 9999,
                deterministic: true,
                optimizationLevel: OptimizationLevel.Release));

    /// <summary>The image of a compilation; fails the test if there are errors.</summary>
    public static byte[] Emit(Compilation compilation, bool referenceAssembly = false)
    {
        using MemoryStream image = new();
        EmitOptions options = new(metadataOnly: referenceAssembly, includePrivateMembers: !referenceAssembly);
        EmitResult result = compilation.Emit(image, options: options, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(result.Success, string.Join("\n", result.Diagnostics.Where(static d => d.Severity == DiagnosticSeverity.Error)));
        return image.ToArray();
    }

    // The pack lies beside the runtime that the tests run on; where they have a runtime of their own, tests/platforms says where it lies. Where there is none, the
    // runtime's assemblies serve.
    private static string ReferenceDirectory()
    {
        string runtime = RuntimeEnvironment.GetRuntimeDirectory();
        string packs = Environment.GetEnvironmentVariable("NATIVEHEAP_REFERENCE_PACKS")
            ?? Path.GetFullPath(Path.Combine(runtime, "..", "..", "..", "packs", "Microsoft.NETCore.App.Ref"));
        return !Directory.Exists(packs) ? runtime : Directory.EnumerateDirectories(packs)
            .Select(static version => Path.Combine(version, "ref", "net10.0"))
            .Where(Directory.Exists)
            .Order(StringComparer.Ordinal)
            .LastOrDefault(runtime);
    }
}
