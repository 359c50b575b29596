// Tiny objects: what a byte costs where it must be possible to free it alone, and where it need not.

using System.Collections.Generic;
using System.Linq;

using MemoryMaps.Drawing;
using MemoryMaps.Layouts;

using SkiaSharp;

namespace MemoryMaps.Pictures;

internal static class TinyPicture
{
    private const int RowBytes = 256;
    private const float RowHeight = 13;

    public static string Draw(IReadOnlyList<Call> calls, string path)
    {
        Call[] tiny = [.. calls.Where(call => call.Size is > 0 and < 16).Take(400)];
        MemoryMap heap = HeapLayout.Run(tiny);
        MemoryMap bump = LinearLayout.Run(tiny).Map;
        long asked = bump.LiveBytes;
        (MemoryMap Map, string Name)[] parts =
        [
            (Slots(heap, 8), "Heap: slots of 8 bytes, one for each object of up to 8"),
            (Slots(heap, 16), "Heap: slots of 16 bytes, one for each of 9 to 15"),
            (bump, "BumpAllocator: packed, at their own alignment"),
        ];
        long taken = parts[0].Map.Length + parts[1].Map.Length;
        using Picture picture = new(
            "Tiny: a slot each, or packed where all are freed at once",
            $"The same {tiny.Length} objects of 1 to 15 bytes, {Picture.Bytes(asked)} together: {Picture.Bytes(taken)} in a heap, {Picture.Bytes(bump.Length)} in a bump allocator. Each row is {RowBytes} bytes. A slot can be freed alone, and costs what the object leaves of it; objects that are packed share granules, so none of them could be given back before all are.",
            parts.Sum(part => PartHeight(part.Map)));
        float y = picture.Top;
        foreach ((MemoryMap map, string name) in parts)
        {
            int rows = RowsOf(map);
            picture.Heading(name, Picture.Margin, y + 16);
            picture.Text(Picture.Bytes(map.Length), Picture.Width - Picture.Margin, y + 16, SKTextAlign.Right);
            picture.Map(new MemoryMap(rows * RowBytes, map.Blocks), SKRect.Create(Picture.Margin, y + 24, Picture.InnerWidth, rows * RowHeight), rows);
            y += PartHeight(map);
        }

        SKColor color = Palette.Of(bump.Blocks[0]);
        picture.Legend(("object", color), ("rest of its slot", Palette.Lighter(color)), ("not used", Palette.Free));
        picture.Save(path);
        return $"{tiny.Length} tiny objects: {asked} bytes asked for, {taken} in a heap's slots, {bump.Length} in a bump allocator";
    }

    private static int RowsOf(MemoryMap map) => (int)((map.Length + RowBytes - 1) / RowBytes);

    private static float PartHeight(MemoryMap map) => (RowsOf(map) * RowHeight) + 38;

    // The slots of one size, which lie one after the other in spans of their own.
    private static MemoryMap Slots(MemoryMap heap, int size)
    {
        Block[] slots = [.. heap.Blocks.Where(block => block.Size == size)];
        long start = slots[0].Offset;
        return new MemoryMap(slots[^1].End - start, slots.Select(block => block with { Offset = block.Offset - start }));
    }
}
