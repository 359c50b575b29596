// What stands around and in the slots of a heap that is checked at the closest level, so that who writes where he has no object is found out.
//
//     slot in use:   [ object: Size bytes ][ Guard: 64 bytes ] ... [ Guard: 64 bytes, which may be the same ]
//     slot freed:    [ Freed ...                                 ][ Guard: 64 bytes ]
//
// What stands before an object is the end of the slot before, which has its guard from the first use of either of the two: so a write before an object shows as one behind its
// neighbour's slot. Nothing of ours stands before the first slot of a span. Pages of free slots go to the system, and are zero when they come back: who has a slot sees to the guard before it on the slot's
// first page, and what lies on the page before that may be zero.
//
// A new object that is not to be zero is filled as well, so that a program that reads it before it writes does the same each time, and not by chance what it should.
//
// For who has the slot: who has just allocated it, or has ended its mark. Nothing is thrown here.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

using NativeHeap.Pages;

namespace NativeHeap.Guards;

/// <summary>Fills slots, and tells whether what was filled has changed.</summary>
internal static unsafe class SlotFills
{
    /// <summary>The bytes that stand behind each object at least.</summary>
    public const int Behind = 64;

    /// <summary>What stands around objects.</summary>
    public const byte Guard = 0xFD;

    /// <summary>What a new object is filled with.</summary>
    public const byte Fresh = 0xCD;

    /// <summary>What a freed slot is filled with.</summary>
    public const byte Freed = 0xDD;

    private const int SmallestPage = 4096;

    /// <summary>Surrounds a new object.</summary>
    public static void Begin(PageSpan* span, int slot, byte* block, nuint size, bool isZero)
    {
        if (!isZero)
        {
            NativeMemory.Fill(block, size, Fresh);
        }

        byte* last = block + span->UsableBytes - Behind;
        SetGuard(block + size);
        if (last != block + size)
        {
            SetGuard(last);
        }

        // If that one has been in use, its guard is there, and tells of a write; but if it is free, the page may have been with the system since.
        if (slot != 0 && SlotMarks.RecordOf(span, slot - 1)->Origin == 0)
        {
            SetGuard(block - Behind);
        }
        else if (slot != 0 && SlotMarks.OriginOf(span, slot - 1) == 0)
        {
            Span<byte> before = new(block - BeforeOnPage(block), BeforeOnPage(block));
            if (!before.ContainsAnyExcept((byte)0))
            {
                before.Fill(Guard);
            }
        }
    }

    /// <summary>Fills the slot of an object that has ended. Of large objects nothing.</summary>
    public static void End(PageSpan* span, byte* block) => NativeMemory.Fill(block, span->UsableBytes - Behind, Freed);

    /// <summary>Looks whether something was written around an object, and mends it.</summary>
    /// <param name="span">The object's span.</param>
    /// <param name="slot">Its slot.</param>
    /// <param name="block">Its first byte.</param>
    /// <param name="size">Its size, in bytes.</param>
    /// <returns>The offset from the object's start of the first byte that has changed; null if none has.</returns>
    public static nint? FindOverrun(PageSpan* span, int slot, byte* block, nuint size)
    {
        nint last = (nint)span->UsableBytes - Behind;
        if (IsGuard(block + size) && IsGuard(block + last) && (slot == 0 || IsGuard(block - Behind)))
        {
            return null;
        }

        nint? before = slot == 0 ? null : FindBefore(block);
        nint? behind = Find(block, (nint)size, Behind, Guard, Guard) ?? Find(block, last, Behind, Guard, Guard);
        return behind ?? before;
    }

    /// <summary>Looks whether something was written to a freed slot.</summary>
    /// <returns>The offset of the first byte that has changed; null if none has.</returns>
    public static nint? FindWrite(PageSpan* span, byte* block)
    {
        int count = (int)span->UsableBytes - Behind;
        return new Span<byte>(block, count).ContainsAnyExcept(Freed) ? Find(block, 0, count, Freed, Freed) : null;
    }

    // Of a known length and value, so that both are a few instructions.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SetGuard(byte* start) => Unsafe.InitBlockUnaligned(start, Guard, Behind);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsGuard(byte* start)
    {
        Vector256<byte> guard = Vector256.Create(Guard);
        return ((Vector256.Load(start) ^ guard) | (Vector256.Load(start + (Behind / 2)) ^ guard)) == Vector256<byte>.Zero;
    }

    // How much of the guard before an object lies on the object's first page.
    private static int BeforeOnPage(byte* block) => Math.Min((int)((nuint)block & (SmallestPage - 1)), Behind);

    // On the page before, each byte may be zero or not yet: who gets the slot before fills it at any time.
    private static nint? FindBefore(byte* block)
    {
        int onPage = BeforeOnPage(block);
        nint? farther = Find(block, -Behind, Behind - onPage, Guard, 0);
        nint? nearer = Find(block, -onPage, onPage, Guard, Guard);
        return farther ?? nearer;
    }

    private static nint? Find(byte* block, nint start, int count, byte value, byte orElse)
    {
        Span<byte> bytes = new(block + start, count);
        int index = bytes.IndexOfAnyExcept(value, orElse);
        if (index < 0)
        {
            return null;
        }

        bytes.Fill(value);
        return start + index;
    }
}
