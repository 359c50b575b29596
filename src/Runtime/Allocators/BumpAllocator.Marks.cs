// The way back: to a mark, to the beginning of a scope, or to the start. Marks and scopes are entries of one stack; a scope is a mark that is gone back to when it ends, and below which nobody may go
// while it is open.
//
//     entry i is older than entry i + 1, and its position not behind that one's
//     a mark is valid  <=>  the entry at its index has its serial number: no one has gone back behind it since it was made
//     _scope = the serial number of the innermost open scope = that of entry _scopeIndex;   0 and -1 if none is open
//
// Two marks at the same position are one entry, so a loop that makes a mark and goes back to it does not pile them up.
//
// Reset keeps as much as was needed lately: a maximum that decays. What a single large frame needed is given back within some dozens of resets, what each frame needs never.

using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using NativeHeap.Allocators;
using NativeHeap.Heaps;
using NativeHeap.Platform;

namespace NativeHeap;

public sealed unsafe partial class BumpAllocator
{
    // A reset takes 1/32 off what is kept beyond the present need: half of it is gone after 22 resets, a third of a second at 60 frames a second.
    private const int RetentionShift = 5;

    private static long s_lastId;

    private readonly long _id;
    private HeapArray<MarkEntry> _marks;
    private ulong _lastSerial;
    private ulong _serialAtReset;
    private int _scopeIndex = -1;

    // The most that was used at one time: ever, and of chunks with what they wasted since the last Reset.
    private nuint _peak;
    private nuint _needed;
    private nuint _retained;

    /// <summary>Remembers how much is allocated now, so that <see cref="Rewind"/> can free all that comes after.</summary>
    /// <returns>The mark, valid until <see cref="Reset"/>, <see cref="Dispose"/>, a rewind to an earlier mark, or the end of the scope in which it was made.</returns>
    /// <inheritdoc cref="Alloc{T}()" path="/exception"/>
    public BumpMark Mark()
    {
        ThrowIfDisposed();
        int last = _marks.Count - 1;
        if (last < 0 || !_marks[last].Position.IsAt(_next, _tiny, _asides.Count))
        {
            last = Push();
        }

        return new BumpMark(_id, _marks[last].Serial, last);
    }

    /// <summary>Frees all that was allocated after a mark, which stays valid.</summary>
    /// <param name="mark">A mark of this allocator.</param>
    /// <exception cref="ArgumentException">The mark is another allocator's or nobody's, or is no longer valid: an earlier one has been rewound to since, the scope in which it was made has ended, or the allocator has been reset.</exception>
    /// <exception cref="InvalidOperationException">A scope that began after the mark is open.</exception>
    /// <exception cref="ObjectDisposedException">The allocator has been disposed of.</exception>
    [InvalidatesReferences(Since = nameof(mark))]
    public void Rewind(BumpMark mark)
    {
        ThrowIfDisposed();
        if (mark.Allocator != _id)
        {
            throw AllocatorErrors.ForeignMark(nameof(mark), mark.Allocator == 0);
        }

        if (mark.Index >= _marks.Count || _marks[mark.Index].Serial != mark.Serial)
        {
            throw AllocatorErrors.StaleMark(nameof(mark), wasReset: mark.Serial <= _serialAtReset);
        }

        if (mark.Index < _scopeIndex)
        {
            throw AllocatorErrors.ScopeOpen(nameof(Rewind));
        }

        GoBack(_marks[mark.Index].Position);
        _marks.Count = mark.Index + 1;
    }

    /// <summary>Begins a scope: what is allocated until it is disposed of is freed then, and the compiler keeps its spans and references from outliving it.</summary>
    /// <returns>The scope; dispose of it, by a <c>using</c> declaration.</returns>
    /// <remarks>Scopes end in the reverse order of their beginning. While one is open, the allocator cannot be reset, rewound to before it, or disposed of, and of several only the innermost allocates.</remarks>
    /// <inheritdoc cref="Alloc{T}()" path="/exception"/>
    public BumpScope EnterScope()
    {
        ThrowIfDisposed();
        _scopeIndex = Push();
        _scope = _lastSerial;
        return new BumpScope(this, _scope, _scopeIndex);
    }

