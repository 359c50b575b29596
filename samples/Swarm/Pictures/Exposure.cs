// One picture of the film: light that falls on a square of pixels, and how it is developed.
//
// Each thing adds light of its colour to the pixel where it is. Ships give little, so that a swarm's density shows; shots give more, blasts glow over the pixels around them and fade with age. Light has no upper
// end, a pixel has: 1 - e^-x of it, so that the brightest places keep their shape. Rocks are drawn dark, under everything.

using System;

using Swarm.Engine;
using Swarm.Rules;

namespace Swarm.Pictures;

internal sealed class Exposure : IViewer
{
    private const int BlastRadius = 4;
    private const double Gamma = 0.75;

    private static readonly Light[] s_teams = [new(0.10f, 0.45f, 1.00f), new(1.00f, 0.38f, 0.06f), new(0.20f, 0.95f, 0.35f), new(0.90f, 0.15f, 0.80f)];
    private static readonly Light s_shot = new(1.00f, 0.95f, 0.70f);
    private static readonly Light s_blast = new(1.00f, 0.62f, 0.22f);
    private static readonly Light s_rock = new(0.075f, 0.07f, 0.075f);

    private readonly Light[] _light;
    private readonly int _side;
    private readonly double _pixelsPerUnit;
    private readonly float _shipLight;

    public Exposure(IGame game, int side)
    {
        _side = side;
        _light = new Light[side * side];
        _pixelsPerUnit = side / (double)game.Arena.Side;

        // As bright for a million ships as for a thousand: what counts is how many share a pixel.
        GameFigures figures = game.Figures();
        _shipLight = (float)(0.30 * side * side / figures.Ships);
        float rockLight = (float)Math.Min(1, 0.5 * side * side / game.Level.RockCount);
        for (int i = 0; i < game.Level.RockCount; i++)
        {
            RockState rock = game.Level.RockAt(i);
            Add(rock.X, rock.Y, s_rock, rockLight);
        }

        Ships = figures.Ships;
        Frame = game.Frame;
        Level = game.Level.Number;
        game.Show(this);
    }

    public int Ships { get; }

    public int Frame { get; }

    public int Level { get; }

    public void See(in ShipState ship) => Add(ship.X, ship.Y, s_teams[ship.Team], _shipLight);

    public void See(in ShotState shot) => Add(shot.X, shot.Y, s_shot, Math.Min(1.2f, 2.5f * _shipLight));

    public void See(in BlastState blast)
    {
        // A blast begins small and white-hot, and grows as it cools.
        float heat = Math.Max(0, 1 - (blast.Age / 30f));
        float radius = 0.8f + (BlastRadius * (1 - heat));
        int centreX = (int)(blast.X * _pixelsPerUnit);
        int centreY = (int)(blast.Y * _pixelsPerUnit);
        float strength = Math.Min(2.4f, 14f * _shipLight) * heat * heat / radius;
        for (int dy = -BlastRadius; dy <= BlastRadius; dy++)
        {
            for (int dx = -BlastRadius; dx <= BlastRadius; dx++)
            {
                float square = ((dx * dx) + (dy * dy)) / (radius * radius);
                if (square < 1)
                {
                    AddToPixel(centreX + dx, centreY + dy, s_blast, strength * (1 - square));
                }
            }
        }
    }

    /// <summary>Turns the light into colours.</summary>
    /// <param name="pixels">The picture to which it goes.</param>
    /// <param name="width">The picture's.</param>
    /// <param name="left">The first column.</param>
    /// <param name="top">The first row.</param>
    public void Develop(Span<byte> pixels, int width, int left, int top)
    {
        for (int y = 0; y < _side; y++)
        {
            for (int x = 0; x < _side; x++)
            {
                Light light = _light[(y * _side) + x];
                int at = 3 * (((top + y) * width) + left + x);
                pixels[at] = Developed(light.Red);
                pixels[at + 1] = Developed(light.Green);
                pixels[at + 2] = Developed(light.Blue);
            }
        }
    }

    // The last three bits are nothing that an eye sees here, and without them the file is half as large.
    private static byte Developed(float light) => (byte)((int)(255 * Math.Pow(1 - Math.Exp(-light), Gamma)) & ~7);

    private void Add(int x, int y, Light colour, float strength) => AddToPixel((int)(x * _pixelsPerUnit), (int)(y * _pixelsPerUnit), colour, strength);

    private void AddToPixel(int x, int y, Light colour, float strength)
    {
        ref Light light = ref _light[(Wrapped(y) * _side) + Wrapped(x)];
        light = new Light(light.Red + (colour.Red * strength), light.Green + (colour.Green * strength), light.Blue + (colour.Blue * strength));
    }

    private int Wrapped(int pixel) => (pixel + _side) % _side;

    private readonly record struct Light(float Red, float Green, float Blue);
}
