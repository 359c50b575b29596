// The holes of a span of slots: system pages that hold no slot in use, whose memory can go back although the span is in use.
//
//     unit u = the span's u-th whole system page                 0 <= u < 32;   the last stands for all from the 32nd on (a span has 34 of 4 KiB at most)
//     unit u is a hole          <=>  every slot that lies in it, be it with one byte, is free
//     bit u of Purged = 1        =>  unit u is a hole whose memory has gone back, and nobody has been given a slot in it since
//
// What lies before the first whole system page and behind the last is in no unit. What is behind the last slot is free for ever.
//
// Under the lock of the central cache that holds the span.

using System.Numerics;
using System.Runtime.CompilerServices;

using NativeHeap.Platform;

namespace NativeHeap.Pages;

/// <summary>Finds the holes of a span.</summary>
internal static unsafe class SpanHoles
{
    private const int MaxUnits = 32;

    /// <summary>Finds the holes whose memory has not gone back.</summary>
    /// <param name="span">The span.</param>
    /// <param name="systemPage">The size of the system's pages, in bytes.</param>
    /// <returns>A bit a unit.</returns>
    public static uint Find(PageSpan* span, nuint systemPage)
    {
        uint holes = 0;
        int units = UnitCount(span, systemPage);
        for (int unit = 0; unit < units; unit++)
        {
            if ((span->Purged >> unit & 1) == 0)
            {
                (int first, int count) = SlotsOf(span, unit, systemPage);
                holes |= ChunkBits.AreFree(span->Bits, first, count) ? 1u << unit : 0;
            }
        }

        return holes;
    }

    /// <summary>Takes the free bits of the slots in some holes, so that they are handed to nobody.</summary>
    /// <param name="span">The span.</param>
    /// <param name="holes">The units.</param>
    /// <param name="systemPage">The size of the system's pages, in bytes.</param>
    /// <param name="taken">Receives the bits: as many words as the span has.</param>
    public static void Take(PageSpan* span, uint holes, nuint systemPage, ulong* taken)
    {
        int words = (span->SlotCount + 63) / 64;
        Unsafe.InitBlock(taken, 0, (uint)(words * sizeof(ulong)));
        for (; holes != 0; holes &= holes - 1)
        {
            (int first, int count) = SlotsOf(span, BitOperations.TrailingZeroCount(holes), systemPage);
            ChunkBits.Fill(taken, first, count, free: true);
        }

        for (int word = 0; word < words; word++)
        {
            Set(span, word, span->Bits[word] & ~taken[word]);
        }

        span->FreeCount -= (ushort)ChunkBits.Count(taken, 0, words * 64);
    }

    /// <summary>Puts bits back that were taken.</summary>
    public static void PutBack(PageSpan* span, ulong* taken)
    {
        int words = (span->SlotCount + 63) / 64;
        for (int word = 0; word < words; word++)
        {
            Set(span, word, span->Bits[word] | taken[word]);
        }

        span->FreeCount += (ushort)ChunkBits.Count(taken, 0, words * 64);
    }

    /// <summary>Gives the memory of holes back.</summary>
    /// <returns>The units whose memory the system took.</returns>
    public static uint Purge(PageSpan* span, uint holes, nuint systemPage)
    {
        uint purged = 0;
        while (holes != 0)
        {
            // As many neighbours as there are go in one call.
            int first = BitOperations.TrailingZeroCount(holes);
            int count = BitOperations.TrailingZeroCount(~(holes >> first));
            uint run = (uint)(((1UL << count) - 1) << first);
            byte* start = span->Base + StartOf(span, first, systemPage);
            byte* end = span->Base + EndOf(span, first + count - 1, systemPage);
            purged |= VirtualMemory.Purge(start, (nuint)(end - start)) != 0 ? run : 0;
            holes &= ~run;
        }

        return purged;
    }

    /// <summary>Notes that the slots in a range of addresses are being handed out: holes in it are none any more.</summary>
    /// <returns>The bytes that had gone back and are to be used again.</returns>
    public static nuint Touch(PageSpan* span, byte* start, byte* end, nuint systemPage)
    {
        uint before = span->Purged;
        nuint bytesBefore = PurgedBytes(span, systemPage);
        nuint lead = Lead(span, systemPage);
        nuint from = (nuint)(start - span->Base);
        nuint to = (nuint)(end - span->Base) - 1;
        if (to >= lead)
        {
            int first = from < lead ? 0 : UnitAt(from - lead, systemPage);
            int last = UnitAt(to - lead, systemPage);
            span->Purged = before & ~(uint)(((2UL << last) - 1) & (ulong.MaxValue << first));
        }

        return bytesBefore - PurgedBytes(span, systemPage);
    }

    /// <summary>The bytes of the holes whose memory has gone back.</summary>
    public static nuint PurgedBytes(PageSpan* span, nuint systemPage)
    {
        nuint bytes = (nuint)BitOperations.PopCount(span->Purged) * systemPage;
        if (span->Purged >> (MaxUnits - 1) != 0)
        {
            bytes += EndOf(span, MaxUnits - 1, systemPage) - StartOf(span, MaxUnits - 1, systemPage) - systemPage;
        }

        return bytes;
    }

    /// <summary>All units of a span.</summary>
    public static uint All(PageSpan* span, nuint systemPage) => (uint)ChunkBits.Below(UnitCount(span, systemPage));

    private static void Set(PageSpan* span, int word, ulong bits)
    {
        span->Bits[word] = bits;
        span->Summary = (ushort)(bits != 0 ? span->Summary | (1 << word) : span->Summary & ~(1 << word));
    }

    // The slots that lie in a unit, in part or whole; none in a span's tail.
    private static (int First, int Count) SlotsOf(PageSpan* span, int unit, nuint systemPage)
    {
        int first = span->SlotAt(StartOf(span, unit, systemPage));
        int end = int.Min(span->SlotAt(EndOf(span, unit, systemPage) - 1) + 1, span->SlotCount);
        return (first, int.Max(0, end - first));
    }

    private static nuint Lead(PageSpan* span, nuint systemPage) => (nuint)(-(nint)span->Base) & (systemPage - 1);

    private static nuint PageCountOf(PageSpan* span, nuint systemPage)
    {
        nuint lead = Lead(span, systemPage);
        return span->ByteCount < lead ? 0 : (span->ByteCount - lead) / systemPage;
    }

    private static int UnitCount(PageSpan* span, nuint systemPage) => (int)nuint.Min(PageCountOf(span, systemPage), MaxUnits);

    private static int UnitAt(nuint offset, nuint systemPage) => (int)nuint.Min(offset / systemPage, MaxUnits - 1);

    private static nuint StartOf(PageSpan* span, int unit, nuint systemPage) => Lead(span, systemPage) + ((nuint)unit * systemPage);

    private static nuint EndOf(PageSpan* span, int unit, nuint systemPage) =>
        Lead(span, systemPage) + ((unit < MaxUnits - 1 ? (nuint)unit + 1 : PageCountOf(span, systemPage)) * systemPage);
}
