// The figures that are shown, and in what order.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

using SideBySide;

using Swarm.Engine;
using Swarm.Running;

namespace Swarm.Report;

internal static class ResultTable
{
    private const int MinColumn = 18;
    private const double FrameBudget = 1000.0 / GameSetup.FramesPerSecond;

    public static void Write(TextWriter output, IReadOnlyList<HeapResult> results)
    {
        FigureTable.Write(output, [.. Rows(results)], MinColumn);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Over {results[0].Times.Count:#,0} frames each, after {GameRun.WarmUpFrames} to warm up. Memory: of objects in use, and of those gone but not replaced."));
        if (results.Count == 2)
        {
            double factor = results[1].Times.Percentile(0.999) / results[0].Times.Percentile(0.999);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The managed heap's p99.9 is {factor:0.0} times the native heap's."));
        }
    }

    private static IEnumerable<(string Name, string[] Cells)> Rows(IReadOnlyList<HeapResult> results)
    {
        yield return Row("", result => result.Heap.Name());
        yield return ("frame time, ms", []);
        yield return Row("p50", result => Tenths(result.Times.Percentile(0.5)));
        yield return Row("p99", result => Tenths(result.Times.Percentile(0.99)));
        yield return Row("p99.9", result => Tenths(result.Times.Percentile(0.999)));
        yield return Row("max", result => Tenths(result.Times.Percentile(1)));
        yield return Row("frames over 1/60 s", result => FigureTable.Whole(result.Times.CountOver(FrameBudget)));
        yield return ("memory", []);
        yield return FigureTable.Row(results, result => result.Collections);
        yield return Row("pauses for them, ms", result => Tenths(result.PauseMilliseconds));
        yield return Row("bytes allocated by the GC", result => FigureTable.Whole(result.AllocatedBytes));
        yield return Row("with two levels loaded, MiB", result => Tenths(result.BytesBeforeUnload / 1048576.0));
        yield return Row("after their unload, MiB", result => Tenths(result.BytesAfterUnload / 1048576.0));
        yield return Row("unload, ms", result => result.UnloadMilliseconds.ToString("0.000", CultureInfo.InvariantCulture));
        yield return ("game", []);
        yield return Count("entities at the end", figures => figures.Entities);
        yield return Count("  ships", figures => figures.Ships);
        yield return Count("  shots", figures => figures.Shots);
        yield return Count("  blasts", figures => figures.Blasts);
        yield return Count("shots fired", figures => figures.Fired);
        yield return Count("ships destroyed", figures => figures.Destroyed);
        yield return Count("stale handles caught", figures => figures.Stale);
        yield return Count("levels played through", figures => figures.Levels);
        yield return Row("checksum", result => result.Figures.Checksum.ToString("x16", CultureInfo.InvariantCulture));

        (string Name, string[] Cells) Row(string name, Func<HeapResult, string> cell) => FigureTable.Row(name, results, cell);

        (string Name, string[] Cells) Count(string name, Func<GameFigures, long> figure)
            => Row(name, result => FigureTable.Whole(figure(result.Figures)));
    }

    private static string Tenths(double value) => value.ToString("#,0.0", CultureInfo.InvariantCulture);
}
