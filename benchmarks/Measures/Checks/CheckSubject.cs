// Whom `checks` measures: the same code, in processes that were started with different settings. Each subject sets all of them, so that what the user's own environment says does not count.

using System.Collections.Generic;
using System.Linq;

namespace NativeHeap.Benchmarks.Measures.Checks;

/// <param name="Name">As in tables and filters.</param>
/// <param name="Check">The check level.</param>
/// <param name="Guarded">Whether guarded samples are taken, at the usual rate.</param>
/// <param name="Hardening">What heaps do against whoever makes use of mistakes.</param>
internal sealed record CheckSubject(string Name, CheckLevel Check = CheckLevel.Off, bool Guarded = false, HeapHardening Hardening = HeapHardening.None)
{
    /// <summary>What the others are measured beside.</summary>
    public static CheckSubject Off { get; } = new(nameof(CheckLevel.Off));

    public static CheckSubject Basic { get; } = new(nameof(CheckLevel.Basic), CheckLevel.Basic);

    public static CheckSubject Full { get; } = new(nameof(CheckLevel.Full), CheckLevel.Full);

    public static CheckSubject Sampled { get; } = new("Guarded", Guarded: true);

    /// <summary>All, in the order of the tables' columns.</summary>
    public static IReadOnlyList<CheckSubject> All { get; } =
    [
        Off,
        Basic,
        Full,
        Sampled,
        new(nameof(HeapHardening.RandomOrder), Hardening: HeapHardening.RandomOrder),
        new(nameof(HeapHardening.ZeroOnFree), Hardening: HeapHardening.ZeroOnFree),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. All.Select(subject => subject.Name)];

    /// <summary>What its process is started with.</summary>
    public IReadOnlyCollection<KeyValuePair<string, string>> Environment =>
    [
        new("NATIVEHEAP_CHECK", Check.ToString()),
        new("NATIVEHEAP_GUARDED", Guarded ? "true" : "false"),
        new("NATIVEHEAP_HARDENING", Hardening.ToString()),
    ];
}
