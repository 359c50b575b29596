// The picture of M9: the memory of each subject over time, before, while and after what it holds is freed. One plot for each experiment, one above the other, on one axis of time, whose zero is
// the moment at which the last free has returned.

using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using NativeHeap.Benchmarks.Measures.Rss;
using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

using ScottPlot;

namespace NativeHeap.Benchmarks.Reporting;

/// <summary>The memory of one subject: seconds and MiB.</summary>
internal sealed record Course(string Subject, IReadOnlyList<(double Seconds, double Mebibytes)> Points);

/// <summary>An experiment: its title, its courses, and the line below which NativeHeap's is wanted.</summary>
internal sealed record Panel(string Title, IReadOnlyList<Course> Courses, double? Wanted);

internal sealed class ResidentPicture(IReadOnlyList<Panel> panels)
{
    private const int Width = 1000;
    private const int PanelHeight = 380;
    private const float FontSize = 14;
    private const double Before = 3;
    private const double After = 4;
    private const double NamesWidth = 1.6;
    private const double NameHeight = 0.075;

    // Ours is the blue of the other picture; the peers' are told apart by everybody (Okabe and Ito's palette).
    private static readonly Dictionary<string, Color> s_colors = new()
    {
        [Subject.NativeHeapName] = Color.FromHex("#2a7ab9"),
        [Subject.MimallocName] = Color.FromHex("#d55e00"),
        [Subject.JemallocName] = Color.FromHex("#009e73"),
        [Subject.TcmallocName] = Color.FromHex("#cc79a7"),
        [Subject.NativeMemoryName] = Color.FromHex("#555555"),
    };

    private static readonly Color s_ink = Color.FromHex("#222222");

    private static IEnumerable<double> Seconds => Enumerable.Range((int)-Before, (int)(Before + After) + 1).Select(second => (double)second);

    /// <summary>What is drawn, from the top; an experiment that was not measured is not there.</summary>
    public IReadOnlyList<Panel> Panels { get; } = [.. panels.Where(panel => panel.Courses.Count > 0)];

    public static ResidentPicture Of(IReadOnlyList<ResultFile> files)
    {
        IReadOnlyList<Row> rows = [.. files.SelectMany(file => file.Report.Rows).Where(row => row.Measure == RssGoals.Returned)];
        return new(
        [
            new(
                "Holes: 2 million objects of 200 bytes, all freed but every 100th",
                CoursesOf(rows, Experiment.HolesName),
                RssGoals.Allowed(rows, Subject.NativeHeapName)),
            new(
                "Burst: 2 GiB in objects of 32 B to 1 MiB, all freed",
                CoursesOf(rows, Experiment.BurstName),
                rows.Median(RssGoals.Returned, Experiment.BurstName, Subject.NativeHeapName, RssGoals.Full) * RssGoals.BurstShare),
        ]);
    }

    public void Save(string path)
    {
        Multiplot picture = new();
        picture.AddPlots(Panels.Count);
        for (int i = 0; i < Panels.Count; i++)
        {
            Draw(picture.GetPlot(i), Panels[i]);
        }

        _ = picture.SavePng(path, Width, PanelHeight * Panels.Count);
    }

    private static void Draw(Plot plot, Panel panel)
    {
        plot.Font.Set(Fonts.Sans);
        foreach (Course course in panel.Courses)
        {
            Coordinates[] points = [.. course.Points.Select(point => new Coordinates(point.Seconds, point.Mebibytes))];
            ScottPlot.Plottables.Scatter line = plot.Add.ScatterLine(points, s_colors[course.Subject]);
            line.LineWidth = course.Subject == Subject.NativeHeapName ? 3.5f : 2;
        }

        double most = panel.Courses.SelectMany(course => course.Points).Max(point => point.Mebibytes);
        Mark(plot, 0, "all freed", most);
        Mark(plot, RssCommand.Judged.TotalSeconds, "judged", most);
        if (panel.Wanted is double wanted)
        {
            _ = plot.Add.HorizontalLine(wanted, 1.5f, s_colors[Subject.NativeHeapName], LinePattern.Dashed);
            Label(plot, "NativeHeap: wanted", -Before, wanted + (most * 0.04), s_colors[Subject.NativeHeapName]);
        }

        NameCourses(plot, panel.Courses, most);
        plot.Axes.SetLimits(-Before, After + NamesWidth, 0, most * 1.12);
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericManual(
            [.. Seconds],
            [.. Seconds.Select(second => second.ToString(CultureInfo.InvariantCulture))]);
        plot.Axes.Left.TickLabelStyle.FontSize = FontSize;
        plot.Axes.Bottom.TickLabelStyle.FontSize = FontSize;
        plot.Axes.Right.FrameLineStyle.Width = 0;
        plot.Axes.Top.FrameLineStyle.Width = 0;
        plot.HideLegend();
        plot.Title(panel.Title, 18);
        plot.YLabel("MiB in memory", FontSize);
        plot.XLabel("seconds since the last free", FontSize);
    }

    // Each name stands where its course ends, or as little above or below as the others allow.
    private static void NameCourses(Plot plot, IReadOnlyList<Course> courses, double most)
    {
        Course[] byEnd = [.. courses.OrderBy(course => course.Points[^1].Mebibytes)];
        double[] heights = [.. byEnd.Select(course => course.Points[^1].Mebibytes)];
        double distance = most * NameHeight;
        for (int i = 1; i < heights.Length; i++)
        {
            heights[i] = double.Max(heights[i], heights[i - 1] + distance);
        }

        heights[^1] = double.Min(heights[^1], most);
        for (int i = heights.Length - 2; i >= 0; i--)
        {
            heights[i] = double.Min(heights[i], heights[i + 1] - distance);
        }

        foreach ((Course course, double height) in byEnd.Zip(heights))
        {
            string end = course.Points[^1].Mebibytes.ToString("0", CultureInfo.InvariantCulture);
            Label(plot, $"{course.Subject} {end}", After, height, s_colors[course.Subject]);
        }
    }

    private static void Label(Plot plot, string text, double seconds, double height, Color color)
    {
        ScottPlot.Plottables.Text label = plot.Add.Text(text, seconds, height);
        label.LabelFontSize = FontSize;
        label.LabelFontColor = color;
        label.LabelAlignment = Alignment.MiddleLeft;
        label.OffsetX = 5;
    }

    private static void Mark(Plot plot, double seconds, string text, double height)
    {
        _ = plot.Add.VerticalLine(seconds, 1.5f, s_ink, LinePattern.Dotted);
        Label(plot, text, seconds, height * 1.08, s_ink);
    }

    private static IReadOnlyList<Course> CoursesOf(IReadOnlyList<Row> rows, string experiment)
        =>
        [
            .. from subject in UntypedSubjects.PeerNames.Append(Subject.NativeHeapName)
               let points = (from row in rows
                             where row.Subject == subject
                             let seconds = RssGoals.MomentOf(row.Cell, experiment)
                             where seconds >= -Before
                             orderby seconds
                             select (seconds.Value, row.Value.Median)).ToArray()
               where points.Length > 0
               select new Course(subject, points),
        ];
}
