// A level is an array of cells and an object for each rock, and is forgotten when it is over.

using System;

using Swarm.Engine;
using Swarm.Rules;

namespace Swarm.Managed;

internal struct ManagedLevels : ILevels
{
    private TileOfObjects[] _tiles;
    private TileOfObjects[] _nextTiles;

    public static ManagedLevels Create() => new() { _tiles = [], _nextTiles = [] };

    public static long BytesHeld() => GC.GetTotalMemory(forceFullCollection: false);

    public void Begin(int cells) => _nextTiles = new TileOfObjects[cells];

    public readonly void SetFlows(int cell, Flows flows) => _nextTiles[cell].Flows = flows;

    public readonly void AddRock(int cell, RockState rock) => _nextTiles[cell].Rocks = new RockObject(rock, _nextTiles[cell].Rocks);

    public void Switch() => (_tiles, _nextTiles) = (_nextTiles, []);

    public void Unload() => (_tiles, _nextTiles) = ([], []);

    public readonly Flow FlowAt(int cell, int team) => _tiles[cell].Flows[team];

    public readonly bool IsBlocked(int cell, int x, int y)
    {
        for (RockObject? rock = _tiles[cell].Rocks; rock is not null; rock = rock.Next)
        {
            if (Math.Abs(rock.State.X - x) + Math.Abs(rock.State.Y - y) < rock.State.Radius)
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose() => Unload();
}
