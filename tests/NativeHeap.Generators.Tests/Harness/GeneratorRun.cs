// One run of the generator over a compilation, and what must hold of every run, whatever the input: the output compiles without a
// warning, an unrelated edit recomputes nothing, no step keeps a compilation alive.

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

using Xunit;

namespace NativeHeap.Generators.Tests.Harness;

internal sealed class GeneratorRun
{
    private static readonly string[] s_steps = [TrackingNames.Models, TrackingNames.ForeignModels, TrackingNames.Project, TrackingNames.Stubs, TrackingNames.ForeignStubs];
    private static readonly IncrementalStepRunReason[] s_unchanged = [IncrementalStepRunReason.Cached, IncrementalStepRunReason.Unchanged];

    private readonly GeneratorDriver _driver;

    private GeneratorRun(GeneratorDriver driver, CSharpCompilation input, Compilation output)
    {
        _driver = driver;
        Input = input;
        Output = output;
        Result = driver.GetRunResult().Results.Single();
    }

    public CSharpCompilation Input { get; }

    public Compilation Output { get; }

    public GeneratorRunResult Result { get; }

    public static GeneratorRun Of(CSharpCompilation compilation, bool tracksSites = false)
        => Run(
            CSharpGeneratorDriver.Create(
                [new NativeAllocatedGenerator().AsSourceGenerator()],
                parseOptions: (CSharpParseOptions)compilation.SyntaxTrees[0].Options,
                optionsProvider: new ProjectProperties { ["NativeHeapTrackSites"] = tracksSites ? "true" : "" },
                driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true)),
            compilation);

    /// <summary>The next run of the same driver, as after an edit.</summary>
    public GeneratorRun After(CSharpCompilation edited) => Run(_driver, edited);

    /// <summary>Why each output of a named step is what it is.</summary>
    public IEnumerable<IncrementalStepRunReason> Reasons(string step)
        => ReasonsOf(Result.TrackedSteps.GetValueOrDefault(step, []));

    /// <summary>Why each generated file is what it is.</summary>
    public IEnumerable<IncrementalStepRunReason> OutputReasons() => ReasonsOf(Result.TrackedOutputSteps.Values.SelectMany(static runs => runs));

    public void AssertCompilesWithoutWarnings()
    {
        Assert.Null(Result.Exception);
        Assert.Empty(Result.Diagnostics);
        AssertClean(Output);

        // The file turns warnings off for what its author was already told; it must not need that in general.
        Compilation bare = Output;
        foreach (GeneratedSourceResult source in Result.GeneratedSources)
        {
            string text = source.SourceText.ToString().Replace("#pragma warning disable\n", "", StringComparison.Ordinal);
            bare = bare.ReplaceSyntaxTree(source.SyntaxTree, Parse(text, source.SyntaxTree.FilePath));
        }

        AssertClean(bare, allowed: "CS8981");
    }

    public void AssertUnrelatedEditRecomputesNothing()
    {
        GeneratorRun second = After(Input.AddSyntaxTrees(Parse("internal class Unrelated { }", "Unrelated.cs")));
        foreach (string step in s_steps)
        {
            Assert.All(second.Reasons(step), static reason => Assert.Contains(reason, s_unchanged));
        }

        Assert.All(second.OutputReasons(), static reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
    }

    public void AssertStepsHoldValuesOnly()
    {
        IEnumerable<IncrementalGeneratorRunStep> runs = s_steps.SelectMany(step => Result.TrackedSteps.GetValueOrDefault(step, []));
        foreach ((object value, _) in runs.SelectMany(static run => run.Outputs))
        {
            ObjectGraph.AssertFreeOfCompilerObjects(value);
        }
    }

    private static GeneratorRun Run(GeneratorDriver driver, CSharpCompilation compilation)
    {
        driver = driver.RunGeneratorsAndUpdateCompilation(compilation, out Compilation output, out _, TestContext.Current.CancellationToken);
        return new GeneratorRun(driver, compilation, output);
    }

    private static IEnumerable<IncrementalStepRunReason> ReasonsOf(IEnumerable<IncrementalGeneratorRunStep> runs)
        => runs.SelectMany(static run => run.Outputs).Select(static output => output.Reason);

    private SyntaxTree Parse(string text, string path)
        => CSharpSyntaxTree.ParseText(text, (CSharpParseOptions)Input.SyntaxTrees[0].Options, path, cancellationToken: TestContext.Current.CancellationToken);

    // The sources of the tests are not documented; the generated ones must be. CS8981, a name in lower-case letters, comes once
    // for each part of a type.
    private void AssertClean(Compilation compilation, string? allowed = null)
    {
        Diagnostic[] found = [.. compilation.GetDiagnostics(TestContext.Current.CancellationToken)
            .Where(d => d.Severity >= DiagnosticSeverity.Warning && d.Id != allowed)
            .Where(d => d.Id != "CS1591" || !Input.SyntaxTrees.Contains(d.Location.SourceTree!))];
        Assert.Empty(found);
    }
}
