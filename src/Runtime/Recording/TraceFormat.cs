// A trace of allocations in a file: NHT1, a format of recorders and replays of any allocator. All numbers are little endian, nothing is padded.
//
//     file  = TraceHeader (36 bytes), then TraceHeader.Events times TraceEvent (12 bytes), in the one order in which they happened
//
//     Alloc, AllocZeroed, AllocAligned   fill a free slot;   Free empties a taken one;   Realloc finds a taken one and leaves it taken
//     Slots                              = the most slots taken at one time; every Slot < Slots
//     Threads                            = threads that made any of the events, numbered by their first; every Thread < Threads
//     PeakLiveBytes                      = the largest sum of the sizes of the taken slots, after any event
//     TotalBytes                         = the sum of Size over all events but Free
//
// An allocation has its place after the allocator returned, a free before the allocator was called, a realloc where it returned: so an object's free comes after its
// allocation, whichever threads make them. A slot is what replays keep an address in: `block[slot] = Alloc(size)`, `Free(block[slot])`.
//
// The same source is compiled into the benchmarks, which replay such files.

using System.Runtime.InteropServices;

namespace NativeHeap.Recording;

/// <summary>What was asked of the allocator.</summary>
internal enum TraceOp : byte
{
    Alloc = 1,
    Free = 2,
    AllocZeroed = 3,
    AllocAligned = 4,
    Realloc = 5,
}

/// <summary>One call.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TraceEvent
{
    public TraceOp Op;

    /// <summary>Binary logarithm of the alignment that was asked for; 0 for the default, and for all but <see cref="TraceOp.AllocAligned"/>.</summary>
    public byte AlignmentShift;

    /// <summary>Who called.</summary>
    public ushort Thread;

    /// <summary>Which of the live objects it is about.</summary>
    public uint Slot;

    /// <summary>In bytes; the new size of a realloc, 0 of a free.</summary>
    public uint Size;

    /// <summary>In bytes; 1 for the default.</summary>
    public readonly nuint Alignment => (nuint)1 << AlignmentShift;
}

/// <summary>The start of the file.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct TraceHeader
{
    /// <summary>The four letters NHT1.</summary>
    public const uint ExpectedMagic = 'N' | ('H' << 8) | ('T' << 16) | ('1' << 24);

    /// <summary>The most threads that there are numbers for.</summary>
    public const int MaxThreads = ushort.MaxValue + 1;

    public uint Magic;
    public uint Threads;
    public uint Slots;
    public ulong Events;
    public ulong PeakLiveBytes;
    public ulong TotalBytes;
}
