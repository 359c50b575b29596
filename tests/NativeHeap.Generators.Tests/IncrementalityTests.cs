// What an edit computes anew, step by step.

using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

using NativeHeap.Generators.Tests.Harness;

using Xunit;

namespace NativeHeap.Generators.Tests;

public sealed class IncrementalityTests
{
    private const string Order = "namespace Shop; [NativeHeap.NativeAllocated] public partial struct Order { public long Id; public Price Price; }";
    private const string Price = "namespace Shop; public struct Price { public int Ticks; }";

    [Fact]
    public void The_size_follows_a_struct_in_another_file()
    {
        GeneratorRun first = GeneratorRun.Of(Compilations.Create([Order, Price]));
        GeneratorRun second = first.After(Edit(first.Input, 1, "namespace Shop; public struct Price { public int Ticks; public long Scale; }"));

        Assert.Equal([IncrementalStepRunReason.Modified], second.Reasons(TrackingNames.Models));
        Assert.Equal([IncrementalStepRunReason.Modified], second.OutputReasons());
        Assert.Contains("size 16,", Text(first), System.StringComparison.Ordinal);
        Assert.Contains("size 24,", Text(second), System.StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "namespace Shop; public struct Price { public int Ticks; /* one tick is a cent */ }")]
    [InlineData(1, "namespace Shop; public struct Price { public uint Renamed; public static int Count; }")]
    [InlineData(0, "namespace Shop; [NativeHeap.NativeAllocated] public partial struct Order { public ulong Number; public Price Price; public readonly void Print() { } }")]
    [InlineData(0, "using System;\n\n" + Order)]
    public void An_edit_that_leaves_the_layout_writes_no_text(int file, string edited)
    {
        GeneratorRun first = GeneratorRun.Of(Compilations.Create([Order, Price]));
        GeneratorRun second = first.After(Edit(first.Input, file, edited));

        Assert.Equal([IncrementalStepRunReason.Cached], second.Reasons(TrackingNames.Models));
        Assert.Equal([IncrementalStepRunReason.Cached], second.Reasons(TrackingNames.Stubs));
        Assert.Equal([IncrementalStepRunReason.Cached], second.OutputReasons());
    }

    [Fact]
    public void Allowing_unsafe_code_writes_the_text_anew_from_the_same_models()
    {
        GeneratorRun first = GeneratorRun.Of(Compilations.Create([Order, Price], allowUnsafe: false));
        GeneratorRun second = first.After(first.Input.WithOptions(first.Input.Options.WithAllowUnsafe(true)));

        Assert.DoesNotContain("unsafe", Text(first), System.StringComparison.Ordinal);
        Assert.Contains("unsafe", Text(second), System.StringComparison.Ordinal);
        Assert.Equal([IncrementalStepRunReason.Modified], second.Reasons(TrackingNames.Project));
        Assert.Equal([IncrementalStepRunReason.Modified], second.OutputReasons());
        Assert.All(second.Reasons(TrackingNames.Models), static reason => Assert.NotEqual(IncrementalStepRunReason.Modified, reason));
    }

    [Fact]
    public void A_new_struct_leaves_the_others_as_they_are()
    {
        GeneratorRun first = GeneratorRun.Of(Compilations.Create([Order, Price]));
        GeneratorRun second = first.After(Edit(first.Input, 1, Price + " [NativeHeap.NativeAllocated] public partial struct Fill { public int Quantity; }"));

        Assert.Equal([IncrementalStepRunReason.New, IncrementalStepRunReason.Cached], second.OutputReasons().Order());
        Assert.Equal(2, second.Result.GeneratedSources.Length);
    }

    [Fact]
    public void A_struct_without_the_attribute_loses_its_stubs()
    {
        GeneratorRun first = GeneratorRun.Of(Compilations.Create([Order, Price]));
        GeneratorRun second = first.After(Edit(first.Input, 0, "namespace Shop; public partial struct Order { public long Id; }"));

        Assert.Empty(second.Result.GeneratedSources);
    }

    [Fact]
    public void Another_version_of_a_referenced_assembly_changes_the_size()
    {
        GeneratorRun first = GeneratorRun.Of(Compilations.Create([Order], references: [Library("int")]));
        GeneratorRun second = first.After(Compilations.Create([Order], references: [Library("System.Guid")]));

        Assert.Contains("size 16,", Text(first), System.StringComparison.Ordinal);
        Assert.Contains("size 24,", Text(second), System.StringComparison.Ordinal);

        static MetadataReference Library(string field)
        {
            string source = $"namespace Shop; public struct Price {{ private {field} _value; }}";
            return MetadataReference.CreateFromImage(Compilations.Emit(Compilations.Create([source], name: "Library")));
        }
    }

    [Fact]
    public void An_edit_writes_no_text_for_a_foreign_struct_unless_its_attribute_changes()
    {
        const string Foreign = "[assembly: NativeHeap.NativeAllocated(typeof(System.Numerics.Vector4))]";
        GeneratorRun first = GeneratorRun.Of(Compilations.Create([Foreign, Price]));
        GeneratorRun unrelated = first.After(Edit(first.Input, 1, Price + " class Unrelated { }"));
        GeneratorRun commented = first.After(Edit(first.Input, 0, "// four floats\n" + Foreign));
        GeneratorRun aligned = first.After(Edit(first.Input, 0, "[assembly: NativeHeap.NativeAllocated(typeof(System.Numerics.Vector4), Alignment = 64)]"));
        GeneratorRun another = first.After(Edit(first.Input, 1, "[assembly: NativeHeap.NativeAllocated(typeof(int))] " + Price));

        Assert.All([unrelated, commented], static run =>
        {
            Assert.Equal([IncrementalStepRunReason.Cached], run.Reasons(TrackingNames.ForeignStubs));
            Assert.Equal([IncrementalStepRunReason.Cached], run.OutputReasons());
        });
        Assert.Equal([IncrementalStepRunReason.Modified], aligned.OutputReasons());
        Assert.Contains("alignment 64", Text(aligned), System.StringComparison.Ordinal);
        Assert.Equal([IncrementalStepRunReason.New, IncrementalStepRunReason.Cached], another.OutputReasons().Order());
    }

    private static CSharpCompilation Edit(CSharpCompilation compilation, int file, string source)
    {
        SyntaxTree old = compilation.SyntaxTrees[file];
        return compilation.ReplaceSyntaxTree(
            old,
            CSharpSyntaxTree.ParseText(source, Compilations.ParseOptions, old.FilePath, cancellationToken: TestContext.Current.CancellationToken));
    }

    private static string Text(GeneratorRun run) => run.Result.GeneratedSources.Single().SourceText.ToString();
}
