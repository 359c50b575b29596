using System.Collections.Generic;

using MemoryMaps.Drawing;
using MemoryMaps.Layouts;

using SkiaSharp;

namespace MemoryMaps.Pictures;

/// <summary>Linear allocation whose blocks are slid together when there is no room.</summary>
internal static class CompactingPicture
{
    private const int Gap = 20;
    private const int Rows = 64;
    private const float PanelHeight = 256;
    private const float HeadingHeight = 38;

    public static string Draw(IReadOnlyList<Call> calls, int length, string path)
    {
        CompactingResult result = CompactingLayout.Run(calls, length);
        using Picture picture = new(
            "Compacting: linear memory is used again by moving what lives",
            $"The same {calls.Count:N0} calls in {Picture.Bytes(length)}: {result.Compactions} compactions, one whenever a request found no room at the end, moved {Picture.Bytes(result.MovedBytes)} together. Blocks keep their order, that of their allocation, and their handles.",
            2 * (PanelHeight + HeadingHeight));
        float width = (Picture.InnerWidth - Gap) / 2f;
        float y = picture.Top + 16;
        SKRect before = SKRect.Create(Picture.Margin, y + 8, width, PanelHeight);
        SKRect after = SKRect.Create(Picture.Margin + width + Gap, y + 8, width, PanelHeight);
        SKRect time = SKRect.Create(Picture.Margin, before.Bottom + HeadingHeight, Picture.InnerWidth, PanelHeight);
        picture.Heading("Before the last compaction", before.Left, y);
        picture.Map(result.Before, before, Rows);
        picture.Heading($"After it: {result.Last.MovedBlocks} blocks moved, {Picture.Bytes(result.Last.MovedBytes)}", after.Left, y);
        picture.Map(result.After, after, Rows);
        picture.Heading("Over time: the lowest offset at the bottom, a block is a rectangle for as long as it stays", time.Left, time.Top - 8);
        picture.Times(result.Stays, calls.Count, length, time);
        picture.Legend([.. Palette.Sizes, ("free", Palette.Free)]);
        picture.Save(path);
        return $"compacting: {result.Compactions} compactions moved {result.MovedBytes} bytes";
    }
}