    /// <summary>Frees all that is allocated, and keeps as many chunks for the next round as recent rounds needed; the heap gets the others.</summary>
    /// <exception cref="InvalidOperationException">A scope is open.</exception>
    /// <exception cref="ObjectDisposedException">The allocator has been disposed of.</exception>
    [InvalidatesReferences]
    public void Reset()
    {
        ThrowIfDisposed();
        ThrowIfScopeOpen(nameof(Reset));
        GoBack(default);
        _marks.Count = 0;
        _serialAtReset = _lastSerial;
        _retained = nuint.Max(_needed, _retained - (_retained >> RetentionShift));
        _needed = 0;

        int kept = 0;
        for (nuint bytes = 0; kept < _chunks.Count && bytes < _retained; kept++)
        {
            bytes += _chunks[kept].Size;
        }

        FreeChunks(kept);
    }

    /// <summary>Gives all memory back to the heap. A second call does nothing, any other after it throws <see cref="ObjectDisposedException"/>.</summary>
    /// <exception cref="InvalidOperationException">A scope is open. Nothing has been freed.</exception>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of before the allocator, whose memory has gone with it.</exception>
    [InvalidatesReferences]
    [SuppressMessage("Design", "CA1065:Do not raise exceptions in unexpected locations", Justification = "Freeing what the spans of an open scope refer to would make safe code unsafe.")]
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        ThrowIfScopeOpen(nameof(Dispose));
        GoBack(default);
        _isDisposed = true;
        FreeChunks(keep: 0);
        _chunks.Release(_heap);
        _asides.Release(_heap);
        _marks.Release(_heap);
    }

    /// <summary>Throws if a scope is open, for an operation that would free what is allocated in it.</summary>
    internal void ThrowIfScopeOpen(string operation)
    {
        if (_scope != 0)
        {
            throw AllocatorErrors.ScopeOpen(operation);
        }
    }

    /// <summary>Ends a scope. It must be the innermost.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void LeaveScope(ulong serial, int index)
    {
        if (_scope != serial)
        {
            throw ScopeError(serial, index);
        }

        MarkEntry entry = _marks[index];
        GoBack(entry.Position);
        _marks.Count = index;
        _scopeIndex = entry.OuterScope;
        _scope = _scopeIndex < 0 ? 0 : _marks[_scopeIndex].Serial;
    }

    /// <summary>What is wrong with using a scope that is not the innermost open one.</summary>
    internal InvalidOperationException ScopeError(ulong serial, int index) =>
        AllocatorErrors.ScopeNotInnermost(isOpen: index < _marks.Count && _marks[index].Serial == serial);

    private static long TakeId() => Atomic.Add(ref s_lastId, 1);

    private int Push()
    {
        if (!_marks.TryReserve(_heap))
        {
            throw HeapErrors.OutOfMemory(_marks.NextBytes, _heap);
        }

        BumpPosition position = new() { Next = _next, Tiny = _tiny, TinyEnd = _tinyEnd, UsedBefore = _usedBefore, Wasted = _wasted, Entered = _entered, Asides = _asides.Count };
        _marks.Add(new MarkEntry { Position = position, Serial = ++_lastSerial, OuterScope = _scopeIndex });
        return _marks.Count - 1;
    }

    private void GoBack(BumpPosition position)
    {
        NotePeak();
        FreeAsides(position.Asides);
        EnterChunk(position.Entered);
        _next = position.Next;
        _tiny = position.Tiny;
        _tinyEnd = position.TinyEnd;
        _usedBefore = position.UsedBefore;
        _wasted = position.Wasted;
    }

    private void NotePeak()
    {
        _peak = nuint.Max(_peak, UsedBytes);
        _needed = nuint.Max(_needed, UsedBytes - _asideBytes + _wasted);
    }

    /// <summary>How far allocation has come. The default is the start.</summary>
    private struct BumpPosition
    {
        public byte* Next;
        public byte* Tiny;
        public byte* TinyEnd;
        public nuint UsedBefore;
        public nuint Wasted;
        public int Entered;
        public int Asides;

        // Whatever is allocated moves one of the three.
        public readonly bool IsAt(byte* next, byte* tiny, int asides) => Next == next && Tiny == tiny && Asides == asides;
    }

    private struct MarkEntry
    {
        public BumpPosition Position;
        public ulong Serial;
        public int OuterScope;
    }
}
