// What a pattern is: a loop over an allocator, written once, that does an amount of work which is the same for every
// subject.
//
// Load 1 is about a fifth of a second on one of our machines with an allocator of middling speed. Settling runs the same
// code with a small fraction of it, many times. The methods that hold a pattern's loop are not inlined: profile-guided, the
// JIT would draw one subject's into its caller and leave another's outside. What a pattern keeps is the harness's memory
// (Scratch) and no part of the time or the subject's memory.

using System;
using System.Collections.Generic;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Patterns;

internal interface IPattern
{
    /// <summary>Does the work and leaves nothing allocated, unless the pattern is about steady state.</summary>
    static abstract Outcome Run<TAllocation>(Load load)
        where TAllocation : struct, IUntyped;
}

/// <summary>How much of its work a pattern is to do.</summary>
internal readonly record struct Load(double Share)
{
    /// <summary>The N of the descriptions: a thread for each processor.</summary>
    public static int Threads => Environment.ProcessorCount;

    public int Of(int whole) => Math.Max(1, (int)(whole * Share));
}

/// <param name="Operations">Allocations, each with its free, or what the pattern counts instead.</param>
/// <param name="Time">Of all of them: on the clock that the pattern says.</param>
internal readonly record struct Outcome(long Operations, TimeSpan Time);

/// <summary>The harness's arrays: pinned, so that loops reach them without bounds checks, and kept from one run to the next, so that runs allocate nothing managed.</summary>
internal static class Scratch
{
    private static readonly Dictionary<(Type Type, int Key), Array> s_arrays = [];

    /// <summary>An array of at least a length, by a number that the pattern gives it. It holds what it held before; zeros at first.</summary>
    public static unsafe T* Get<T>(int key, int length)
        where T : unmanaged
    {
        lock (s_arrays)
        {
            if (!s_arrays.TryGetValue((typeof(T), key), out Array? found) || found.Length < length)
            {
                s_arrays[(typeof(T), key)] = found = GC.AllocateArray<T>(length, pinned: true);
            }

            fixed (T* first = (T[])found)
            {
                return first;
            }
        }
    }
}

/// <summary>
/// Random numbers at a cost that is small beside an allocation's: the upper half of a linear congruential generator's state (Knuth's multiplier). The same for every subject.
/// </summary>
internal struct Rng(int seed)
{
    private ulong _state = ((ulong)(uint)seed + 1) * 0x9E37_79B9_7F4A_7C15;

    public uint Next()
    {
        _state = (_state * 6_364_136_223_846_793_005) + 1_442_695_040_888_963_407;
        return (uint)(_state >> 32);
    }

    /// <summary>Uniform in [0, bound).</summary>
    public uint Below(uint bound) => (uint)(((ulong)Next() * bound) >> 32);
}
