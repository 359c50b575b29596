// Two levels: the one that is played, and the next, which is built a piece a frame while the other is played.

using System;

using Swarm.Rules;

namespace Swarm.Engine;

internal interface ILevels : IDisposable
{
    /// <summary>The bytes of all objects of the process's heap of this kind: in use, and no longer in use but not used again either.</summary>
    static abstract long BytesHeld();

    /// <summary>Begins the next level: so many empty cells, without a stream and without a rock.</summary>
    void Begin(int cells);

    /// <summary>Puts the streams of a cell into the next level.</summary>
    void SetFlows(int cell, Flows flows);

    /// <summary>Puts a rock into the next level.</summary>
    void AddRock(int cell, RockState rock);

    /// <summary>Unloads the level that is played, if any, and plays the next.</summary>
    void Switch();

    /// <summary>Unloads both levels.</summary>
    void Unload();

    Flow FlowAt(int cell, int team);

    /// <summary>Whether there is a rock of the cell at a place in it.</summary>
    bool IsBlocked(int cell, int x, int y);
}
