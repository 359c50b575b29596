// The game as those see it who run it, measure it or draw it, whichever memory it is on.

using System;

using Swarm.Rules;

namespace Swarm.Engine;

/// <summary>What a game is made from.</summary>
internal sealed record GameSetup(int Entities, int Threads, ulong Seed)
{
    /// <summary>How long a level is played: 3 seconds.</summary>
    public const int LevelFrames = 180;

    public const int FramesPerSecond = 60;
}

/// <summary>Where the game stands. Equal for any number of threads and any kind of memory.</summary>
/// <param name="Ships">The ships that fly.</param>
/// <param name="Shots">The shots that fly.</param>
/// <param name="Blasts">The blasts that have not faded.</param>
/// <param name="Fired">The shots ever fired.</param>
/// <param name="Destroyed">The ships ever destroyed.</param>
/// <param name="Stale">How often a ship or a shot was found to be after a ship that was gone.</param>
/// <param name="Levels">The levels played before this one.</param>
/// <param name="Checksum">Over the state of all ships, shots and blasts, and whom they are after.</param>
internal readonly record struct GameFigures(int Ships, int Shots, int Blasts, long Fired, long Destroyed, long Stale, int Levels, ulong Checksum)
{
    public int Entities => Ships + Shots + Blasts;
}

/// <summary>Looks at all that there is in a game.</summary>
internal interface IViewer
{
    void See(in ShipState ship);

    void See(in ShotState shot);

    void See(in BlastState blast);
}

internal interface IGame : IDisposable
{
    /// <summary>The frames so far.</summary>
    int Frame { get; }

    Arena Arena { get; }

    /// <summary>The level that is played.</summary>
    LevelPlan Level { get; }

    /// <summary>Plays a frame. Allocates no managed memory but what the game's objects are made of.</summary>
    void NextFrame();

    GameFigures Figures();

    /// <summary>Shows all that there is.</summary>
    void Show(IViewer viewer);

    /// <summary>Ends the level that is played and the next. There must be no frame after it.</summary>
    void UnloadLevels();

    /// <summary>The bytes of objects on the heap that the game is on, of those that are gone but hold their memory, too.</summary>
    long BytesHeld();
}
