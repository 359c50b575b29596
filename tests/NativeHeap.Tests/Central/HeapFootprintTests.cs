using NativeHeap.Central;
using NativeHeap.Tests.Threads;
using NativeHeap.Threads;

using Xunit;

namespace NativeHeap.Tests.Central;

/// <summary>What a heap costs beside the memory for its objects: the tables of a thousand of them, counted.</summary>
public sealed unsafe class HeapFootprintTests
{
    private const int Heaps = 1_000;
    private const nuint KiB = 1_024;

    // The metadata allocator takes memory by the MiB.
    private const nuint Slack = 1_024 * KiB;

    [Fact]
    public void An_empty_heap_takes_less_than_two_KiB() => ThreadTests.Run(() =>
    {
        CentralFixture fixture = new();
        nuint before = fixture.MetadataBytes;
        _ = Take(fixture);
        Assert.InRange(fixture.MetadataBytes - before, 0u, (Heaps * 2 * KiB) + Slack);
    });

    [Fact]
    public void A_heap_of_a_few_objects_of_one_size_takes_less_than_four_KiB_and_three_more_for_each_further_thread() => ThreadTests.Run(() =>
    {
        CentralFixture fixture = new();
        ThreadRegistry* registry = ThreadRegistry.Create(fixture.Metadata, fixture.Set);
        nuint before = fixture.MetadataBytes;
        CentralSet*[] sets = Take(fixture);
        Use(registry, sets, 5);
        nuint first = fixture.MetadataBytes;
        Assert.InRange(first - before, 0u, (Heaps * 4 * KiB) + Slack);
        Use(registry, sets, 5);
        Assert.InRange(fixture.MetadataBytes - first, 0u, (Heaps * 3 * KiB) + Slack);
    });

    [Fact]
    public void Heaps_that_come_and_go_take_no_more_than_the_first() => ThreadTests.Run(() =>
    {
        CentralFixture fixture = new();
        ThreadRegistry* registry = ThreadRegistry.Create(fixture.Metadata, fixture.Set);
        ThreadRecord* record = registry->Attach();
        nuint bytes = 0;
        for (int round = 0; round < 12; round++)
        {
            CentralSet*[] sets = Take(fixture);
            foreach (CentralSet* set in sets)
            {
                Alloc(registry, record, set, 40);
            }

            foreach (CentralSet* set in sets)
            {
                registry->Abandon(set->Index);
                set->ReleaseAll();
                fixture.Indexes->Return(set);
            }

            Assert.Equal((nuint)0, fixture.Pages->GetTotals().Span);
            bytes = round < 2 ? fixture.MetadataBytes : bytes;
            Assert.Equal(bytes, fixture.MetadataBytes);
        }

        ThreadRecord.Current = null;
    });

    private static CentralSet*[] Take(CentralFixture fixture)
    {
        CentralSet*[] sets = new CentralSet*[Heaps];
        for (int i = 0; i < sets.Length; i++)
        {
            sets[i] = fixture.Indexes->Take();
        }

        return sets;
    }

    // As another thread does.
    private static void Use(ThreadRegistry* registry, CentralSet*[] sets, int count)
    {
        ThreadRecord* record = registry->Attach();
        foreach (CentralSet* set in sets)
        {
            Alloc(registry, record, set, count);
        }

        ThreadRecord.Current = null;
    }

    private static void Alloc(ThreadRegistry* registry, ThreadRecord* record, CentralSet* set, int count)
    {
        const int SpanClass = 13;
        ThreadCache* cache = registry->GetOrAddCache(record, set);
        for (int i = 0; i < count; i++)
        {
            Bin* bin = cache->GetBin(SpanClass);
            Assert.True(bin->Top != bin->Base ? bin->Pop() != null : cache->Alloc(SpanClass, mayGrow: true) != null);
        }
    }
}
