// Small and large: slots of one size in a span of their own, and pages of their own. Made of objects of three sizes, a third of them freed and some allocated anew.

using System;
using System.Collections.Generic;
using System.Linq;

using MemoryMaps.Drawing;
using MemoryMaps.Layouts;

using SkiaSharp;

namespace MemoryMaps.Pictures;

internal static class RoutesPicture
{
    private const float RowHeight = 11;

    private sealed record Part(string Name, string Scale, int Count, int Low, int High, int RowBytes, int Rows);

    private static readonly Part[] s_parts =
    [
        new("Small: a span of 48-byte slots, for objects of 33 to 48 bytes", "each row is 1 KiB; half of the span's 32 KiB", 340, 33, 48, 1024, 16),
        new("Small: a span of 1,024-byte slots, for objects of 897 to 1,000 bytes", "each row is one page of 8 KiB; the whole span of 64 KiB", 64, 897, 1000, 8 * 1024, 8),
        new("Large: pages of its own for each object over 32 KiB", "each row is 8 pages, 64 KiB", 12, 33 * 1024, 120 * 1024, 64 * 1024, 14),
    ];

    public static void Draw(int seed, string path)
    {
        using Picture picture = new(
            "Small and large: slots of one size, and pages",
            "In each strip, a third of the objects has been freed at random, and some of those replaced. A free slot serves the next object of its size, whatever lies around it; free pages serve anybody, the lowest that are enough first. No object has a header, and freed memory is not touched: which slot is free is a bit beside the span.",
            s_parts.Sum(PartHeight));
        float y = picture.Top;
        foreach (Part part in s_parts)
        {
            MemoryMap map = HeapLayout.Run(Make(part, seed));
            picture.Heading(part.Name, Picture.Margin, y + 16);
            picture.Text(part.Scale, Picture.Width - Picture.Margin, y + 16, SKTextAlign.Right);
            SKRect area = SKRect.Create(Picture.Margin, y + 24, Picture.InnerWidth, part.Rows * RowHeight);
            picture.Map(HeapLayout.Part(map, 0, (long)part.RowBytes * part.Rows), area, part.Rows);
            y += PartHeight(part);
        }

        picture.Legend([.. Palette.Sizes.Where((_, i) => i is 1 or 2 or 5), ("lighter: rest of a slot or page", Palette.Lighter(Palette.Of(new Block(0, 64, 64)))), ("free", Palette.Free)]);
        picture.Save(path);
    }

    private static float PartHeight(Part part) => (part.Rows * RowHeight) + 40;

    private static List<Call> Make(Part part, int seed)
    {
        Random random = new(seed);
        List<Call> calls = [.. Enumerable.Range(0, part.Count).Select(number => new Call(number, random.Next(part.Low, part.High + 1)))];
        int[] freed = [.. Enumerable.Range(0, part.Count).OrderBy(_ => random.Next()).Take(part.Count / 3)];
        calls.AddRange(freed.Select(number => new Call(number, 0)));
        calls.AddRange(Enumerable.Range(part.Count, part.Count / 12).Select(number => new Call(number, random.Next(part.Low, part.High + 1))));
        return calls;
    }
}
