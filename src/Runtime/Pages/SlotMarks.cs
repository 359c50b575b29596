// The marks of a span's slots: a byte a slot, behind the span's bits, for the spans of checked heaps alone.
//
//     mark i = Live   from when slot i was given to a user until a free of it has been accepted
//            = Dead   else: free in its span, or on its way there or from there
//
//     memory of a marked span:  [PageSpan, with its bits: LinesFor(SlotCount) lines][a byte a slot: a line for 64]
//
// The free bitmap cannot say it, since its bit is down for a slot in a magazine as for one in use, and since two frees of one slot may both find it so. A mark goes from Live to Dead by one atomic operation:
// whoever made it go has freed the slot, and everybody else has not.
//
// A struct is of its kind for ever, and with it the place of its marks: who looks a pointer up that is no block, while the span is becoming another, finds a mark there and never a bit of something else.
// Marks are written by who has the slot: to Live by who has just allocated it, to Dead by who frees it.

using System.Runtime.CompilerServices;

using NativeHeap.Platform;

namespace NativeHeap.Pages;

/// <summary>What is known of each slot of a marked span beside its bit.</summary>
internal static unsafe class SlotMarks
{
    private const byte Dead = 0;
    private const byte Live = 1;

    /// <summary>Says of all slots of a span that none is in use. Nobody may have one.</summary>
    public static void Clear(PageSpan* span)
    {
        if (span->IsMarked)
        {
            Unsafe.InitBlock(Of(span), Dead, span->SlotCount);
        }
    }

    /// <summary>Says of a slot that it is in use from now on. For who has just got it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetLive(PageSpan* span, int slot) => Of(span)[slot] = Live;

    /// <summary>Whether a slot is in use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsLive(PageSpan* span, int slot) => Of(span)[slot] == Live;

    /// <summary>Says of a slot in use that it is no more.</summary>
    /// <returns>Whether it was until then: to one caller.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryEnd(PageSpan* span, int slot) => Atomic.CompareExchange(ref Of(span)[slot], Dead, Live) == Live;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* Of(PageSpan* span) => (byte*)span + (PageSpan.LinesFor(span->SlotCount) * PageSpan.LineSize);
}
