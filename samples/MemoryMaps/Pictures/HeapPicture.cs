
using MemoryMaps.Drawing;
using MemoryMaps.Layouts;

using SkiaSharp;

namespace MemoryMaps.Pictures;

/// <summary>A whole heap under the workload.</summary>
internal static class HeapPicture
{
    private const int RowBytes = 64 * 1024;
    private const float RowHeight = 3;
    private const int Calls = 60_000;
    private const int LiveBytes = 10 << 20;

    public static string Draw(int seed, string path)
    {
        MemoryMap map = HeapLayout.Run(Workload.Make(seed, Calls, LiveBytes));
        int rows = (int)((map.Length + RowBytes - 1) / RowBytes);
        using Picture picture = new(
            "A heap after the workload",
            $"{Calls:N0} calls like those of the other pictures, on a larger scale, since spans are made for many objects: {Picture.Bytes(map.LiveBytes)} alive in {map.Blocks.Count:N0} objects, over {Picture.Bytes(map.Length)}. Each row is {Picture.Bytes(RowBytes)}. A strip of one colour is a span, cut into slots of one size; its free slots are for that size. Large objects lie between the spans.",
            rows * RowHeight);
        picture.Map(new MemoryMap((long)rows * RowBytes, map.Blocks), SKRect.Create(Picture.Margin, picture.Top, Picture.InnerWidth, rows * RowHeight), rows);
        picture.Legend([.. Palette.Sizes, ("free", Palette.Free)]);
        picture.Save(path);
        return $"heap: {map.LiveBytes} bytes alive in {map.Blocks.Count} objects, over {map.Length} bytes";
    }
}
