// The picture: a bar for each group of cells, from the line at 1, where NativeHeap and its fastest peer are even, to the right where it is
// faster or smaller and to the left where it is not. The axis is logarithmic: twice as fast and half as fast are equally long bars.
//
//     M1    geometric mean over the sizes of a pattern and number of live objects
//     M2    a trace each, called from C#                 M3    its peak of memory
//     M4    a pattern each
//
// Whatever was not measured has no bar. Made for the width of a page, 1000 pixels, on a light ground.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using NativeHeap.Benchmarks.Measures.Patterns;
using NativeHeap.Benchmarks.Measures.Peers;
using NativeHeap.Benchmarks.Measures.Traces;
using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Results;

using ScottPlot;

namespace NativeHeap.Benchmarks.Reporting;

/// <summary>A bar: what it is of, and how many times the fastest peer's speed NativeHeap's is.</summary>
internal sealed record Bar(string Name, double Ratio);

/// <summary>Bars under one heading.</summary>
internal sealed record Group(string Heading, IReadOnlyList<Bar> Bars);

internal sealed class RatioPicture(IReadOnlyList<Group> groups)
{
    private const int Width = 1000;
    private const int LineHeight = 21;
    private const int Frame = 130;
    private const float FontSize = 14;

    private static readonly double[] s_ticks = [0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 20, 50];
    private static readonly Color s_ahead = Color.FromHex("#2a7ab9");
    private static readonly Color s_behind = Color.FromHex("#d9822b");
    private static readonly Color s_ink = Color.FromHex("#222222");

    /// <summary>What is drawn, from the top; groups without a bar are not there.</summary>
    public IReadOnlyList<Group> Groups { get; } = [.. groups.Where(group => group.Bars.Count > 0)];

    public static RatioPicture Of(IReadOnlyList<ResultFile> files)
    {
        IReadOnlyList<Row> rows = [.. files.SelectMany(file => file.Report.Rows)];
        string[] traces = [.. rows.Where(row => row.Measure == TracesGoals.Speed && row.Cell.StartsWith(TracesGoals.TimeCell(string.Empty), StringComparison.Ordinal)).Select(row => row.Cell[TracesGoals.TimeCell(string.Empty).Length..]).Distinct()];
        return new(
        [
            new("Typed objects (M1)", [.. Cell.All.GroupBy(cell => cell.Group).SelectMany(group => Mean(group.Key, group.Select(cell => PeersGoals.Compare(rows, cell.Name).Ratio)))]),
            new("Allocations of real programs (M2)", [.. traces.SelectMany(trace => Mean(trace, [TracesGoals.CompareCSharp(rows, trace).Ratio]))]),
            new("The same, peak memory (M3)", [.. traces.SelectMany(trace => Mean(trace, [TracesGoals.CompareMemory(rows, trace).Ratio]))]),
            new("Patterns of mimalloc-bench (M4)", [.. PatternCell.All.SelectMany(cell => Mean(cell.Name, [PatternsGoals.Compare(rows, cell).Ratio]))]),
        ]);
    }

    public void Save(string path)
    {
        int lines = Groups.Sum(group => group.Bars.Count + 2);
        using Plot plot = new();
        double[] ratios = [1, .. Groups.SelectMany(group => group.Bars).Select(bar => bar.Ratio)];
        double least = s_ticks.LastOrDefault(tick => tick < ratios.Min(), s_ticks[0]);
        double most = s_ticks.FirstOrDefault(tick => tick > ratios.Max(), s_ticks[^1]);
        plot.Font.Set(Fonts.Sans);
        Draw(plot, lines, most);

        plot.Axes.SetLimits(Math.Log2(least), Math.Log2(most), 0, lines + 0.5);
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual(
            [.. s_ticks.Select(Math.Log2)],
            [.. s_ticks.Select(tick => tick.ToString(CultureInfo.InvariantCulture))]);
        plot.Axes.Bottom.TickLabelStyle.FontSize = FontSize;
        plot.Axes.Left.TickLabelStyle.FontSize = FontSize;
        plot.Axes.Left.MajorTickStyle.Length = 0;
        plot.Axes.Left.FrameLineStyle.Width = 0;
        plot.Axes.Right.FrameLineStyle.Width = 0;
        plot.Axes.Top.FrameLineStyle.Width = 0;
        plot.Grid.YAxisStyle.IsVisible = false;
        plot.Title("NativeHeap beside the fastest peer: blue is ahead, orange behind", 18);
        plot.XLabel("times the fastest peer's speed (M3: the smallest peer's memory over NativeHeap's); 1: even", FontSize);
        _ = plot.SavePng(path, Width, (lines * LineHeight) + Frame);
    }

    private void Draw(Plot plot, int lines, double most)
    {
        List<ScottPlot.Bar> bars = [];
        List<double> places = [];
        List<string> names = [];
        double line = lines;
        foreach (Group group in Groups)
        {
            ScottPlot.Plottables.Text heading = plot.Add.Text(group.Heading, Math.Log2(most), line);
            heading.LabelFontSize = FontSize;
            heading.LabelBold = true;
            heading.LabelFontColor = s_ink;
            heading.LabelAlignment = Alignment.MiddleRight;
            foreach (Bar bar in group.Bars)
            {
                line--;
                bars.Add(new()
                {
                    Position = line,
                    Value = Math.Log2(bar.Ratio),
                    Size = 0.7,
                    LineWidth = 0,
                    FillColor = bar.Ratio < 1 ? s_behind : s_ahead,
                    Label = Table.Figure(bar.Ratio),
                });
                places.Add(line);
                names.Add(bar.Name);
            }

            line -= 2;
        }

        ScottPlot.Plottables.BarPlot plotted = plot.Add.Bars(bars);
        plotted.Horizontal = true;
        plotted.ValueLabelStyle.FontSize = FontSize - 1;
        plotted.ValueLabelStyle.ForeColor = s_ink;
        plot.Axes.Left.TickGenerator = new ScottPlot.TickGenerators.NumericManual([.. places], [.. names]);
        plot.Add.VerticalLine(0, 1.5f, s_ink);
    }

    // Nothing of nothing: a bar stands for what was measured.
    private static IEnumerable<Bar> Mean(string name, IEnumerable<double?> ratios)
    {
        double[] known = [.. ratios.OfType<double>()];
        return known.Length == 0 ? [] : [new(name, Statistics.GeometricMean(known))];
    }
}
