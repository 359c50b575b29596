// Memory of a frame in arrays and lists that are kept and used again: what is careful with the garbage collector.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

using Swarm.Engine;
using Swarm.Rules;

namespace Swarm.Managed;

internal struct ManagedFrameMemory : IFrameMemory<ShipReference>
{
    private readonly Part[] _parts;
    private int[] _counts = [];
    private int[] _starts = [];
    private GridEntry[] _entries = [];

    private ManagedFrameMemory(int parts)
    {
        _parts = new Part[parts];
        for (int i = 0; i < parts; i++)
        {
            _parts[i] = new Part();
        }
    }

    public static ManagedFrameMemory Create(int parts) => new(parts);

    public readonly Span<int> Counts => _counts;

    public readonly Span<int> Starts => _starts;

    public readonly Span<GridEntry> Entries => _entries;

    public readonly ReadOnlySpan<ShipReference> Destroyed => CollectionsMarshal.AsSpan(_parts[0].Destroyed);

    public readonly ReadOnlySpan<int> Spent(int part) => CollectionsMarshal.AsSpan(_parts[part].Spent);

    public readonly ReadOnlySpan<Hit> Hits(int part) => CollectionsMarshal.AsSpan(_parts[part].Hits);

    public readonly ReadOnlySpan<Shot<ShipReference>> Fired(int part) => CollectionsMarshal.AsSpan(_parts[part].Fired);

    public void NextFrame(int ships, int cells)
    {
        // There are always as many ships.
        if (_entries.Length != ships)
        {
            _entries = new GridEntry[ships];
            _counts = new int[cells * _parts.Length];
            _starts = new int[cells + 1];
        }

        foreach (Part part in _parts)
        {
            part.Spent.Clear();
            part.Hits.Clear();
            part.Fired.Clear();
            part.Destroyed.Clear();
        }
    }

    public readonly void AddSpent(int part, int shot) => _parts[part].Spent.Add(shot);

    public readonly void AddHit(int part, Hit hit) => _parts[part].Hits.Add(hit);

    public readonly void AddFired(int part, in Shot<ShipReference> shot) => _parts[part].Fired.Add(shot);

    public readonly void AddDestroyed(ShipReference ship) => _parts[0].Destroyed.Add(ship);

    public readonly void Dispose()
    {
        // The collector finds out by itself.
    }

    private sealed class Part
    {
        public readonly List<int> Spent = [];
        public readonly List<Hit> Hits = [];
        public readonly List<Shot<ShipReference>> Fired = [];
        public readonly List<ShipReference> Destroyed = [];
    }
}
