// A range of addresses that is reserved at once and made usable from its start in steps: what lies in one grows without moving.
//
//     [Start, Start + Committed)              usable
//     [Start + Committed, Start + Reserved)   reserved: costs addresses and no memory
//
//     0 <= Committed <= Reserved, both in whole granules;   what is committed reads as zero until it is written, after a decommit too
//
// The verbs are the page heap's (PageHeap.Regions.cs), which counts both figures. A region belongs to who made it and has no lock: one thread at a time changes it.

namespace NativeHeap.Pages;

/// <summary>A range of addresses that grows in place.</summary>
internal unsafe struct AddressRegion
{
    /// <summary>The first byte; null if there is no region.</summary>
    public byte* Start;

    /// <summary>The bytes reserved.</summary>
    public nuint Reserved;

    /// <summary>The bytes usable, from the start on.</summary>
    public nuint Committed;

    /// <summary>Whether an address lies in the usable part.</summary>
    public readonly bool Contains(void* address) => (nuint)((byte*)address - Start) < Committed;
}
