using NativeHeap.Central;
using NativeHeap.SizeClasses;

using Xunit;

namespace NativeHeap.Tests.Central;

/// <summary>What the allocator's own tables take beside a large heap of one size: spans, arenas, summaries and a thread's two magazines.</summary>
public sealed unsafe class MetadataShareTests
{
    private const nuint HeapBytes = 256 << 20;

    public static TheoryData<int> SlotSizes
    {
        get
        {
            TheoryData<int> sizes = [];
            for (int sizeClass = 1; sizeClass < SizeClass.Count; sizeClass++)
            {
                sizes.Add(SizeClass.SlotSize(sizeClass));
            }

            return sizes;
        }
    }

    [Theory]
    [MemberData(nameof(SlotSizes))]
    public void Metadata_takes_at_most_1_percent_of_a_heap_of_slots_of_32_bytes_or_more_and_3_of_smaller_ones(int slotSize)
    {
        CentralFixture fixture = new();
        CentralCache* central = fixture.Central(slotSize);
        void** slots = stackalloc void*[CentralCache.RefillBatch];
        Assert.True(central->TakeEmpty() != null && central->TakeEmpty() != null);
        while (fixture.Pages->GetTotals().Span < HeapBytes)
        {
            Assert.NotEqual(0, central->Refill(slots, CentralCache.RefillBatch, mayGrow: true));
        }

        double share = (double)fixture.MetadataBytes / fixture.Pages->MappedBytes;
        Assert.InRange(share, 0.001, slotSize >= 32 ? 0.01 : 0.03);
    }
}
