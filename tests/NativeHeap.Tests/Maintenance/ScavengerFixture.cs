using System.Collections.Generic;

using NativeHeap.Central;
using NativeHeap.Maintenance;
using NativeHeap.Pages;
using NativeHeap.SizeClasses;
using NativeHeap.Tests.Central;
using NativeHeap.Threads;

using Xunit;

namespace NativeHeap.Tests.Maintenance;

/// <summary>A page heap, two heaps and a scavenger of their own, and passes when the test says so.</summary>
internal sealed unsafe class ScavengerFixture
{
    private const long Forever = 1_000_000_000_000;
    private const int NoScanLarge = 1;

    private readonly CentralFixture _fixture = new();

    public ScavengerFixture()
    {
        Other = Indexes->Take();
        Scavenger = NativeHeap.Maintenance.Scavenger.Create(Heap->Metadata, Pages, Indexes, ThreadRegistry.Create(Heap->Metadata, Heap));
    }

    public PageHeap* Pages => _fixture.Pages;

    public HeapIndexes* Indexes => _fixture.Indexes;

    public CentralSet* Heap => _fixture.Set;

    public CentralSet* Other { get; }

    public Scavenger* Scavenger { get; }

    /// <summary>The bytes with the system: free pages and holes.</summary>
    public long Returned
    {
        get
        {
            long returned = (long)Pages->GetTotals().Returned;
            for (int index = 0; index < Indexes->Count; index++)
            {
                for (int spanClass = 0; spanClass < SizeClass.SpanClassCount; spanClass++)
                {
                    CentralCache* central = Indexes->Find(index)->Find(spanClass);
                    returned += central == null ? 0 : central->GetCounts().PurgedBytes;
                }
            }

            return returned;
        }
    }

    /// <summary>One whole pass of the background thread's.</summary>
    /// <returns>The bytes that are with the system by it.</returns>
    public long Pass(PassReach reach = PassReach.Idle)
    {
        long before = Returned;
        Scavenger->BeginPass(reach);
        Assert.True(Scavenger->WorkFor(Forever));
        return Returned - before;
    }

    public static CentralCache* CacheOf(CentralSet* set, int size) => CentralSet.GetOrCreate(set, SizeClass.ToSpanClass(SizeClass.ClassOf(size), noScan: true));

    public static PageSpan* AllocLarge(CentralSet* set, int bytes)
    {
        PageSpan* span = CentralSet.AllocLarge(set, (nuint)bytes, 1, noScan: true, mayGrow: true);
        Assert.True(span != null && span->SpanClass == NoScanLarge);
        return span;
    }

    public static void FreeLarge(CentralSet* set, PageSpan* span) => Assert.True(set->FreeLarge(span, span->Base));

    /// <summary>Gives slots to the depot, by the magazine.</summary>
    public static void GiveToDepot(CentralCache* central, List<nint> slots)
    {
        Magazine* magazine = central->TakeEmpty();
        foreach (nint slot in slots)
        {
            Magazine.Slots(magazine)[magazine->Count++] = (void*)slot;
            if (magazine->Count == central->MagazineCapacity)
            {
                magazine = central->GiveToDepot(magazine);
            }
        }

        magazine = magazine->Count == 0 ? magazine : central->GiveToDepot(magazine);
        central->GiveEmpty(magazine);
    }

    /// <summary>Takes as many slots from the depot as it has, or as are wanted.</summary>
    public static List<nint> TakeFromDepot(CentralCache* central, int wanted)
    {
        List<nint> slots = [];
        Magazine* magazine = central->TakeEmpty();
        while (slots.Count < wanted)
        {
            Magazine* taken = central->TakeFromDepot(magazine, central->MagazineCapacity);
            if (taken == null)
            {
                break;
            }

            for (; taken->Count > 0; taken->Count--)
            {
                slots.Add((nint)Magazine.Slots(taken)[taken->Count - 1]);
            }

            magazine = taken;
        }

        central->GiveEmpty(magazine);
        return slots;
    }
}
