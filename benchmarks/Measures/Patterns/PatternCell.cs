// The cells of M4: a pattern each, and which goals it counts for. alloc-test has two, alone and together, and both count.

using System;
using System.Collections.Generic;
using System.Linq;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Patterns;

internal enum Counts
{
    /// <summary>For M4.geomean and M4.worst, against the fastest peer.</summary>
    Speed,

    /// <summary>For M4.kernel, against the fastest peer: most of the time is the system's.</summary>
    Kernel,

    /// <summary>For M4.kernel, against tcmalloc: most of the time is the harness's own writes.</summary>
    KernelAgainstTcmalloc,
}

/// <param name="Name">What users filter by and result files hold.</param>
/// <param name="Counts">What for.</param>
/// <param name="Clock">Whose time it is: the thread's or the wall's.</param>
internal abstract record PatternCell(string Name, Counts Counts, string Clock)
{
    public const string Wall = "wall";
    public const string Core = "core";

    /// <summary>Every cell, in the order in which they are measured and printed.</summary>
    public static IReadOnlyList<PatternCell> All { get; } =
    [
        new PatternCell<Larson>("larson", Counts.Speed, Wall),
        new PatternCell<MStress>("mstress", Counts.Speed, Wall),
        new PatternCell<RPTest>("rptest", Counts.Speed, Wall),
        new PatternCell<AllocTestAlone>("alloc-test/1", Counts.Speed, Core),
        new PatternCell<AllocTestTogether>("alloc-test/N", Counts.Speed, Wall),
        new PatternCell<Sh6Bench>("sh6bench", Counts.Speed, Wall),
        new PatternCell<Sh8Bench<ManySizes>>("sh8bench", Counts.Speed, Wall),
        new PatternCell<XMallocTest>("xmalloc-test", Counts.Speed, Wall),
        new PatternCell<GlibcSimple>("glibc-simple", Counts.Speed, Core),
        new PatternCell<GlibcThread>("glibc-thread", Counts.Speed, Wall),
        new PatternCell<MallocLarge>("malloc-large", Counts.Kernel, Core),
        new PatternCell<MLeak>("mleak", Counts.Kernel, Wall),
        new PatternCell<CacheScratch>("cache-scratch", Counts.KernelAgainstTcmalloc, Wall),
    ];

    public static PatternCell Parse(string name) => All.First(cell => cell.Name == name);

    /// <summary>The peers that the cell is compared with.</summary>
    public IReadOnlyList<string> Peers => Counts == Counts.KernelAgainstTcmalloc ? [Subject.TcmallocName] : UntypedSubjects.PeerNames;

    /// <summary>The pattern over a subject: what is called to settle and to measure.</summary>
    public abstract Func<Load, Outcome> Over(string subject);
}

internal sealed record PatternCell<TPattern>(string Name, Counts Counts, string Clock) : PatternCell(Name, Counts, Clock)
    where TPattern : struct, IPattern
{
    public override Func<Load, Outcome> Over(string subject) => UntypedSubjects.Select(subject, default(Runner));

    private readonly struct Runner : IUntypedUser<Func<Load, Outcome>>
    {
        public Func<Load, Outcome> Use<TAllocation>()
            where TAllocation : struct, IUntyped
            => TPattern.Run<TAllocation>;
    }
}
