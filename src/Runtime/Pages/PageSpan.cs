// A span: a run of pages cut into equal slots of one span class, or one large object. The unit in which central caches get memory from the page
// heap and give it back.
//
//     slot i           = [Base + i * SlotSize, Base + (i + 1) * SlotSize)          0 <= i < SlotCount
//     bit i of Bits    = 1  <=>  slot i is free, and in no magazine
//     FreeCount        = number of bits set
//     bit w of Summary = 1  <=>  Bits[w] != 0
//     a large object   : SlotCount = 0; the object is the whole run
//
// All of it lies outside the slots: freed memory is never written. Refill reads the summary to go straight to a word with free slots (a scan of
// nearly full spans took up to 1,130 ns a slot in a trial).
//
// Who may touch it: bits, counts and list links only under the lock of the central cache that holds the span (for a large object: its heap's large
// lock). The rest is written by the page heap before the span is published in the arena map, and does not change while the span is in use: any thread that
// owns one of its slots may read it without a lock. PageSpans are never unmapped, so a stale reader sees old values at worst.

using System.Runtime.CompilerServices;

using NativeHeap.SizeClasses;

namespace NativeHeap.Pages;

/// <summary>What a span is used for.</summary>
internal enum SpanState : byte
{
    /// <summary>Not a span now: the struct waits in the page heap for its next use.</summary>
    Unused,

    /// <summary>Cut into slots.</summary>
    Slots,

    /// <summary>One large object.</summary>
    Large,
}

/// <summary>A run of pages in use.</summary>
internal unsafe struct PageSpan
{
    /// <summary>The words of the bitmap.</summary>
    public const int Words = SizeClass.MaxSlots / 64;

    /// <summary>The first byte of the run.</summary>
    public byte* Base;

    /// <summary>The next span of the list this one is in.</summary>
    public PageSpan* Next;

    /// <summary>The previous span of the list this one is in.</summary>
    public PageSpan* Previous;

    /// <summary>The length of the run, in pages.</summary>
    public nuint PageCount;

    /// <summary>The heap that the span belongs to, by its index.</summary>
    public int HeapIndex;

    /// <summary>The size of a slot, in bytes; 0 for a large object.</summary>
    public int SlotSize;

    /// <summary>2^32 / SlotSize, rounded up: the division by SlotSize as a multiplication.</summary>
    public uint Reciprocal;

    /// <summary>Which words of <see cref="Bits"/> are not zero.</summary>
    public uint Summary;

    /// <summary>The number of slots; 0 for a large object.</summary>
    public ushort SlotCount;

    /// <summary>The number of free slots.</summary>
    public ushort FreeCount;

    /// <summary>The span class.</summary>
    public byte SpanClass;

    /// <summary>What the span is used for.</summary>
    public SpanState State;

    /// <summary>Whether its pages may hold old content; if not, they read as zero until written.</summary>
    public bool NeedsZeroing;

    /// <summary>A bit a slot: 1 for free.</summary>
    public fixed ulong Bits[Words];

    /// <summary>The number of the first page of the run.</summary>
    public readonly nuint FirstPage => (nuint)Base >> SizeClass.PageShift;

    /// <summary>The length of the run, in bytes.</summary>
    public readonly nuint ByteCount => PageCount << SizeClass.PageShift;

    /// <summary>Whether the span is in use and an address lies in it.</summary>
    public readonly bool Contains(void* address) => State != SpanState.Unused && (nuint)((byte*)address - Base) < ByteCount;

    /// <summary>The slot that holds the byte <paramref name="offset"/> from <see cref="Base"/>; <see cref="SlotCount"/> or more in the span's tail.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int SlotAt(nuint offset) => (int)(((ulong)offset * Reciprocal) >> 32);

    /// <summary>Whether an address in the span is the first of a slot, or of the large object.</summary>
    public readonly bool IsStart(void* address)
    {
        nuint offset = (nuint)((byte*)address - Base);
        if (State == SpanState.Large)
        {
            return offset == 0;
        }

        int slot = SlotAt(offset);
        return slot < SlotCount && (nuint)(uint)(slot * SlotSize) == offset;
    }

    /// <summary>Cuts the run into slots of a span class, all free.</summary>
    public void Cut(int spanClass)
    {
        int sizeClass = SizeClass.FromSpanClass(spanClass);
        int slotSize = SizeClass.SlotSize(sizeClass);
        int slots = (int)((uint)ByteCount / (uint)slotSize);

        SlotSize = slotSize;
        Reciprocal = ReciprocalOf(slotSize);
        SlotCount = FreeCount = (ushort)slots;
        Summary = 0;
        for (int word = 0; word < Words; word++)
        {
            int inWord = slots - (word * 64);
            Bits[word] = inWord >= 64 ? ulong.MaxValue : inWord > 0 ? (1UL << inWord) - 1 : 0;
            Summary |= inWord > 0 ? 1u << word : 0;
        }
    }

    /// <summary>2^32 / <paramref name="slotSize"/>, rounded up. Exact for every offset within a span: a test tries them all.</summary>
    public static uint ReciprocalOf(int slotSize) => (uint)(((1UL << 32) + (uint)slotSize - 1) / (uint)slotSize);
}
