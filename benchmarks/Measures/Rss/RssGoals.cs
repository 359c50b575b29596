// The goals of `rss`, from its rows.
//
// M10.metadata holds two bounds in one figure: a share of at most 1 % from 32 bytes on and of at most 3 % below, so that below it counts a third. M10.tail does so with spans, an eighth of
// which may be in no slot, and large objects, of which less than a page may be left over: a page counts an eighth.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Rss;

internal static class RssGoals
{
    public const string Returned = "M9";
    public const string Overhead = "M10";

    public const string Full = "MiB full";
    public const string Left = "MiB left";
    public const string LivePages = "MiB live pages";
    public const string Resident = "MiB";

    public const string Live = "MiB live";
    public const string Mapped = "MiB mapped";
    public const string Metadata = "MiB metadata";
    public const string Grown = "MiB resident";
    public const string Waste = "waste";

    /// <summary>What may be left of the burst.</summary>
    public const double BurstShare = 0.05;

    private const double AllowedShare = 1.05;
    private const double AllowedAbove = 4;
    private const double TailShare = 0.125;
    private const double SmallFactor = 1.0 / 3;
    private const int SmallBelow = 32;
    private const string MomentInfix = "/t=";

    private static readonly string[] s_sizes = [.. SizeCell.All.Select(cell => cell.Name)];

    public static IReadOnlyList<GoalDefinition> All { get; } =
    [
        new(
            "M9.holes",
            Returned,
            1.0,
            Sense.Max,
            "memory 2 s after all but every 100th object was freed, over the pages that hold a live object + 5 % + 4 MiB",
            rows => Finding.Over([Experiment.HolesName], _ => OverAllowed(rows, Subject.NativeHeapName), values => values.Max())),
        new(
            "M9.burst",
            Returned,
            BurstShare,
            Sense.Max,
            "memory 2 s after 2 GiB were freed, over the peak",
            rows => Finding.Over([Experiment.BurstName], cell => OverFull(rows, cell, Subject.NativeHeapName), values => values.Max())),
        new(
            "M10.metadata",
            Overhead,
            0.01,
            Sense.Max,
            "metadata over mapped memory, worst size; a third of it below 32 B",
            rows => Finding.Over(s_sizes, cell => MetadataShare(rows, cell) * (SizeCell.Parse(cell).Size < SmallBelow ? SmallFactor : 1), shares => shares.Max())),
        new(
            "M10.tail",
            Overhead,
            TailShare,
            Sense.Max,
            "share of spans that is in no slot of Go's table, or an eighth of the page that a large object leaves over, worst size",
            rows => Finding.Over(s_sizes, cell => ValueOf(rows, cell, Waste) * (SizeCell.Parse(cell).IsLarge ? TailShare : 1), shares => shares.Max())),
    ];

    /// <summary>The cell of a moment of an experiment, from the last free on, in milliseconds.</summary>
    public static string MomentCell(string experiment, int milliseconds) => string.Create(CultureInfo.InvariantCulture, $"{experiment}{MomentInfix}{milliseconds:0000}ms");

    /// <summary>The seconds of a moment's cell, or null if it is none of this experiment.</summary>
    public static double? MomentOf(string cell, string experiment)
        => cell.StartsWith(experiment + MomentInfix, StringComparison.Ordinal)
            ? int.Parse(cell.AsSpan((experiment + MomentInfix).Length).TrimEnd("ms"), CultureInfo.InvariantCulture) / 1000.0
            : null;

    /// <summary>What may be left of the holes, in MiB.</summary>
    public static double? Allowed(IReadOnlyList<Row> rows, string subject)
        => rows.Median(Returned, Experiment.HolesName, subject, LivePages) is double pages ? (pages * AllowedShare) + AllowedAbove : null;

    public static double? OverAllowed(IReadOnlyList<Row> rows, string subject)
        => rows.Median(Returned, Experiment.HolesName, subject, Left) / Allowed(rows, subject);

    public static double? OverFull(IReadOnlyList<Row> rows, string experiment, string subject)
        => rows.Median(Returned, experiment, subject, Left) / rows.Median(Returned, experiment, subject, Full);

    public static double? MetadataShare(IReadOnlyList<Row> rows, string cell) => ValueOf(rows, cell, Metadata) / ValueOf(rows, cell, Mapped);

    public static double? ValueOf(IReadOnlyList<Row> rows, string cell, string unit) => rows.Median(Overhead, cell, Subject.NativeHeapName, unit);
}
