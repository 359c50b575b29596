// The cells of M12: what is done with buffers of which length, and whose.
//
//     pair/64          rented and returned in turn, one thread
//     write/64         the same, and the first word written
//     batch/100/64     so many rented, then all returned
//     cross/64         rented by one thread, returned by another
//     mixed            of any length, 256 at a time
//     handoff/object/64, handoff/message/64      an object of a type with stubs, or a message counted by reference, through a ring in native memory, beside arrays through the same ring of references
//
// The goal is for all that only rents and returns: pair, batch and cross.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Buffers;

/// <param name="Name">What users filter by and what result files hold.</param>
/// <param name="Goal">The goal that it belongs to; null for none.</param>
/// <param name="Subjects">Who is measured.</param>
/// <param name="Runner">Makes a subject's runner.</param>
internal sealed record BufferCell(string Name, string? Goal, IReadOnlyList<string> Subjects, Func<string, BufferRunner> Runner)
{
    private static readonly int[] s_lengths = [64, 1024, KestrelSource.Length, 16 * 1024, 64 * 1024];
    private static readonly string[] s_handingOff = [Subject.NativeHeapName, Subject.ArrayPoolName];

    /// <summary>Every cell, in the order in which they are measured and printed.</summary>
    public static IReadOnlyList<BufferCell> All { get; } =
    [
        .. s_lengths.Select(length => Of($"pair/{length}", BuffersGoals.Worst, length, new Pairs(length))),
        .. s_lengths.Select(length => Of($"write/{length}", null, length, new Writes(length))),
        .. s_lengths.Select(length => Of($"batch/100/{length}", BuffersGoals.Worst, length, new Batches(length, 100))),
        .. s_lengths.Select(length => Of($"batch/1k/{length}", BuffersGoals.Worst, length, new Batches(length, 1_000))),
        .. s_lengths.Select(length => Of($"cross/{length}", BuffersGoals.Worst, length, new Crosses(length))),
        new("mixed", null, BufferSubjects.OfAnyLength, subject => BufferSubjects.Select(subject, default(Mixes))),
        HandingOff<ObjectBuffers<Block64>, nint>("handoff/object", 64),
        HandingOff<MessageBuffers, MessageBuffer>("handoff/message", 64),
    ];

    public static BufferCell Parse(string name) => All.First(cell => cell.Name == name);

    private static BufferCell Of(FormattableString name, string? goal, int length, IBufferUser<BufferRunner> making)
        => new(
            name.ToString(CultureInfo.InvariantCulture),
            goal,
            length == KestrelSource.Length ? BufferSubjects.All : BufferSubjects.OfAnyLength,
            subject => BufferSubjects.Select(subject, making));

    private static BufferCell HandingOff<TBuffers, TItem>(string name, int length)
        where TBuffers : struct, IBuffers<TItem>
        where TItem : unmanaged
        => new(
            string.Create(CultureInfo.InvariantCulture, $"{name}/{length}"),
            BuffersGoals.HandOff,
            s_handingOff,
            subject => subject == Subject.NativeHeapName
                ? new CrossRunner<TBuffers, TItem, NativeRing<TItem>>(length, new(new NativeSpscRing<TItem>(Crossing.Capacity)))
                : BufferSubjects.Select(subject, new Crosses(length)));

    private sealed class Pairs(int length) : IBufferUser<BufferRunner>
    {
        public BufferRunner Use<TBuffers, TItem>()
            where TBuffers : struct, IBuffers<TItem>
            where TItem : struct
            => new PairRunner<TBuffers, TItem>(length);
    }

    private sealed class Writes(int length) : IBufferUser<BufferRunner>
    {
        public BufferRunner Use<TBuffers, TItem>()
            where TBuffers : struct, IBuffers<TItem>
            where TItem : struct
            => new WriteRunner<TBuffers, TItem>(length);
    }

    private sealed class Batches(int length, int count) : IBufferUser<BufferRunner>
    {
        public BufferRunner Use<TBuffers, TItem>()
            where TBuffers : struct, IBuffers<TItem>
            where TItem : struct
            => new BatchRunner<TBuffers, TItem>(length, count);
    }

    private sealed class Crosses(int length) : IBufferUser<BufferRunner>
    {
        public BufferRunner Use<TBuffers, TItem>()
            where TBuffers : struct, IBuffers<TItem>
            where TItem : struct
            => new CrossRunner<TBuffers, TItem, ManagedRing<TItem>>(length, new(Crossing.Capacity));
    }

    private readonly struct Mixes : IBufferUser<BufferRunner>
    {
        public BufferRunner Use<TBuffers, TItem>()
            where TBuffers : struct, IBuffers<TItem>
            where TItem : struct
            => new MixedRunner<TBuffers, TItem>();
    }
}
