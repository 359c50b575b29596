// Memory for the length of a frame: the grid, and what the threads find, each in lists of its own.
//
// Part p of the work belongs to thread p, which alone adds to its lists. When the threads have come together, the main thread reads them all.

using System;

using Swarm.Rules;

namespace Swarm.Engine;

internal interface IFrameMemory<TTarget> : IDisposable
    where TTarget : struct
{
    /// <summary>For each part of the ships how many are in each cell: part * cells + cell. Uninitialised.</summary>
    Span<int> Counts { get; }

    /// <summary>Where each cell begins in <see cref="Entries"/>, and where the last one ends. Uninitialised.</summary>
    Span<int> Starts { get; }

    /// <summary>The ships by cell. Uninitialised.</summary>
    Span<GridEntry> Entries { get; }

    /// <summary>The shots of a part that are spent: positions, ascending.</summary>
    ReadOnlySpan<int> Spent(int part);

    ReadOnlySpan<Hit> Hits(int part);

    /// <summary>The shots that ships of a part have fired.</summary>
    ReadOnlySpan<Shot<TTarget>> Fired(int part);

    /// <summary>The ships that were destroyed.</summary>
    ReadOnlySpan<TTarget> Destroyed { get; }

    /// <summary>Forgets the last frame, and makes room for the grid.</summary>
    void NextFrame(int ships, int cells);

    void AddSpent(int part, int shot);

    void AddHit(int part, Hit hit);

    void AddFired(int part, in Shot<TTarget> shot);

    void AddDestroyed(TTarget ship);
}
