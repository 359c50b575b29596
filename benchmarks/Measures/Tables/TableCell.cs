// The cells of M11: what is done, in which structure of NativeHeap, among how many elements, of how many bytes; and the one thing that it is measured beside, which is what a program
// would have otherwise, or the least that anything could cost.
//
//     iterate/table/1M/64       the values of a table       beside a plain Span
//     iterate/entries, pool     a table, a pool, with the handles at hand
//     lookup/table/10k/64       by handle                   beside an array by its index
//     lookup/bare/10k/64        slot, generation, value     beside the same array: the least that a lookup by way of a slot can cost, with no table around it
//     churn/table/10k/64        remove one and add one      beside a Dictionary of class objects
//     dispose/ordered/1M/64     the end of a heap           beside Free of each object
//     bump/64, scope/64         linear allocation           beside a bare pointer
//     map/hit/10k/16            a dictionary                beside a Dictionary: here the last part is the bytes of a key
//     list/fill/10k/8           a list                      beside a List
//
// The goals are of tables, heaps and bump allocators; cells without one are there to be read beside them. The end of a heap takes a time that grows with its bytes, freeing one that grows with
// its objects, so that their ratio says little without a size: the goal is for 64 bytes.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Tables;

/// <param name="Name">What users filter by and what result files hold.</param>
/// <param name="Goal">The goal that it belongs to; null for none.</param>
/// <param name="Beside">The subject that NativeHeap is measured beside.</param>
/// <param name="Own">Makes NativeHeap's runner.</param>
/// <param name="Other">Makes the other's.</param>
internal sealed record TableCell(string Name, string? Goal, string Beside, Func<TableRunner> Own, Func<TableRunner> Other)
{
    public const string SpanName = "Span";
    public const string ArrayName = "array";
    public const string DictionaryName = "Dictionary";
    public const string ListName = "List";
    public const string FreeName = "Free";

    private static readonly int[] s_counts = [10_000, 1_000_000];

    /// <summary>Every cell, in the order in which they are measured and printed.</summary>
    public static IReadOnlyList<TableCell> All { get; } =
    [
        .. Iterations<Block16>("16"),
        .. Iterations<Block64>("64"),
        .. s_counts.SelectMany(Lookups<Block16>("16")),
        .. s_counts.SelectMany(Lookups<Block64>("64")),
        .. s_counts.SelectMany(Churns<Block64>("64")),
        .. Disposals<Block16>("16", null),
        .. Disposals<Block64>("64", TablesGoals.Dispose),
        .. Disposals<Block256>("256", null),
        .. Bumps<Block16>("16"),
        .. Bumps<Block64>("64"),
        .. Bumps<Block256>("256"),
        .. s_counts.SelectMany(Maps("8", i => i * 1_000_003L)),
        .. s_counts.SelectMany(Maps("16", i => new WideKey(i * 1_000_003L, i))),
        .. s_counts.SelectMany(Lists),
    ];

    public string[] Subjects => [Subject.NativeHeapName, Beside];

    public static TableCell Parse(string name) => All.First(cell => cell.Name == name);

    public TableRunner Runner(string subject) => subject == Beside ? Other() : Own();

    private static TableCell[] Iterations<T>(string size)
        where T : unmanaged
        =>
        [
            new($"iterate/table/1M/{size}", TablesGoals.Iterate, SpanName, () => new TableIteration<T>(), () => new SpanIteration<T>()),
            new($"iterate/entries/1M/{size}", null, SpanName, () => new EntryIteration<T>(), () => new SpanIteration<T>()),
            new($"iterate/pool/1M/{size}", null, SpanName, () => new PoolIteration<T>(), () => new SpanIteration<T>()),
        ];

    private static Func<int, TableCell[]> Lookups<T>(string size)
        where T : unmanaged
        => count =>
        [
            new($"lookup/table/{Short(count)}/{size}", TablesGoals.Lookup, ArrayName, () => new TableLookup<T>(count), () => new ArrayLookup<T>(count)),
            new($"lookup/bare/{Short(count)}/{size}", null, ArrayName, () => new BareLookup<T>(count), () => new ArrayLookup<T>(count)),
            new($"lookup/pool/{Short(count)}/{size}", null, ArrayName, () => new PoolLookup<T>(count), () => new ArrayLookup<T>(count)),
        ];

    private static Func<int, TableCell[]> Churns<T>(string size)
        where T : unmanaged
        => count =>
        [
            new($"churn/table/{Short(count)}/{size}", TablesGoals.Churn, DictionaryName, () => new TableChurn<T>(count), () => new DictionaryChurn<T>(count)),
            new($"churn/pool/{Short(count)}/{size}", null, DictionaryName, () => new PoolChurn<T>(count), () => new DictionaryChurn<T>(count)),
        ];

    private static TableCell[] Disposals<T>(string size, string? goal)
        where T : unmanaged, IBlock<T>
        =>
        [
            new($"dispose/ordered/1M/{size}", goal, FreeName, () => new HeapDisposal<T>(), () => new FreeingSingly<T>(inOrder: true)),
            new($"dispose/random/1M/{size}", goal, FreeName, () => new HeapDisposal<T>(), () => new FreeingSingly<T>(inOrder: false)),
        ];

    private static TableCell[] Bumps<T>(string size)
        where T : unmanaged, IBlock<T>
        =>
        [
            new($"bump/{size}", TablesGoals.Bump, Subject.BumpName, () => new Bumping<T>(), () => new BarePointer<T>()),
            new($"scope/{size}", null, Subject.BumpName, () => new ScopedBumping<T>(), () => new BarePointer<T>()),
        ];

    private static Func<int, TableCell[]> Maps<TKey>(string size, Func<int, TKey> makeKey)
        where TKey : unmanaged
        => count =>
        [
            new($"map/hit/{Short(count)}/{size}", null, DictionaryName, () => new MapHits<NativeMap<TKey>, TKey>(count, makeKey), () => new MapHits<ManagedMap<TKey>, TKey>(count, makeKey)),
            new($"map/miss/{Short(count)}/{size}", null, DictionaryName, () => new MapMisses<NativeMap<TKey>, TKey>(count, makeKey), () => new MapMisses<ManagedMap<TKey>, TKey>(count, makeKey)),
            new($"map/churn/{Short(count)}/{size}", null, DictionaryName, () => new MapChurn<NativeMap<TKey>, TKey>(count, makeKey), () => new MapChurn<ManagedMap<TKey>, TKey>(count, makeKey)),
            new($"map/fill/{Short(count)}/{size}", null, DictionaryName, () => new MapFill<NativeMap<TKey>, TKey>(count, makeKey), () => new MapFill<ManagedMap<TKey>, TKey>(count, makeKey)),
        ];

    private static TableCell[] Lists(int count) =>
    [
        new($"list/fill/{Short(count)}/8", null, ListName, () => new NativeListFill(count), () => new ManagedListFill(count)),
        new($"list/index/{Short(count)}/8", null, ListName, () => new NativeListByIndex(count), () => new ManagedListByIndex(count)),
        new($"list/foreach/{Short(count)}/8", null, ListName, () => new NativeListWalk(count), () => new ManagedListWalk(count)),
    ];

    private static string Short(int count) => string.Create(CultureInfo.InvariantCulture, $"{(count < 1_000_000 ? $"{count / 1_000}k" : $"{count / 1_000_000}M")}");
}
