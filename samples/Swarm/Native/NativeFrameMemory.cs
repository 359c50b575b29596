// Memory of a frame from bump allocators, one for each thread: an addition to allocate, all of it gone by one call when the next frame begins.
//
// Only what a thread calls itself uses that thread's allocator; the grid is the main thread's. The lists of a part are on cache lines of their own.

using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

using NativeHeap;

using Swarm.Engine;
using Swarm.Rules;

namespace Swarm.Native;

[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "It is, by its interface, which the rule does not see for a struct.")]
internal unsafe struct NativeFrameMemory : IFrameMemory<NativeHandle<Ship>>
{
    private readonly ThreadFrames _frames;
    private readonly int _partCount;
    private int* _counts;
    private int* _starts;
    private GridEntry* _entries;
    private Part* _parts;
    private int _cells;
    private int _ships;

    private NativeFrameMemory(int parts)
    {
        // The largest piece is the grid: a chunk for it is kept from frame to frame, where a block of its own would be taken and given back in each.
        _frames = new ThreadFrames(new BumpAllocatorOptions { MaximumChunkBytes = 64 * 1024 * 1024 });
        _partCount = parts;
    }

    public static NativeFrameMemory Create(int parts) => new(parts);

    public readonly Span<int> Counts => new(_counts, _cells * _partCount);

    public readonly Span<int> Starts => new(_starts, _cells + 1);

    public readonly Span<GridEntry> Entries => new(_entries, _ships);

    public readonly ReadOnlySpan<NativeHandle<Ship>> Destroyed => _parts[0].Destroyed.Items;

    public readonly ReadOnlySpan<int> Spent(int part) => _parts[part].Spent.Items;

    public readonly ReadOnlySpan<Hit> Hits(int part) => _parts[part].Hits.Items;

    public readonly ReadOnlySpan<Shot<NativeHandle<Ship>>> Fired(int part) => _parts[part].Fired.Items;

    public void NextFrame(int ships, int cells)
    {
        _frames.NextFrame();
        BumpAllocator memory = _frames.Local.Current;
        _cells = cells;
        _ships = ships;
        _entries = (GridEntry*)memory.AllocAligned((nuint)ships * (nuint)sizeof(GridEntry), 64);
        _counts = (int*)memory.AllocAligned((nuint)cells * (nuint)_partCount * sizeof(int), 64);
        _starts = (int*)memory.AllocAligned((nuint)(cells + 1) * sizeof(int), 64);
        _parts = (Part*)memory.AllocAligned((nuint)_partCount * (nuint)sizeof(Part), 64);
        new Span<Part>(_parts, _partCount).Clear();
    }

    public readonly void AddSpent(int part, int shot) => _parts[part].Spent.Add(_frames, in shot);

    public readonly void AddHit(int part, Hit hit) => _parts[part].Hits.Add(_frames, in hit);

    public readonly void AddFired(int part, in Shot<NativeHandle<Ship>> shot) => _parts[part].Fired.Add(_frames, in shot);

    public readonly void AddDestroyed(NativeHandle<Ship> ship) => _parts[0].Destroyed.Add(_frames, in ship);

    public readonly void Dispose() => _frames.Dispose();

    [StructLayout(LayoutKind.Sequential, Size = 128)]
    private struct Part
    {
        public FrameList<int> Spent;
        public FrameList<Hit> Hits;
        public FrameList<Shot<NativeHandle<Ship>>> Fired;
        public FrameList<NativeHandle<Ship>> Destroyed;
    }
}
