// How a thread's bins share what it may park: the opening comment of ThreadCache.cs has the rule. A bin grows when it misses, at the cost of one that would still be larger.
//
//     Limit <= capacity of its magazines;  Disallow what a bin gives up, TryAllow what it takes, so that Allowed stays the sum over all bins

using NativeHeap.Central;

namespace NativeHeap.Threads;

internal unsafe partial struct ThreadCache
{
    // Doubles the bin's limit as far as class and allowance let it; a compact heap's bins get none. True if there are places at hand now.
    private bool Grow(Bin* bin)
    {
        int limit = int.Min(bin->Limit * 2, bin->Central->MagazineCapacity);
        long allowance = Bin.AllowanceOf(limit, bin->Central->SlotSize);
        if (limit == bin->Limit || (_set->IsCompact && allowance != 0) || !Allow(allowance - bin->Allowance, allowance))
        {
            return false;
        }

        bin->Sync();
        bin->Loaded = Enlarge(bin->Central, bin->Loaded, limit);
        bin->Previous = Enlarge(bin->Central, bin->Previous, limit);
        bool grows = int.Min(bin->Loaded->Capacity, bin->Previous->Capacity) >= limit;
        if (grows)
        {
            bin->Limit = limit;
        }
        else
        {
            _owner->Disallow(allowance - bin->Allowance);
        }

        bin->Load(bin->Loaded);
        return grows;
    }

    // A magazine that takes as many slots, with what this one holds; without memory for one, the same.
    private static Magazine* Enlarge(CentralCache* central, Magazine* magazine, int limit)
    {
        Magazine* large = magazine->Capacity >= limit ? magazine : central->Enlarge(magazine);
        return large != null ? large : magazine;
    }

    // Adds to what the bins may park, at the cost of a bin with a larger allowance than the one that grows will have.
    private bool Allow(long bytes, long allowance)
    {
        if (bytes == 0 || _owner->TryAllow(bytes))
        {
            return true;
        }

        for (int step = 0; step < SearchSteps && _hand != null; step++)
        {
            _hand = _hand->NextOpen;
            if (_hand->Allowance > allowance)
            {
                Shrink(_hand);
                if (_owner->TryAllow(bytes))
                {
                    return true;
                }
            }
        }

        return false;
    }

    // Halves the bin's limit; what it parks beyond goes to the depot. An empty magazine that is not to be had leaves it as it is.
    private void Shrink(Bin* bin)
    {
        int target = int.Max(bin->Limit / 2, 1);
        bin->Sync();
        bin->Loaded = Trim(bin->Central, bin->Loaded, target);
        bin->Previous = Trim(bin->Central, bin->Previous, target);
        int limit = int.Max(target, int.Max(bin->Loaded->Count, bin->Previous->Count));
        _owner->Disallow(bin->Allowance - Bin.AllowanceOf(limit, bin->Central->SlotSize));
        bin->Limit = limit;
        Reload(bin);
    }

    private static Magazine* Trim(CentralCache* central, Magazine* magazine, int limit)
    {
        Magazine* empty = magazine->Count <= limit ? null : central->GiveToDepot(magazine);
        return empty != null ? empty : magazine;
    }
}
