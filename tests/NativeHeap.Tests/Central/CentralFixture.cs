using System;
using System.Collections.Generic;

using NativeHeap.Central;
using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;

using Xunit;

namespace NativeHeap.Tests.Central;

/// <summary>Central caches over a page heap of their own, and what tests do to them.</summary>
internal sealed unsafe class CentralFixture
{
    public CentralFixture()
    {
        Pages = PageHeap.Create(Metadata);
        Indexes = HeapIndexes.Create(Metadata, Pages);
        Set = Indexes->Take();
    }

    /// <summary>Where the tables come from.</summary>
    public MetadataAllocator* Metadata { get; } = MetadataAllocator.Create();

    public PageHeap* Pages { get; }

    public HeapIndexes* Indexes { get; }

    /// <summary>The bytes of all tables.</summary>
    public nuint MetadataBytes => Metadata->Bytes + Pages->TableBytes;

    /// <summary>The heap under index 0.</summary>
    public CentralSet* Set { get; }

    /// <summary>The central cache of the slots that hold <paramref name="size"/> bytes.</summary>
    public CentralCache* Central(int size) => CentralSet.GetOrCreate(Set, SizeClass.ToSpanClass(SizeClass.ClassOf(size), noScan: true));

    /// <summary>Lifts slots, all of which there must be, in the order in which a bin pops them.</summary>
    public static List<nint> Take(CentralCache* central, int count)
    {
        List<nint> taken = [];
        void** slots = stackalloc void*[CentralCache.RefillBatch];
        while (taken.Count < count)
        {
            int got = central->Refill(slots, count - taken.Count, mayGrow: true);
            Assert.InRange(got, 1, int.Min(CentralCache.RefillBatch, count - taken.Count));
            for (int i = got - 1; i >= 0; i--)
            {
                taken.Add((nint)slots[i]);
            }
        }

        return taken;
    }

    /// <summary>Gives slots back to their spans.</summary>
    /// <returns>The first pointer found bad, or 0.</returns>
    public static nint Give(CentralCache* central, params ReadOnlySpan<nint> pointers)
    {
        nint bad = 0;
        for (; pointers.Length > 0; pointers = pointers[int.Min(CentralCache.FlushBatch, pointers.Length)..])
        {
            fixed (nint* batch = pointers)
            {
                void* found = central->Flush((void**)batch, int.Min(CentralCache.FlushBatch, pointers.Length));
                bad = bad == 0 ? (nint)found : bad;
            }
        }

        return bad;
    }

    /// <summary>A magazine with slots in it.</summary>
    public static Magazine* Fill(CentralCache* central, params ReadOnlySpan<nint> pointers)
    {
        Magazine* magazine = central->TakeEmpty();
        Assert.True(pointers.Length <= central->MagazineCapacity);
        pointers.CopyTo(new Span<nint>(Magazine.Slots(magazine), central->MagazineCapacity));
        magazine->Count = pointers.Length;
        return magazine;
    }

    /// <summary>The slots in a magazine.</summary>
    public static nint[] Content(Magazine* magazine) => new ReadOnlySpan<nint>(Magazine.Slots(magazine), magazine->Count).ToArray();

    /// <summary>Asserts the equation of the counts, and each of them.</summary>
    public static void AssertCounts(CentralCache* central, long live, long depot)
    {
        CentralCounts counts = central->GetCounts();
        int sizeClass = SizeClass.FromSpanClass(central->SpanClass);
        long spanBytes = SizeClass.Pages(sizeClass) * SizeClass.PageSize;
        long slotsPerSpan = spanBytes / central->SlotSize;
        Assert.Equal(depot, counts.Depot);
        Assert.Equal(counts.Slots, live + counts.Depot + counts.Free);
        Assert.Equal(0, counts.Slots % slotsPerSpan);
        Assert.Equal(counts.Slots / slotsPerSpan * spanBytes, counts.SpanBytes);
    }
}
