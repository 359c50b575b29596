// The worker's side of `generator`: compiles once, with the generator and the analyzers, as an editor or a build server has long done when it meets the program that counts. Then it answers each request with figures.
//
//     structs    ms of a first run of the generator over the structs, of the run after an edit elsewhere, and the share of the outputs that the second took from the first
//     KIND       ms a method that the analyzers cost, all together: the processor time of an analysis of many methods, less that of the same by an analyzer that is only called: for each operation, as the SDK's own
//                are in every project. So the flow graphs that they have the compiler make are in it, and what is made for whichever analyzer is not

using System;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Linq;
using System.Threading;

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

using NativeHeap.Benchmarks.Measuring;

using Compilation = Microsoft.CodeAnalysis.Compilation;

namespace NativeHeap.Benchmarks.Measures.Generator;

internal static class GeneratorWorker
{
    public const string Structs = "structs";
    public const int StructCount = 1000;
    public const int MethodCount = 1000;

    private static readonly ImmutableArray<DiagnosticAnalyzer> s_analyzers =
    [
        .. typeof(NativeHeap.Analyzers.Ownership.OwnershipAnalyzer).Assembly.GetTypes()
            .Where(static type => !type.IsAbstract && type.IsSubclassOf(typeof(DiagnosticAnalyzer)))
            .Select(static type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!),
    ];

    public static void Serve(string[] purpose)
    {
        if (purpose.Length != 0)
        {
            throw WorkerProcess.Misused();
        }

        CompileOnce();
        WorkerProcess.Answer(request => request == Structs ? MeasureStructs() : MeasureMethods(Enum.Parse<MethodBody>(request)));
    }

    private static void CompileOnce()
    {
        _ = WithStubs(Programs.OfStructs(1)).GetDiagnostics();
        _ = Analyze(Programs.OfMethods(MethodBody.Ownership, 1), s_analyzers);
    }

    private static string MeasureStructs()
    {
        CSharpCompilation program = Programs.OfStructs(StructCount);
        GeneratorDriver driver = Driver();
        TimeSpan start = ThreadClock.Now;
        driver = driver.RunGenerators(program);
        TimeSpan first = ThreadClock.Now - start;
        if (driver.GetRunResult().GeneratedTrees.Length != StructCount)
        {
            throw new FaultException($"The generator wrote {driver.GetRunResult().GeneratedTrees.Length} files for {StructCount} structs.");
        }

        SyntaxTree elsewhere = program.SyntaxTrees[0];
        CSharpCompilation edited = program.ReplaceSyntaxTree(elsewhere, elsewhere.WithChangedText(elsewhere.GetText().Replace(0, 0, "// edited\n")));
        start = ThreadClock.Now;
        driver = driver.RunGenerators(edited);
        TimeSpan second = ThreadClock.Now - start;

        IncrementalStepRunReason[] outputs = [.. driver.GetRunResult().Results[0].TrackedOutputSteps.SelectMany(static step => step.Value).SelectMany(static step => step.Outputs).Select(static output => output.Reason)];
        double cached = outputs.Length == 0 ? 0 : (double)outputs.Count(static reason => reason == IncrementalStepRunReason.Cached) / outputs.Length;
        return string.Create(CultureInfo.InvariantCulture, $"{first.TotalMilliseconds} {second.TotalMilliseconds} {cached}");
    }

    private static string MeasureMethods(MethodBody kind)
    {
        TimeSpan without = Analyze(Programs.OfMethods(kind, MethodCount), [new Idle()]);
        TimeSpan with = Analyze(Programs.OfMethods(kind, MethodCount), s_analyzers);
        return string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, (with - without).TotalMilliseconds) / MethodCount}");
    }

    // The process does nothing else meanwhile; on one thread, since more would wait for one another.
    private static TimeSpan Analyze(CSharpCompilation program, ImmutableArray<DiagnosticAnalyzer> analyzers)
    {
        Compilation compilation = WithStubs(program);
        if (compilation.GetDiagnostics().FirstOrDefault(static d => d.Severity == DiagnosticSeverity.Error) is { } error)
        {
            throw new FaultException($"A program of the benchmark does not compile: {error}");
        }

        CompilationWithAnalyzersOptions options = new(new AnalyzerOptions([]), static (failure, analyzer, _) => throw new FaultException($"{analyzer}: {failure.Message}"), concurrentAnalysis: false, logAnalyzerExecutionTime: false);
        GC.Collect();
        TimeSpan start = Environment.CpuUsage.TotalTime;
        _ = compilation.WithAnalyzers(analyzers, options).GetAnalyzerDiagnosticsAsync(CancellationToken.None).GetAwaiter().GetResult();
        return Environment.CpuUsage.TotalTime - start;
    }

    private static Compilation WithStubs(CSharpCompilation program)
    {
        _ = Driver().RunGeneratorsAndUpdateCompilation(program, out Compilation compilation, out _);
        return compilation;
    }

    private static CSharpGeneratorDriver Driver()
        => CSharpGeneratorDriver.Create([new NativeHeap.Generators.NativeAllocatedGenerator().AsSourceGenerator()], parseOptions: Programs.ParseOptions, driverOptions: new GeneratorDriverOptions(default, trackIncrementalGeneratorSteps: true));

    [SuppressMessage("MicrosoftCodeAnalysisCorrectness", "RS1001:Missing diagnostic analyzer attribute", Justification = "No extension of the compiler: only this measurement runs it.")]
    private sealed class Idle : DiagnosticAnalyzer
    {
        public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = [new("IDLE", "Idle", "Idle", "Idle", DiagnosticSeverity.Hidden, isEnabledByDefault: true)];

        public override void Initialize(AnalysisContext context)
        {
            context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
            context.EnableConcurrentExecution();
            context.RegisterOperationAction(static _ => { }, OperationKind.Invocation, OperationKind.PropertyReference);
        }
    }
}
