// What the generator does with code that is wrong or unusual: it adds no error to those there are, never throws, and writes nothing for
// a struct that cannot have stubs. The analyzer is who reports.

using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

using NativeHeap.CodeAnalysis;
using NativeHeap.Generators.Tests.Harness;

using Xunit;

namespace NativeHeap.Generators.Tests;

public sealed class InvalidInputTests
{
    [Theory]
    [InlineData("[NativeHeap.NativeAllocated] public struct S { public int A; }", "NotPartial", "S")]
    [InlineData("public class Outer { [NativeHeap.NativeAllocated] public partial struct S { public int A; } }", "NotPartial", "Outer")]
    [InlineData("public class Far { public partial class Near { [NativeHeap.NativeAllocated] public partial struct S { public int A; } } }", "NotPartial", "Far")]
    [InlineData("[NativeHeap.NativeAllocated] public partial struct S { public int A; public string B; }", "NotUnmanaged", "B")]
    [InlineData("[NativeHeap.NativeAllocated] public partial struct S { public int A; public (int, object) B; }", "NotUnmanaged", "B")]
    [InlineData("[NativeHeap.NativeAllocated] public partial struct S<T> { public T A; }", "NotUnmanaged", "A")]
    [InlineData("[NativeHeap.NativeAllocated] public partial struct S { public string A { get; set; } }", "NotUnmanaged", "<A>k__BackingField")]
    [InlineData("[NativeHeap.NativeAllocated] public partial struct S { public event System.Action A; }", "NotUnmanaged", "A")]
    [InlineData("[NativeHeap.NativeAllocated] public ref partial struct S { public int A; }", "RefStruct", "S")]
    [InlineData("[NativeHeap.NativeAllocated] file partial struct S { public int A; }", "FileLocal", "S")]
    [InlineData("file partial class Outer { [NativeHeap.NativeAllocated] public partial struct S { public int A; } }", "FileLocal", "Outer")]
    public void Nothing_is_generated(string source, string problem, string culprit)
    {
        GeneratorRun run = GeneratorRun.Of(Compilations.Create([source]));
        AllocatedTypeFinding? finding = AllocatedTypeValidation.Validate(TypeNamed(run.Input, "S"), TestContext.Current.CancellationToken);

        AssertAddsNoErrors(run);
        Assert.Empty(run.Result.GeneratedSources);
        Assert.Equal(problem, finding?.Problem.ToString());
        Assert.Equal(culprit, finding?.Culprit.Name);
    }

    [Theory]
    [InlineData("[NativeHeap.NativeAllocated] public partial struct S { public S A; }")]
    [InlineData("[NativeHeap.NativeAllocated] public partial struct S { public T A; } public struct T { public S A; }")]
    [InlineData("[NativeHeap.NativeAllocated] public partial struct S { public T<int> A; } public struct T<U> where U : unmanaged { public T<T<U>> A; }")]
    [InlineData("[NativeHeap.NativeAllocated] public partial struct S { public Missing A; }")]
    [InlineData("[NativeHeap.NativeAllocated] public partial struct S { public int A; public int A; }")]
    [InlineData("[NativeHeap.NativeAllocated] public partial struct S { public int A; } public partial struct S { public int B")]
    [InlineData("[NativeHeap.NativeAllocated] public partial struct S { } [NativeHeap.NativeAllocated] public partial struct S { }")]
    [InlineData("[NativeHeap.NativeAllocated(Alignment = )] public partial struct S { public int A; }")]
    [InlineData("[NativeHeap.NativeAllocated(Alignment = \"64\")] public partial struct S { public int A; }")]
    [InlineData("[NativeHeap.NativeAllocated] public partial struct { public int A; }")]
    [InlineData("[NativeHeap.NativeAllocated] public partial class S { public int A; }")]
    [InlineData("[NativeHeap.NativeAllocated] public partial record S(int A);")]
    [InlineData("[NativeHeap.NativeAllocated, System.Runtime.CompilerServices.InlineArray(0)] public partial struct S { public int A; }")]
    [InlineData("[NativeHeap.NativeAllocated, System.Runtime.CompilerServices.InlineArray(2000000000)] public partial struct S { public decimal A; }")]
    [InlineData("[NativeHeap.NativeAllocated, System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential, Pack = 3)] public partial struct S { public int A; }")]
    [InlineData("[NativeHeap.NativeAllocated, System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit)] public partial struct S { public int A; }")]
    public void Broken_code_gets_no_errors_of_ours(string source) => AssertAddsNoErrors(GeneratorRun.Of(Compilations.Create([source])));

    [Theory]
    [InlineData(LanguageVersion.CSharp11, NullableContextOptions.Disable)]
    [InlineData(LanguageVersion.CSharp11, NullableContextOptions.Enable)]
    [InlineData(LanguageVersion.CSharp13, NullableContextOptions.Annotations)]
    [InlineData(LanguageVersion.Preview, NullableContextOptions.Warnings)]
    public void Every_language_version_from_11_compiles_the_stubs(LanguageVersion version, NullableContextOptions nullable)
    {
        CSharpCompilation compilation = Compilations.Create(
            ["namespace Shop { public partial class Book<T> where T : unmanaged { [NativeHeap.NativeAllocated] public partial record struct Order(long Id, T Side); } }"],
            parseOptions: Compilations.ParseOptions.WithLanguageVersion(version));

        GeneratorRun run = GeneratorRun.Of(compilation.WithOptions(compilation.Options.WithNullableContextOptions(nullable)));

        run.AssertCompilesWithoutWarnings();
        Assert.Single(run.Result.GeneratedSources);
    }

    [Fact]
    public void A_name_of_any_length_has_a_file()
    {
        string longest = new('x', 400);
        GeneratorRun run = GeneratorRun.Of(Compilations.Create([$"[NativeHeap.NativeAllocated] public partial struct L{longest}1 {{ }} [NativeHeap.NativeAllocated] public partial struct L{longest}2 {{ }}"]));

        run.AssertCompilesWithoutWarnings();
        Assert.Equal(2, run.Result.GeneratedSources.Length);
        Assert.All(run.Result.GeneratedSources, static source => Assert.InRange(source.HintName.Length, 1, 128));
    }

    private static void AssertAddsNoErrors(GeneratorRun run)
    {
        Assert.Null(run.Result.Exception);
        Assert.Equal(Errors(run.Input), Errors(run.Output));

        static string[] Errors(Compilation compilation)
            => [.. compilation.GetDiagnostics(TestContext.Current.CancellationToken)
                .Where(static d => d.Severity == DiagnosticSeverity.Error)
                .Select(static d => d.ToString())
                .Order()];
    }

    private static INamedTypeSymbol TypeNamed(CSharpCompilation compilation, string name)
        => (INamedTypeSymbol)compilation.GetSymbolsWithName(name, SymbolFilter.Type, TestContext.Current.CancellationToken).Single();
}
