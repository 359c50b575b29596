using System.Collections.Generic;
using System.Linq;

using MemoryMaps.Drawing;
using MemoryMaps.Layouts;

using NativeHeap;

using SkiaSharp;

namespace MemoryMaps.Pictures;

/// <summary>The four fits, side by side: at the end of the workload, and all through it.</summary>
internal static class FitsPicture
{
    private const int Gap = 20;
    private static readonly float s_panelWidth = (Picture.InnerWidth - Gap) / 2f;
    private const float PanelHeight = 256;
    private const float CaptionHeight = 58;
    private const int Rows = 64;

    private static readonly (FitPolicy Policy, string Name)[] s_policies =
    [
        (FitPolicy.FirstFit, "First fit: the lowest range that is long enough"),
        (FitPolicy.NextFit, "Next fit: the next one from the last"),
        (FitPolicy.BestFit, "Best fit: the shortest that is long enough"),
        (FitPolicy.SegregatedFit, "Segregated fit: one of the shortest, by classes"),
    ];

    public static IEnumerable<string> Draw(IReadOnlyList<Call> calls, int length, string atTheEnd, string overTime)
    {
        FitResult[] results = [.. s_policies.Select(policy => FitLayout.Run(calls, policy.Policy, length))];
        using Picture end = new(
            "Four fits: the block after the workload",
            $"{calls.Count:N0} calls in a block of {Picture.Bytes(length)}, of which the program wants about 70 % at any time. Each row is {Picture.Bytes((double)length / Rows)}, the lowest offset top left.",
            2 * (PanelHeight + CaptionHeight));
        using Picture time = new(
            "Four fits: the block over time",
            $"Time runs from left to right, {calls.Count:N0} calls; the lowest offset is at the bottom. An allocation is a rectangle for as long as it lives.",
            2 * (PanelHeight + CaptionHeight));
        for (int i = 0; i < results.Length; i++)
        {
            float x = Picture.Margin + (i % 2 * (s_panelWidth + Gap));
            float y = end.Top + (i / 2 * (PanelHeight + CaptionHeight)) + 16;
            SKRect area = SKRect.Create(x, y + 8, s_panelWidth, PanelHeight);
            FreeListStatistics statistics = results[i].Statistics;
            end.Heading(s_policies[i].Name, x, y);
            end.Map(results[i].Map, area, Rows);
            end.Text($"{statistics.FreeRanges} free ranges, the longest {Picture.Bytes(statistics.LargestFreeBytes)}; {results[i].Refused} requests refused", x, area.Bottom + 17);

            time.Heading(s_policies[i].Name, x, y);
            time.Times(results[i].Stays, calls.Count, length, area);
        }

        end.Legend([.. Palette.Sizes, ("free", Palette.Free)]);
        end.Save(atTheEnd);
        time.Legend([.. Palette.Sizes, ("free", Palette.Free)]);
        time.Save(overTime);
        return results.Select((result, i) => $"{s_policies[i].Policy}: {result.Statistics.FreeRanges} free ranges, longest {result.Statistics.LargestFreeBytes}, {result.Refused} requests refused, {result.Statistics.UsedBytes} bytes used");
    }
}
