// A workload on a compacting allocator that slides its blocks together whenever a request finds no room.

using System.Collections.Generic;
using System.Linq;

using NativeHeap;

namespace MemoryMaps.Layouts;

/// <summary>What compaction makes of a workload.</summary>
/// <param name="Before">What lay where before the last compaction.</param>
/// <param name="After">And after it.</param>
/// <param name="Last">What that compaction has done.</param>
/// <param name="Stays">Where each block was, and when.</param>
/// <param name="Compactions">How many there were.</param>
/// <param name="MovedBytes">What they moved together.</param>
internal sealed record CompactingResult(MemoryMap Before, MemoryMap After, CompactionResult Last, IReadOnlyList<Stay> Stays, int Compactions, long MovedBytes);

internal sealed unsafe class CompactingLayout(int length) : System.IDisposable
{
    private const int Alignment = 16;

    private readonly Heap _heap = new();
    private readonly Dictionary<int, (NativeHandle<byte> Handle, Block Block, int From)> _live = [];
    private readonly List<Stay> _stays = [];
    private CompactingAllocator? _allocator;
    private nint _start;
    private MemoryMap? _before;
    private MemoryMap? _after;
    private CompactionResult _last;
    private int _compactions;
    private long _moved;

    public static CompactingResult Run(IReadOnlyList<Call> calls, int length)
    {
        using CompactingLayout layout = new(length);
        return layout.Run(calls);
    }

    public void Dispose()
    {
        _allocator?.Dispose();
        _heap.Dispose();
    }

    private CompactingResult Run(IReadOnlyList<Call> calls)
    {
        _allocator = new CompactingAllocator(_heap, length);
        for (int now = 0; now < calls.Count; now++)
        {
            Call call = calls[now];
            if (call.IsFree)
            {
                (NativeHandle<byte> handle, Block block, int from) = _live[call.Number];
                _allocator.Free(handle);
                _ = _live.Remove(call.Number);
                _stays.Add(new Stay(block, from, now));
            }
            else
            {
                Allocate(_allocator, call, now);
            }
        }

        _stays.AddRange(_live.Values.Select(block => new Stay(block.Block, block.From, calls.Count)));
        return new CompactingResult(_before!, _after!, _last, _stays, _compactions, _moved);
    }

    private void Allocate(CompactingAllocator allocator, Call call, int now)
    {
        if (!allocator.TryAlloc(call.Size, out NativeHandle<byte> handle, Alignment))
        {
            Compact(allocator, now);
            handle = allocator.Alloc<byte>(call.Size, Alignment);
        }

        _live.Add(call.Number, (handle, BlockOf(allocator, handle), now));
    }

    private void Compact(CompactingAllocator allocator, int now)
    {
        _before = Map();
        _last = allocator.Compact();
        _moved += _last.MovedBytes;
        _compactions++;
        foreach ((int number, (NativeHandle<byte> handle, Block block, int from)) in _live.ToArray())
        {
            Block moved = BlockOf(allocator, handle);
            if (moved != block)
            {
                _stays.Add(new Stay(block, from, now));
                _live[number] = (handle, moved, now);
            }
        }

        _after = Map();
    }



    private MemoryMap Map() => new(length, _live.Values.Select(block => block.Block));

    private Block BlockOf(CompactingAllocator allocator, NativeHandle<byte> handle)
    {
        System.Span<byte> span = allocator.GetSpan(handle);
        fixed (byte* address = span)
        {
            _start = _start == 0 ? (nint)address : _start;
            return new Block((nint)address - _start, span.Length, span.Length);
        }
    }
}
