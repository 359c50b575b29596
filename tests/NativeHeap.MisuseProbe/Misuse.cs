// One cell of the matrix: a pattern, with blocks of a kind, in a heap at a level.
//
//     neighbours       blocks on either side, written, so that what reaches beyond a block reaches something, as in a program
//     the pattern      Wrong(...) is around the one call or instruction that is wrong: an error from there is "at once"
//     later            as a program goes on: has the heap verified, frees what it has, flushes, allocates and frees as much again, trims, disposes of the heap; an error from there is "late"
//     verification     whatever was done, the allocator is whole: Verification.cs
//
// A process that ends instead has said how far it had come: each phase is announced before it begins. What was refused at once has changed nothing, so nothing may be found later.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

using NativeHeap.Heaps;
using NativeHeap.Threads;

namespace NativeHeap.MisuseProbe;

/// <summary>A pattern at work.</summary>
/// <param name="mode">How closely its heaps look.</param>
/// <param name="kind">Its blocks; null if the pattern makes its own.</param>
/// <param name="announce">Told of each phase.</param>
internal sealed unsafe class Misuse(Mode mode, BlockKind? kind, Action<Phase> announce)
{
    private const byte Secret = (byte)'A';
    private const byte Neighbour = (byte)'n';
    private const int Neighbours = 5;

    private readonly List<nint> _live = [];
    private readonly List<Heap> _heaps = [];
    private Heap? _heap;
    private Phase _phase;
    private Outcome? _outcome;
    private bool _reachesBack;

    /// <summary>The heap that the blocks are of.</summary>
    public Heap Heap => _heap ??= NewHeap("misuse");

    /// <summary>The heap, for an allocation that is a guarded sample if any may be: it takes the slow path, where a sample is due. The object stands where the pattern's mistake meets the guard.</summary>
    public Heap FreshHeap
    {
        get
        {
            if (mode.IsGuarded)
            {
                Attempt(Heap.FlushThread);
                ref SampleCountdown samples = ref HeapProcess.GetThread()->Samples;
                uint seed = 1;
                do
                {
                    samples.Begin(seed++);
                    samples.Restart();
                }
                while ((samples.Next() & 1) == (_reachesBack ? 1u : 0u));

                samples.Begin(seed - 1);
                samples.Count(1_000);
            }

            return Heap;
        }
    }

    /// <summary>The size of the blocks.</summary>
    public int Size => Kind.Bytes;

    /// <summary>What was reported.</summary>
    public string Report { get; private set; } = "";

    private BlockKind Kind => kind ?? throw new InvalidOperationException("The pattern makes its own blocks.");

    /// <summary>Another heap at the level.</summary>
    public Heap NewHeap(string name)
    {
        Heap heap = new(new HeapOptions { Check = mode.Level, GuardedSampleBytes = mode.IsGuarded ? 1 : 0, Name = name });
        _heaps.Add(heap);
        return heap;
    }

    /// <summary>Allocates a block, which is freed later unless the pattern does that.</summary>
    public byte* Alloc()
    {
        byte* block = Kind.Alloc(FreshHeap);
        _live.Add((nint)block);
        return block;
    }

    /// <summary>Frees what is to be a block.</summary>
    public void Free(byte* block) => Free(Heap, block);

    /// <summary>Frees to some heap what is to be a block of it.</summary>
    public void Free(Heap heap, byte* block)
    {
        Kind.Free(heap, block);
        _ = _live.Remove((nint)block);
    }

    /// <summary>Ends all blocks of the heap at once.</summary>
    public void End(Action<Heap> end)
    {
        end(Heap);
        _live.Clear();
    }

    /// <summary>Writes into all of a block what nobody else is to read.</summary>
    public void WriteSecret(byte* block) => NativeMemory.Fill(block, (nuint)Size, Secret);

    /// <summary>Does what is wrong.</summary>
    public void Wrong(Action action)
    {
        Enter(Phase.Wrong);
        action();
        Enter(Phase.Later);
    }

    /// <summary>Reads what is not to be read, and looks whether that is anybody's secret.</summary>
    public void WrongRead(byte* start, int count)
    {
        bool isSecret = false;
        Wrong(() => isSecret = new ReadOnlySpan<byte>(start, count).Contains(Secret));
        _outcome = isSecret ? Outcome.NotFound : Outcome.SeesFill;
    }

    /// <summary>Says of a foothold whether there is one.</summary>
    public void Decide(bool isThere)
    {
        Enter(Phase.Later);
        _outcome = isThere ? Outcome.NotFound : Outcome.Prevented;
    }

    /// <summary>Runs all of it.</summary>
    public Outcome Run(Pattern pattern)
    {
        Enter(Phase.Before);
        _reachesBack = pattern.ReachesBack;
        AddNeighbours(pattern);
        Attempt(() => pattern.Run(this));
        if (_phase == Phase.Before)
        {
            throw new InvalidOperationException($"{pattern.Name} came to nothing wrong. {Report}");
        }

        Enter(Phase.Later);
        GoOn(pattern);
        Enter(Phase.Verification);
        Verification.RunIn(Heap.Shared);
        Verification.LookAtStructures();
        return _outcome ?? Outcome.NotFound;
    }

    private void Enter(Phase phase)
    {
        _phase = phase;
        announce(phase);
    }

    private void AddNeighbours(Pattern pattern)
    {
        for (int i = 0; kind != null && !pattern.IsFar && i < Neighbours; i++)
        {
            Attempt(() => NativeMemory.Fill(Alloc(), (nuint)Size, Neighbour));
        }
    }

    // Wrong pointers are out of all magazines, and found, before anything is allocated anew: what an unchecked heap hands out until then is documented.
    private void GoOn(Pattern pattern)
    {
        Attempt(Heap.FlushThread);
        AddNeighbours(pattern);
        Attempt(Heap.Verify);
        foreach (nint block in _live.ToArray())
        {
            Attempt(() => Free((byte*)block));
        }

        Attempt(Heap.FlushThread);
        for (int left = kind == null ? 0 : Math.Clamp((4 << 20) / Size, 20, 2_000); left > 0; left--)
        {
            Attempt(() => Kind.Free(Heap, Kind.Alloc(Heap)));
        }

        // What is in magazines, in depots' too.
        Attempt(() => Heap.Trim());
        foreach (Heap heap in _heaps)
        {
            Attempt(() => Verification.RunIn(heap));
        }

        foreach (Heap heap in _heaps)
        {
            Attempt(heap.Dispose);
        }
    }

    private void Attempt(Action action)
    {
        try
        {
            action();
        }
        catch (Exception error) when (error is HeapCorruptionException or ArgumentException || (error is ObjectDisposedException && _phase == Phase.Wrong))
        {
            if (_phase == Phase.Wrong)
            {
                _outcome = Outcome.AtOnce;
                Report = error.Message;
            }
            else if (_outcome == Outcome.AtOnce)
            {
                throw new InvalidOperationException($"Refused at once ({Report}), and yet found later: {error.Message}", error);
            }
            else if (_outcome is null or Outcome.NotFound)
            {
                _outcome = Outcome.Late;
                Report = error.Message;
            }
        }
        catch (ObjectDisposedException) when (_phase == Phase.Later)
        {
            // The pattern has ended the heap.
        }
    }
}
