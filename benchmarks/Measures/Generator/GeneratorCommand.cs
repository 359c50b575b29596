// `generator`: M13, what the compiler's extensions cost who has the project open. The generator over 1,000 structs, again after an edit elsewhere, and the analyzers over a method.
//
// Each figure is that of a process of its own that has compiled once. A first run of the generator can be had once a process only, so it has as many samples as there are turns; the others have a
// sample a round, the first of which pays for code that was not compiled yet and is left out.

using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Generator;

internal static class GeneratorCommand
{
    public const string Name = "generator";

    private const string Measure = "M13";
    private const string Milliseconds = "ms";
    private const string Share = "share";
    private const string Cold = "structs/cold";
    private const string Edit = "structs/edit";
    private const string Cached = "structs/cached";
    private const int Turns = 3;

    private static readonly string[] s_kinds = ["Ownership", "Reading", "Plain"];
    private static readonly string[] s_cells = [Cold, Edit, Cached, .. s_kinds.Select(CellOf)];

    public static IReadOnlyList<GoalDefinition> Goals { get; } =
    [
        new("M13.cold", Measure, 300, Sense.Max, "ms of the generator over 1,000 structs, in a process that has compiled once", rows => Of(rows, Cold, Milliseconds)),
        new("M13.cached", Measure, 1, Sense.Min, "share of its outputs that are cached after an edit elsewhere", rows => Of(rows, Cached, Share)),
        new("M13.method", Measure, 2, Sense.Max, "ms of all analyzers over a method with ownership to follow", rows => Of(rows, CellOf("Ownership"), Milliseconds)),
    ];

    public static Report Run(CommandLine line)
    {
        line.CheckSubjects([Subject.NativeHeapName]);
        line.CheckCells(s_cells);
        Samples samples = new(Measure);
        int turns = line.Quick ? 1 : Turns;
        Progress progress = new(turns);
        for (int turn = 0; turn < turns; turn++)
        {
            progress.Step(Name);
            MeasureIn(samples, line);
        }

        progress.Clear();
        Dictionary<string, string> versions = Machine.Versions();
        versions["Roslyn"] = Machine.VersionOf(typeof(Microsoft.CodeAnalysis.Compilation)).Split('+')[0];
        return new(samples.Rows, versions, [.. Goals.Select(goal => goal.Judge(samples.Rows))]);
    }

    public static IEnumerable<Section> Tables(IReadOnlyList<Row> rows)
    {
        Row[] shown = [.. rows.Where(static row => row.Measure == Measure)];
        Table table = new("cell", "unit", "median", "min", "max");
        foreach (Row row in shown)
        {
            table.Add(row.Cell, row.Unit, Table.Figure(row.Value.Median), Table.Figure(row.Value.Min), Table.Figure(row.Value.Max));
        }

        return shown.Length == 0
            ? []
            : [new(Measure, "the compiler's extensions", table, "structs: the generator over 1,000 annotated structs, at first and after an edit of another file; by the time of its thread on a core.", "method: what all analyzers together add to a method that other analyzers look at, too; processor time.")];
    }

    private static void MeasureIn(Samples samples, CommandLine line)
    {
        using WorkerProcess worker = WorkerProcess.Start(Name);
        if ((line.WantsCell(Cold) || line.WantsCell(Edit) || line.WantsCell(Cached)) && worker.Ask(GeneratorWorker.Structs)?.Split(' ') is [string cold, string edit, string cached])
        {
            Add(samples, Cold, Milliseconds, cold);
            Add(samples, Edit, Milliseconds, edit);
            Add(samples, Cached, Share, cached);
        }

        foreach (string kind in s_kinds.Where(kind => line.WantsCell(CellOf(kind))))
        {
            _ = worker.Ask(kind);
            for (int round = 0; round < line.Effort.Rounds; round++)
            {
                if (worker.Ask(kind) is string time)
                {
                    Add(samples, CellOf(kind), Milliseconds, time);
                }
            }
        }
    }

    private static void Add(Samples samples, string cell, string unit, string value)
        => samples.Add(cell, Subject.NativeHeapName, unit, double.Parse(value, CultureInfo.InvariantCulture));

    private static Finding Of(IReadOnlyList<Row> rows, string cell, string unit)
        => Finding.Over([cell], c => rows.Median(Measure, c, Subject.NativeHeapName, unit), static values => values.Single());

    private static string CellOf(string kind) => "method/" + kind.ToLowerInvariant();
}
