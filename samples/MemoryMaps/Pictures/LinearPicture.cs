using System.Collections.Generic;

using MemoryMaps.Drawing;
using MemoryMaps.Layouts;

using SkiaSharp;

namespace MemoryMaps.Pictures;

/// <summary>Linear allocation under a workload that frees singly, which is not what it is for.</summary>
internal static class LinearPicture
{
    private const int Rows = 100;
    private const float RowHeight = 5;

    public static string Draw(IReadOnlyList<Call> calls, string path)
    {
        LinearResult result = LinearLayout.Run(calls);
        using Picture picture = new(
            "Linear: a pointer that moves, and nothing is freed singly",
            $"The same {calls.Count:N0} calls: {Picture.Bytes(result.Map.LiveBytes)} alive, {Picture.Bytes(result.Map.DeadBytes)} dead and still there. Each row is {Picture.Bytes((double)result.Map.Length / Rows)}, and time runs with the addresses. What the program has done with is grey: a bump allocator is for work whose objects end together, a frame or a request. Reset makes all of this one free range again.",
            Rows * RowHeight);
        picture.Map(result.Map, SKRect.Create(Picture.Margin, picture.Top, Picture.InnerWidth, Rows * RowHeight), Rows);
        picture.Legend([.. Palette.Sizes, ("dead", Palette.Dead)]);
        picture.Save(path);
        return $"bump: {result.Map.LiveBytes} bytes alive, {result.Map.DeadBytes} dead, {result.Map.Length} used";
    }
}
