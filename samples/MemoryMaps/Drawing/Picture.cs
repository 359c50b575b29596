// A picture under construction: text, maps, times and a legend. Drawn at twice its size, so that it stays sharp on any screen.
//
// A map is drawn in rows, as text is: offsets grow to the right and then down, and a block that goes over the end of a row goes on at the start of the next. In a picture over time, time grows to
// the right and offsets upwards: a block is a rectangle, as long as it stays where it is.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;

using SkiaSharp;

namespace MemoryMaps.Drawing;

internal sealed class Picture : IDisposable
{
    public const int Width = 1000;
    public const int Margin = 24;

    private const int Scale = 2;
    private const float TitleSize = 20;
    private const float TextSize = 12.5f;
    private const float LineHeight = 18;
    private const float LegendHeight = 44;

    private readonly SKBitmap _bitmap;
    private readonly SKCanvas _canvas;
    private readonly SKTypeface _plain = FindTypeface(SKFontStyle.Normal);
    private readonly SKTypeface _bold = FindTypeface(SKFontStyle.Bold);
    private readonly SKPaint _paint = new();

    /// <summary>Starts a picture.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="caption">What there is to see in it.</param>
    /// <param name="height">What is to have room between the caption and the legend, in points; the width is the same for all pictures.</param>
    public Picture(string title, string caption, float height)
    {
        List<string> lines = Wrap(caption);
        Top = 66 + (lines.Count * LineHeight);
        Height = (int)(Top + height + LegendHeight);
        _bitmap = new SKBitmap(Width * Scale, Height * Scale);
        _canvas = new SKCanvas(_bitmap);
        _canvas.Clear(Palette.Paper);
        _canvas.Scale(Scale);
        Write(title, Margin, 36, TitleSize, Palette.Ink, _bold, SKTextAlign.Left);
        for (int line = 0; line < lines.Count; line++)
        {
            Text(lines[line], Margin, 60 + (line * LineHeight));
        }
    }

    /// <summary>The width between the margins, in points.</summary>
    public static float InnerWidth => Width - (2 * Margin);

    public int Height { get; }

    /// <summary>Where there is room below title and caption.</summary>
    public float Top { get; }

    public void Heading(string text, float x, float y) => Write(text, x, y, 14, Palette.Ink, _bold, SKTextAlign.Left);

    public void Text(string text, float x, float y, SKTextAlign align = SKTextAlign.Left) => Write(text, x, y, TextSize, Palette.Faint, _plain, align);

    /// <summary>Draws a map.</summary>
    /// <param name="map">The map.</param>
    /// <param name="area">Where.</param>
    /// <param name="rows">In how many rows.</param>
    public void Map(MemoryMap map, SKRect area, int rows)
    {
        Fill(area.Left, area.Top, area.Width, area.Height, Palette.Free);
        double bytesPerRow = (double)map.Length / rows;
        float rowHeight = area.Height / rows;
        foreach (Block block in map.Blocks)
        {
            for (int row = (int)(block.Offset / bytesPerRow); row * bytesPerRow < block.End && row < rows; row++)
            {
                float X(double offset) => area.Left + (float)(Math.Clamp((offset / bytesPerRow) - row, 0, 1) * area.Width);

                float y = area.Top + (row * rowHeight);
                float height = rowHeight - (rowHeight > 4 ? 1 : 0);
                SKColor color = Palette.Of(block);
                (float from, float asked, float to) = (X(block.Offset), X(block.Offset + block.Asked), X(block.End));
                Fill(asked, y, to - asked, height, Palette.Lighter(color));
                Fill(from, y, asked - from, height, color);

                // A hairline where a block starts, if that leaves something of it.
                if (to - from > 1.5f && row == (int)(block.Offset / bytesPerRow))
                {
                    Fill(from, y, 0.5f, height, Palette.Paper);
                }
            }
        }
    }

    /// <summary>Draws blocks over time.</summary>
    /// <param name="stays">Where blocks were, and when.</param>
    /// <param name="calls">The length of time.</param>
    /// <param name="length">The length of memory, in bytes.</param>
    /// <param name="area">Where.</param>
    public void Times(IEnumerable<Stay> stays, int calls, long length, SKRect area)
    {
        Fill(area.Left, area.Top, area.Width, area.Height, Palette.Free);
        foreach (Stay stay in stays)
        {
            float x = area.Left + (area.Width * stay.From / calls);
            float y = area.Bottom - (area.Height * stay.Block.End / length);
            Fill(x, y, area.Width * (stay.To - stay.From) / calls, area.Height * stay.Block.Size / length, Palette.Of(stay.Block));
        }
    }

    /// <summary>Draws the legend at the bottom.</summary>
    public void Legend(params IEnumerable<(string Name, SKColor Color)> entries)
    {
        using SKFont font = new(_plain, TextSize);
        float x = Margin;
        float y = Height - 16;
        foreach ((string name, SKColor color) in entries)
        {
            Fill(x, y - 11, 13, 13, color);
            Text(name, x + 18, y);
            x += 18 + font.MeasureText(name) + 18;
        }
    }

    public void Save(string path)
    {
        using SKData data = _bitmap.Encode(SKEncodedImageFormat.Png, quality: 100);
        using FileStream file = File.Create(path);
        data.SaveTo(file);
    }

    public void Dispose()
    {
        _canvas.Dispose();
        _bitmap.Dispose();
        _paint.Dispose();
        _plain.Dispose();
        _bold.Dispose();
    }

    /// <summary>A number of bytes as people write it.</summary>
    public static string Bytes(double bytes) => bytes switch
    {
        < 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes:0.#} B"),
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024:0.#} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024 * 1024):0.##} MiB"),
    };

    private List<string> Wrap(string text)
    {
        using SKFont font = new(_plain, TextSize);
        List<string> lines = [""];
        foreach (string word in text.Split(' '))
        {
            string longer = lines[^1].Length == 0 ? word : $"{lines[^1]} {word}";
            if (font.MeasureText(longer) <= InnerWidth)
            {
                lines[^1] = longer;
            }
            else
            {
                lines.Add(word);
            }
        }

        return lines;
    }

    private void Fill(float x, float y, float width, float height, SKColor color)
    {
        _paint.Color = color;
        _paint.IsAntialias = true;
        _canvas.DrawRect(x, y, width, height, _paint);
    }

    private void Write(string text, float x, float y, float size, SKColor color, SKTypeface typeface, SKTextAlign align)
    {
        using SKFont font = new(typeface, size) { Subpixel = true };
        _paint.Color = color;
        _paint.IsAntialias = true;
        _canvas.DrawText(text, x, y, align, font, _paint);
    }

    // The first of some families that the system has; else whatever it has.
    private static SKTypeface FindTypeface(SKFontStyle style)
    {
        string[] wanted = ["DejaVu Sans", "Liberation Sans", "Segoe UI", "Helvetica", "Arial"];
        string? family = wanted.FirstOrDefault(SKFontManager.Default.FontFamilies.Contains);
        return SKTypeface.FromFamilyName(family, style);
    }
}
