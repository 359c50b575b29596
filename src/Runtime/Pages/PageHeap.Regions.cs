// The verbs over address regions (AddressRegion.cs), which have addresses of their own, apart from those that spans come from.
//
//     ReservedBytes, MappedBytes and SpanBytes of the totals = those of the reservations for spans + the regions' Reserved, Committed and Committed
//
// so that a region is, for every equation, a span as long as what is usable of it. That is charged to two quotas, the process's and its heap's. The counters are under the page heap's lock. The calls of the system are not: they
// are about addresses that nobody else has, and may take long.
//
// Regions grow by an eighth, between 64 KiB and 4 MiB: each step is a call of the system, and what it adds costs no memory before it is touched, but on Windows it
// counts against the commit limit.

using NativeHeap.Platform;

namespace NativeHeap.Pages;

internal unsafe partial struct PageHeap
{
    private const int RegionStepShare = 8;
    private const nuint MinRegionStep = 64 * 1024;

    /// <summary>The unit of regions, in bytes: a power of two, at least the system's page.</summary>
    public static nuint RegionGranule => nuint.Max(MinRegionStep, VirtualMemory.PageSize);

    /// <summary>Reserves a region, of which nothing is usable yet.</summary>
    /// <param name="region">An empty region, which becomes it.</param>
    /// <param name="bytes">The most it is to hold.</param>
    /// <returns>Whether the system had the addresses.</returns>
    public bool ReserveRegion(AddressRegion* region, nuint bytes)
    {
        bytes = ToGranules(nuint.Max(bytes, 1));
        byte* start = (byte*)VirtualMemory.Reserve(bytes, VirtualMemory.PageSize);
        if (start == null)
        {
            return false;
        }

        *region = new AddressRegion { Start = start, Reserved = bytes };
        CountRegion((nint)bytes, 0);
        return true;
    }

    /// <summary>Makes at least the first bytes of a region usable.</summary>
    /// <param name="region">The region.</param>
    /// <param name="bytes">How many; at most what it has reserved.</param>
    /// <param name="heap">What its heap may hold.</param>
    /// <returns>Whether they are; if not, nothing has changed.</returns>
    public bool CommitRegion(AddressRegion* region, nuint bytes, MemoryQuota* heap)
    {
        if (bytes <= region->Committed)
        {
            return true;
        }

        nuint step = ToGranules(nuint.Clamp(region->Committed / RegionStepShare, MinRegionStep, ChunkBits.ByteCount));
        nuint needed = ToGranules(bytes) - region->Committed;
        nuint most = nuint.Min(nuint.Max(needed, step), region->Reserved - region->Committed);
        return Extend(region, most, heap) || (most != needed && Extend(region, needed, heap));
    }

    /// <summary>Gives the memory of a region back, from its end on, and keeps the addresses.</summary>
    /// <param name="region">The region.</param>
    /// <param name="bytes">How many bytes at its start stay usable; as many more as fill a granule, or all if the system keeps them.</param>
    /// <param name="heap">What its heap may hold.</param>
    public void DecommitRegion(AddressRegion* region, nuint bytes, MemoryQuota* heap)
    {
        nuint kept = ToGranules(bytes);
        if (kept < region->Committed && VirtualMemory.Fault(region->Start + kept, region->Committed - kept))
        {
            nuint less = region->Committed - kept;
            region->Committed = kept;
            CountRegion(0, -(nint)less);
            Quota.Uncharge(less);
            heap->Uncharge(less);
        }
    }

    /// <summary>Gives a region back, with all that is in it; an empty one is ignored.</summary>
    /// <param name="region">The region, which is empty afterwards.</param>
    /// <param name="heap">What its heap may hold.</param>
    public void ReleaseRegion(AddressRegion* region, MemoryQuota* heap)
    {
        AddressRegion released = *region;
        *region = default;
        if (released.Start != null)
        {
            // If the system does not take the addresses, they are lost, and stay counted as reserved; the memory goes in any case, by a call that needs no mapping.
            bool taken = VirtualMemory.Free(released.Start, released.Reserved);
            if (!taken)
            {
                _ = VirtualMemory.Purge(released.Start, released.Committed);
            }

            CountRegion(taken ? -(nint)released.Reserved : 0, -(nint)released.Committed);
            Quota.Uncharge(released.Committed);
            heap->Uncharge(released.Committed);
        }
    }

    private static nuint ToGranules(nuint bytes) => (bytes + RegionGranule - 1) & ~(RegionGranule - 1);

    private bool Extend(AddressRegion* region, nuint bytes, MemoryQuota* heap)
    {
        if (!heap->TryCharge(bytes))
        {
            return false;
        }

        bool isCharged = Quota.TryCharge(bytes);
        if (isCharged && MakeReady(region->Start + region->Committed, bytes))
        {
            region->Committed += bytes;
            CountRegion(0, (nint)bytes);
            return true;
        }

        heap->Cancel(bytes);
        Quota.Cancel(isCharged ? bytes : 0);
        return false;
    }

    private readonly bool MakeReady(byte* start, nuint bytes)
    {
        if (!VirtualMemory.Map(start, bytes))
        {
            return false;
        }

        bool ready = MakeUsable(start, bytes);
        if (!ready)
        {
            _ = VirtualMemory.Fault(start, bytes);
        }

        return ready;
    }

    private void CountRegion(nint reserved, nint committed)
    {
        _lock.Enter();
        _regionReserved += (nuint)reserved;
        _regionCommitted += (nuint)committed;
        _lock.Exit();
    }
}
