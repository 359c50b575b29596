// What a thread has at hand of one bucket: two magazines (Bonwick and Adams, "Magazines and Vmem", 2001, section 3.1), and one buffer before them.
//
//     Top      to rent and return in turn writes constants only, and no call waits for the store of the one before
//     Loaded   where buffers are taken and put                    0 <= Count <= size of a magazine
//     Spare    full (SpareCount = size) or empty (0): takes its place when it has run out or filled up, so that a thread that goes to and fro at the border leaves the depot alone
//
// Whose they are at which time, says ThreadMagazines.cs.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

using NativeHeap.Platform;

namespace NativeHeap.Buffers;

/// <summary>A thread's magazines of a bucket.</summary>
internal struct MagazinePair
{
    /// <summary>The buffer before the magazines, if <see cref="IsTopSet"/>; null if a trim has taken it.</summary>
    public NativeMemoryOwner? Top;

    // Those of the loaded magazine, a step closer; empty without one.
    private NativeMemoryOwner?[] _owners;
    private Magazine? _loaded;
    private Magazine? _spare;

    /// <summary>Whether there is a buffer before the magazines, as far as the thread knows: 0 or 1.</summary>
    public int IsTopSet;

    private int _count;
    private int _spareCount;

    /// <summary>Makes it 64 bytes long: pairs are a shift away from one another.</summary>
    public Padding Rest;

    /// <summary>Makes one without magazines.</summary>
    public MagazinePair() => _owners = [];

    /// <summary>Whether its depot has been told of the thread.</summary>
    public bool HasBegun { get; set; }

    /// <summary>The buffers in all, as seen by whoever asks.</summary>
    public readonly int Total => Volatile.Read(in _count) + Volatile.Read(in _spareCount) + (Volatile.Read(in IsTopSet) != 0 && Volatile.Read(in Top) != null ? 1 : 0);

    /// <summary>Takes a buffer from the magazines.</summary>
    /// <returns>The buffer, or null if they have none.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public NativeMemoryOwner? Take()
    {
        int last = _count - 1;
        if (last < 0)
        {
            return TakeFromSpare();
        }

        _count = last;
        return Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_owners), last);
    }

    /// <summary>Puts a buffer into the magazines.</summary>
    /// <returns>Whether there was room for it.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryPut(NativeMemoryOwner owner)
    {
        NativeMemoryOwner?[] owners = _owners;
        int count = _count;
        if (count >= owners.Length)
        {
            return TryPutIntoSpare(owner);
        }

        Write(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(owners), count), owner);
        _count = count + 1;
        return true;
    }

    /// <summary>Takes the buffer before the magazines, or finds that somebody else has: one of a thread and a trim gets it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public NativeMemoryOwner? ContestTop()
    {
        DelayInjection.Pass(DelayPoint.TopContested);
        return Atomic.Exchange(ref Top, null);
    }

    /// <summary>Puts a buffer before the magazines, where there is none, for whoever looks at <see cref="IsTopSet"/> afterwards.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetTop(NativeMemoryOwner owner)
    {
        Write(ref Top, owner);
        Volatile.Write(ref IsTopSet, 1);
    }

    /// <summary>Takes a full magazine in, if there is no buffer in the loaded one.</summary>
    /// <returns>Who is over: an empty magazine whose place it has taken, or null if there was none; the full one itself if it has not been taken in.</returns>
    public Magazine? Load(Magazine magazine)
    {
        Magazine? over = magazine;
        if (_count == 0)
        {
            over = _loaded;
            Install(magazine, magazine.Owners.Length);
        }

        return over;
    }

    /// <summary>Takes an empty magazine in, if there is a place for one, or in exchange for a full one.</summary>
    /// <param name="empty">The magazine.</param>
    /// <param name="full">A full magazine, which is over now; or null.</param>
    /// <returns>Whether it has been taken in.</returns>
    public bool MakeRoom(Magazine empty, out Magazine? full)
    {
        full = null;
        if (_loaded == null)
        {
            Install(empty, 0);
            return true;
        }

        if (_count < _owners.Length || (_spare != null && _spareCount == 0))
        {
            return false;
        }

        full = _spare;
        _spare = empty;
        _spareCount = 0;
        return true;
    }

    /// <summary>Moves all buffers to their depot but the one before the magazines.</summary>
    public void Empty(BufferDepot depot)
    {
        if (_spareCount != 0)
        {
            depot.PutMagazine(_spare!);
            _spare = null;
            _spareCount = 0;
        }

        if (_count != 0)
        {
            depot.Put(_owners.AsSpan(0, _count)!);
            _count = 0;
        }
    }

    // It mostly is there already, and then there is no reference to write, which the collector would have to be told of.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write(ref NativeMemoryOwner? place, NativeMemoryOwner owner)
    {
        if (place != owner)
        {
            place = owner;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private NativeMemoryOwner? TakeFromSpare()
    {
        if (_spareCount == 0)
        {
            return null;
        }

        SwapWithSpare();
        return _owners[--_count];
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryPutIntoSpare(NativeMemoryOwner owner)
    {
        if (_spare == null || _spareCount != 0)
        {
            return false;
        }

        SwapWithSpare();
        _owners[_count++] = owner;
        return true;
    }

    private void SwapWithSpare()
    {
        Magazine loaded = _loaded!;
        int count = _count;
        Install(_spare!, _spareCount);
        _spare = loaded;
        _spareCount = count;
    }

    private void Install(Magazine magazine, int count)
    {
        _loaded = magazine;
        _owners = magazine.Owners;
        _count = count;
    }

    /// <summary>What nobody uses.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 16)]
    public struct Padding;
}
