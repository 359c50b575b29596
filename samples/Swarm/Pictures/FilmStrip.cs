// The game in six pictures, from the first measured second to the last, in one file: two rows of three, with the second under each and marks like a film's between them.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

using Swarm.Engine;

namespace Swarm.Pictures;

internal sealed class FilmStrip(int seconds)
{
    public const int Side = 360;
    public const int Gap = 10;
    public const int Caption = 22;
    public const int Columns = 3;
    public const int Rows = 2;
    public const int Width = (Columns * (Side + Gap)) + Gap;
    public const int Height = (Rows * (Side + Gap + Caption)) + Gap;

    private const int Pictures = Columns * Rows;

    private readonly List<Exposure> _exposures = [];

    /// <summary>Takes a picture, if it is time.</summary>
    /// <param name="game">The game.</param>
    /// <param name="second">The second that has come, from 0 to the last.</param>
    public void Look(IGame game, int second)
    {
        // Of a short game there are as many as there are seconds, and one from before.
        int taken = _exposures.Count;
        if (taken < Pictures && second >= (long)taken * seconds / (Pictures - 1))
        {
            _exposures.Add(new Exposure(game, Side));
        }
    }

    public void Write(Stream output)
    {
        byte[] pixels = new byte[3 * Width * Height];
        Array.Fill(pixels, (byte)12);
        for (int i = 0; i < _exposures.Count; i++)
        {
            Exposure exposure = _exposures[i];
            int left = Gap + (i % Columns * (Side + Gap));
            int top = Gap + (i / Columns * (Side + Gap + Caption));
            exposure.Develop(pixels, Width, left, top);
            string caption = string.Create(
                CultureInfo.InvariantCulture, $"{exposure.Frame / (double)GameSetup.FramesPerSecond:0} s  level {exposure.Level}  {exposure.Ships:#,0} ships");
            Lettering.Draw(pixels, Width, left, top + Side + 6, caption);
        }

        Png.Write(output, Width, Height, pixels);
    }
}
