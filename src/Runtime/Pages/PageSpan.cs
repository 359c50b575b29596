// A span: a run of pages cut into equal slots of one span class, or one large object. The unit in which central caches get memory from the page
// heap and give it back.
//
//     slot i           = [Base + i * SlotSize, Base + (i + 1) * SlotSize)          0 <= i < SlotCount
//     bit i of Bits    = 1  <=>  slot i is free, and in no magazine
//     FreeCount        = number of bits set
//     bit w of Summary = 1  <=>  Bits[w] != 0
//     a large object   : SlotCount = 0; the object is the whole run
//     a guarded object : as a large one, but Base is the object's first byte, which need not be a page's, and SlotSize its size (GuardedPages.cs)
//
// All of it lies outside the slots: freed memory is never written. Refill reads the summary to go straight to a word with free slots (a scan of
// nearly full spans took up to 1,130 ns a slot in a trial).
//
// The struct is a cache line, whose last word is the first of Bits. The other words follow in memory, in as many lines as the slots need: none for up to 64, two for 1,024. With
// room for 1,024 in each, the spans of most classes took 0.6 % of what they describe, where they now take 0.2 to 0.4.
//
//     kind of a span = the lines of its bits, and the marks and records that follow them (SlotMarks.cs), for ever: the page heap keeps unused ones apart by it
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

    /// <summary>Inaccessible, since what was in it has ended (PageHeap.Sealed.cs, Central/Quarantine.cs).</summary>
    Sealed,
}

/// <summary>How long a span's free slots have been left alone: the scavenger's way through a central cache's spans.</summary>
internal enum SpanAge : byte
{
    /// <summary>Slots of it were handed out or given back since the last pass.</summary>
    Fresh,

    /// <summary>None were, but it has not been looked at yet.</summary>
    Old,

    /// <summary>None were, and there is nothing in it to give back.</summary>
    Settled,
}

/// <summary>What is kept of each slot of a span, or of its large object, beside the bit (SlotMarks.cs).</summary>
internal enum SlotDetail : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A mark.</summary>
    Marks,

    /// <summary>A mark and a record.</summary>
    Records,
}

/// <summary>A run of pages in use.</summary>
internal unsafe struct PageSpan
{
    /// <summary>The most cache lines that a span without marks takes.</summary>
    public const int MaxLines = 1 + ((SizeClass.MaxSlots - SlotsInFirstLine + SlotsInLine - 1) / SlotsInLine);

    /// <summary>The number of kinds: without marks 1 to <see cref="MaxLines"/>, by their lines; beyond, by the lines of their marks, first those without records, then those with.</summary>
    public const int Kinds = MaxLines + (2 * MaxMarkLines);

    /// <summary>The bytes of a cache line, and of this struct.</summary>
    public const int LineSize = 64;

    private const byte NeedsZeroingFlag = 1;
    private const byte RecordsFlag = 2;
    private const byte GuardedFlag = 16;

    // Where the marks are, in lines behind the struct's start, 1 to MaxLines; 0 if there are none.
    private const int MarksShift = 2;
    private const byte MarksFlags = 3 << MarksShift;
    private const int MaxMarkLines = SizeClass.MaxSlots / MarksInLine;
    private const int MarksInLine = LineSize / sizeof(uint);
    private const int SlotsInFirstLine = 64;
    private const int SlotsInLine = LineSize * 8;

    /// <summary>The first byte of the run.</summary>
    public byte* Base;

    /// <summary>The next span of the list this one is in.</summary>
    public PageSpan* Next;

    /// <summary>The previous span of the list this one is in.</summary>
    public PageSpan* Previous;

    /// <summary>The length of the run, in pages.</summary>
    public nuint PageCount;

    /// <summary>The heap that the span belongs to, by its index.</summary>
    public ushort HeapIndex;

    /// <summary>Which words of <see cref="Bits"/> are not zero.</summary>
    public ushort Summary;

    /// <summary>The size of a slot, or of a guarded object, in bytes; 0 for a large object.</summary>
    public int SlotSize;

    /// <summary>2^32 / SlotSize, rounded up: the division by SlotSize as a multiplication. 0 for a large object, which is slot 0 of its span.</summary>
    public uint Reciprocal;

    /// <summary>The holes whose memory has gone back: a bit a unit (SpanHoles.cs).</summary>
    public uint Purged;

    /// <summary>The number of slots; 0 for a large object.</summary>
    public ushort SlotCount;

    /// <summary>The number of free slots.</summary>
    public ushort FreeCount;

    /// <summary>The span class.</summary>
    public byte SpanClass;

    /// <summary>What the span is used for.</summary>
    public SpanState State;

    /// <summary>How long its free slots have been left alone. Means nothing while it has none.</summary>
    public SpanAge Age;

    private byte _flags;

    /// <summary>A bit a slot: 1 for free. Longer than it says: see the opening comment.</summary>
    public fixed ulong Bits[1];

    /// <summary>The number of the first page of the run.</summary>
    public readonly nuint FirstPage => (nuint)Base >> SizeClass.PageShift;

    /// <summary>The length of the run, in bytes.</summary>
    public readonly nuint ByteCount => PageCount << SizeClass.PageShift;

    /// <summary>Whether its pages may hold old content; if not, they read as zero until written.</summary>
    public bool NeedsZeroing
    {
        readonly get => (_flags & NeedsZeroingFlag) != 0;
        set => _flags = (byte)(value ? _flags | NeedsZeroingFlag : _flags & ~NeedsZeroingFlag);
    }

