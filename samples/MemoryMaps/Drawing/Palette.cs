using System.Collections.Generic;
using System.Linq;

using SkiaSharp;

namespace MemoryMaps.Drawing;

/// <summary>Colours by size, from warm and small to cold and large; their lightness falls with the size, so they can be told apart without the hues.</summary>
internal static class Palette
{
    public static readonly SKColor Ink = SKColor.Parse("#22262b");
    public static readonly SKColor Faint = SKColor.Parse("#5f6772");
    public static readonly SKColor Free = SKColor.Parse("#e9ecef");
    public static readonly SKColor Dead = SKColor.Parse("#b4bac1");
    public static readonly SKColor Paper = SKColors.White;

    private static readonly (int Below, string Name, SKColor Color)[] s_sizes =
    [
        (16, "1 - 15 B", SKColor.Parse("#f5c431")),
        (128, "16 - 127 B", SKColor.Parse("#f08a3c")),
        (1024, "128 B - 1 KiB", SKColor.Parse("#d9486a")),
        (8 * 1024, "1 - 8 KiB", SKColor.Parse("#8a4a9e")),
        ((32 * 1024) + 1, "8 - 32 KiB", SKColor.Parse("#3f6fb5")),
        (int.MaxValue, "over 32 KiB", SKColor.Parse("#1b9e8f")),
    ];

    /// <summary>What the colours mean, for a legend.</summary>
    public static IEnumerable<(string Name, SKColor Color)> Sizes => s_sizes.Select(size => (size.Name, size.Color));

    /// <summary>The colour of a block.</summary>
    public static SKColor Of(Block block) => block.IsDead ? Dead : s_sizes.First(size => block.Asked < size.Below).Color;

    /// <summary>A colour made lighter: what a block takes beyond what was asked for.</summary>
    public static SKColor Lighter(SKColor color)
    {
        const float Share = 0.6f;
        return new SKColor(Mix(color.Red), Mix(color.Green), Mix(color.Blue));

        static byte Mix(byte channel) => (byte)(channel + ((255 - channel) * Share));
    }
}
