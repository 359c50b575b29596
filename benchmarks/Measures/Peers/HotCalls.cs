// M7: ten million calls of each hot operation, and what they allocate on the GC's heap. The count is over all threads and
// exact, so a single byte anywhere in the runtime's slow paths shows.
//
// What is an object of a class itself (a heap, an allocator) is made in the warm-up and used from then on; tables, pools and
// collections are structs, and made by each call.

using System;
using System.Collections.Generic;
using System.Globalization;

namespace NativeHeap.Benchmarks.Measures.Peers;

internal static class HotCalls
{
    public const int Operations = 10_000_000;

    private static readonly Dictionary<string, Action<int>> s_operations = new()
    {
        ["stubs/alloc"] = StubCalls.AllocAndFree,
        ["stubs/alloc-value"] = StubCalls.AllocValueAndFree,
        ["stubs/alloc-zeroed"] = StubCalls.AllocZeroedAndFree,
        ["stubs/window"] = StubCalls.Window,
        ["stubs/batch"] = StubCalls.Batch,
        ["stubs/rent"] = StubCalls.Rent,
        ["stubs/detach"] = StubCalls.Detach,
        ["heap/alloc"] = HeapCalls.AllocAndFree,
        ["heap/batch"] = HeapCalls.Batch,
        ["heap/rent"] = HeapCalls.Rent,
        ["heap/reset"] = HeapCalls.Reset,
        ["heap/walk"] = HeapCalls.Walk,
        ["untyped/alloc"] = HeapCalls.AllocUntyped,
        ["untyped/realloc"] = HeapCalls.Realloc,
        ["table/churn"] = EntityCalls.ChurnTable,
        ["table/lookup"] = EntityCalls.LookUpInTable,
        ["table/iterate"] = EntityCalls.IterateTable,
        ["table/grow"] = EntityCalls.GrowTable,
        ["pool/churn"] = EntityCalls.ChurnPool,
        ["pool/lookup"] = EntityCalls.LookUpInPool,
        ["pool/iterate"] = EntityCalls.IteratePool,
        ["pool/grow"] = EntityCalls.GrowPool,
        ["box/make"] = CollectionCalls.Boxes,
        ["array/make"] = CollectionCalls.Arrays,
        ["list/churn"] = CollectionCalls.ChurnList,
        ["list/grow"] = CollectionCalls.GrowList,
        ["dictionary/churn"] = CollectionCalls.ChurnDictionary,
        ["dictionary/grow"] = CollectionCalls.GrowDictionary,
        ["bump/alloc"] = AllocatorCalls.Bump,
        ["bump/span"] = AllocatorCalls.BumpSpans,
        ["bump/scope"] = AllocatorCalls.Scopes,
        ["bump/frames"] = AllocatorCalls.Frames,
        ["free-list/fits"] = AllocatorCalls.Fits,
        ["compacting/alloc"] = AllocatorCalls.Compact,
    };

    public static IReadOnlyCollection<string> Names => s_operations.Keys;

    /// <summary>Answers with bytes and collections, separated by a space.</summary>
    public static string Measure(string name)
    {
        Action<int> operation = s_operations[name];
        operation(Operations / 100);
        _ = GC.GetTotalAllocatedBytes(precise: true);

        int collectionsBefore = GC.CollectionCount(0);
        long bytesBefore = GC.GetTotalAllocatedBytes(precise: true);
        operation(Operations);
        long bytes = GC.GetTotalAllocatedBytes(precise: true) - bytesBefore;
        int collections = GC.CollectionCount(0) - collectionsBefore;
        return string.Create(CultureInfo.InvariantCulture, $"{bytes} {collections}");
    }
}