    /// <summary>Whether its slots, or its large object, have marks: the spans of checked heaps.</summary>
    public readonly bool IsMarked => (_flags & MarksFlags) != 0;

    /// <summary>Whether they have records, too.</summary>
    public readonly bool HasRecords => (_flags & RecordsFlag) != 0;

    /// <summary>Whether it is a guarded object.</summary>
    public readonly bool IsGuarded => (_flags & GuardedFlag) != 0;

    /// <summary>The span class that its objects are allocated and freed as: a guarded object's is that of the slot in whose place it is.</summary>
    public readonly int ObjectClass => IsGuarded ? (int)Bits[0] : SpanClass;

    /// <summary>What each of its objects can be used to, in bytes.</summary>
    public readonly nuint UsableBytes => State == SpanState.Large && !IsGuarded ? ByteCount : (nuint)(uint)SlotSize;

    /// <summary>Where the marks are, in bytes from the struct's start. Of a marked span.</summary>
    public readonly nuint MarksOffset
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)(_flags & MarksFlags) * (LineSize >> MarksShift);
    }

    /// <summary>Where the records are, in bytes from the struct's start. Of a span with records.</summary>
    public readonly nuint RecordsOffset => MarksOffset + (nuint)(MarkLinesFor(SlotCount) * LineSize);

    /// <summary>The marks that it has if it has any: one a slot, or the large object's.</summary>
    public readonly int MarkCount => int.Max(1, SlotCount);

    /// <summary>Which structs can serve in its stead.</summary>
    public readonly int Kind => KindFor(SlotCount, !IsMarked ? SlotDetail.None : HasRecords ? SlotDetail.Records : SlotDetail.Marks);

    /// <summary>The slots of a span class that a run of pages holds; 0 for large objects.</summary>
    public static int SlotsIn(nuint pages, int spanClass)
    {
        int sizeClass = SizeClass.FromSpanClass(spanClass);
        return sizeClass == SizeClass.Large ? 0 : (int)((uint)(pages << SizeClass.PageShift) / (uint)SizeClass.SlotSize(sizeClass));
    }

    /// <summary>The kind of a span of so many slots; 0 for a large object.</summary>
    public static int KindFor(int slots, SlotDetail detail) => detail switch
    {
        SlotDetail.None => LinesFor(slots),
        SlotDetail.Marks => MaxLines + MarkLinesFor(slots),
        _ => MaxLines + MaxMarkLines + MarkLinesFor(slots),
    };

    /// <summary>The cache lines that a span of a kind takes, with all that is kept of its slots.</summary>
    public static int LinesOf(int kind)
    {
        if (kind <= MaxLines)
        {
            return kind;
        }

        bool hasRecords = kind > MaxLines + MaxMarkLines;
        int marks = kind - MaxLines - (hasRecords ? MaxMarkLines : 0);
        int records = hasRecords ? marks * MarksInLine * sizeof(SlotRecord) / LineSize : 0;
        return LinesFor(marks * MarksInLine) + marks + records;
    }

    /// <summary>The cache lines that a span of so many slots takes without marks.</summary>
    public static int LinesFor(int slots) => slots <= SlotsInFirstLine ? 1 : 1 + ((slots - SlotsInFirstLine + SlotsInLine - 1) / SlotsInLine);

    private static int MarkLinesFor(int slots) => (int.Max(1, slots) + MarksInLine - 1) / MarksInLine;

    /// <summary>Says what is kept of its slots. Of an unused struct of the kind for it.</summary>
    public void SetDetail(int slots, SlotDetail detail)
    {
        int marks = detail == SlotDetail.None ? 0 : LinesFor(slots) << MarksShift;
        _flags = (byte)((_flags & NeedsZeroingFlag) | marks | (detail == SlotDetail.Records ? RecordsFlag : 0));
    }

    /// <summary>Says that it is a guarded object. Of a struct that is nothing else ever.</summary>
    public void SetGuarded() => _flags |= GuardedFlag;

    /// <summary>Whether the span is in use and an address lies in it.</summary>
    public readonly bool Contains(void* address) => State != SpanState.Unused && (nuint)((byte*)address - Base) < ByteCount;

    /// <summary>The slot that holds the byte <paramref name="offset"/> from <see cref="Base"/>; <see cref="SlotCount"/> or more in the span's tail.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int SlotAt(nuint offset) => (int)(((ulong)offset * Reciprocal) >> 32);

    /// <summary>The slot that an address of the span lies in; 0 for a large object.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int SlotOf(void* address) => SlotAt((nuint)((byte*)address - Base));

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

    /// <summary>Cuts the run into slots of a span class, all free. The struct must have the lines for them.</summary>
    public void Cut(int spanClass)
    {
        int slots = SlotsIn(PageCount, spanClass);
        SlotSize = SizeClass.SlotSize(SizeClass.FromSpanClass(spanClass));
        Reciprocal = ReciprocalOf(SlotSize);
        SlotCount = FreeCount = (ushort)slots;
        Summary = 0;
        Purged = 0;
        for (int word = 0; word * 64 < slots; word++)
        {
            Bits[word] = ChunkBits.Below(slots - (word * 64));
            Summary |= (ushort)(1 << word);
        }
    }

    /// <summary>2^32 / <paramref name="slotSize"/>, rounded up. Exact for every offset within a span: a test tries them all.</summary>
    public static uint ReciprocalOf(int slotSize) => (uint)(((1UL << 32) + (uint)slotSize - 1) / (uint)slotSize);
}
