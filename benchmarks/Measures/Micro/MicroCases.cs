// The cases of `micro`: BenchmarkDotNet's, found by its own rules from the classes beside, under the names that all commands use: a cell
// such as `pair/64` and a subject.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Filters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Subjects;

using Perfolizer.Horology;

namespace NativeHeap.Benchmarks.Measures.Micro;

/// <summary>A cell and a subject: one of all commands, or another way of calling NativeHeap, or of having it.</summary>
internal sealed record MicroCase(string Cell, string Subject)
{
    /// <summary>What its process is started with.</summary>
    public IReadOnlyCollection<KeyValuePair<string, string>> Environment => Subject switch
    {
        MicroCases.Contiguous => [new("NATIVEHEAP_LAYOUT", "Contiguous")],
        _ => [],
    };
}

internal static class MicroCases
{
    public const string Rent = Subject.NativeHeapName + ".Rent";
    public const string Batch = Subject.NativeHeapName + ".AllocBatch";
    public const string Contiguous = Subject.NativeHeapName + " (contiguous)";

    private static readonly (string Operation, Type[] Types)[] s_operations =
    [
        ("pair", [typeof(PairBenchmarks<Block16>), typeof(PairBenchmarks<Block64>), typeof(PairBenchmarks<Block256>), typeof(PairBenchmarks<Block1024>), typeof(PairBenchmarks<Block4096>)]),
        ("window", [typeof(WindowBenchmarks<Block64>), typeof(WindowBenchmarks<Block1024>)]),
        ("zeroed", [typeof(ZeroedBenchmarks<Block64>), typeof(ZeroedBenchmarks<Block1024>), typeof(ZeroedBenchmarks<Block4096>)]),
        ("untyped", [typeof(UntypedBenchmarks)]),
        ("realloc", [typeof(ReallocBenchmarks)]),
        ("owns", [typeof(OwnsBenchmarks)]),
        ("replace", [typeof(ReplaceBenchmarks)]),
    ];

    public static IReadOnlyList<MicroCase> All { get; } = [.. Benchmarks(DefaultConfig.Instance).SelectMany(of => of.Run.BenchmarksCases.Select(benchmark => CaseOf(of.Operation, benchmark)))];

    /// <summary>What BenchmarkDotNet has to run for one case, in this process: it is a fresh one already.</summary>
    public static BenchmarkRunInfo Find(MicroCase wanted, Effort effort, ILogger log, string artifacts)
    {
        string operation = wanted.Cell.Split('/')[0];
        ManualConfig config = ManualConfig.CreateEmpty()
            .AddJob(JobOf(effort))
            .AddLogger(log)
            .WithArtifactsPath(artifacts)
            .AddFilter(new SimpleFilter(benchmark => CaseOf(operation, benchmark) == wanted));
        return Benchmarks(config).Single(of => of.Operation == operation && of.Run.BenchmarksCases.Length == 1).Run;
    }

    private static IEnumerable<(string Operation, BenchmarkRunInfo Run)> Benchmarks(IConfig config)
        => from operation in s_operations from type in operation.Types select (operation.Operation, BenchmarkConverter.TypeToBenchmarks(type, config));

    private static Job JobOf(Effort effort)
        => Job.Default
            .WithToolchain(InProcessEmitToolchain.DontLogOutput)
            .WithIterationTime(TimeInterval.FromMilliseconds(5 * effort.SampleTime.TotalMilliseconds))
            .WithWarmupCount(effort.Rounds)
            .WithIterationCount(2 * effort.Rounds);

    private static MicroCase CaseOf(string operation, BenchmarkCase benchmark)
    {
        // A class is generic over the block, or has its size as a parameter.
        string size = benchmark.Descriptor.Type is { IsGenericType: true } type
            ? type.GenericTypeArguments[0].Name["Block".Length..]
            : Convert.ToString(benchmark.Parameters["Size"], CultureInfo.InvariantCulture)!;
        return new($"{operation}/{size}", benchmark.Descriptor.WorkloadMethodDisplayInfo.Trim('\''));
    }
}
