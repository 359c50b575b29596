// The icon of the packages: a span of sixteen slots, most of them in use, in the colours of the sizes. Without text, since it is shown at 32 points and less.

using System.IO;
using System.Linq;

using MemoryMaps.Drawing;

using SkiaSharp;

namespace MemoryMaps.Pictures;

internal static class IconPicture
{
    private const int Side = 128;
    private const int Slots = 4;
    private const float Gap = 6;
    private const float Corner = 4;

    // By row, as an index into the colours of the sizes; a dot is a free slot.
    private const string Span = "0112" + "13.3" + "2.44" + "5545";

    public static void Draw(string file)
    {
        using SKBitmap bitmap = new(Side, Side);
        using SKCanvas canvas = new(bitmap);
        using SKPaint paint = new() { IsAntialias = true };
        canvas.Clear(SKColors.Transparent);
        paint.Color = Palette.Ink;
        canvas.DrawRoundRect(new SKRect(0, 0, Side, Side), 4 * Corner, 4 * Corner, paint);

        SKColor[] colors = [.. Palette.Sizes.Select(size => size.Color)];
        const float Margin = 2 * Gap;
        const float Slot = (Side - (2 * Margin) - ((Slots - 1) * Gap)) / Slots;
        for (int i = 0; i < Span.Length; i++)
        {
            float x = Margin + (i % Slots * (Slot + Gap));
            float y = Margin + (i / Slots * (Slot + Gap));
            paint.Color = Span[i] == '.' ? Palette.Faint : colors[Span[i] - '0'];
            canvas.DrawRoundRect(new SKRect(x, y, x + Slot, y + Slot), Corner, Corner, paint);
        }

        using FileStream stream = File.Create(file);
        _ = bitmap.Encode(stream, SKEncodedImageFormat.Png, 100);
    }
}
