// Where a test holds threads up in the midst of a hand-over, so that others meet what a lock does not cover: slots, spans and pages that are in one thread's hand and in no structure, records between two
// owners, answers read without a lock and acted on under it. On a machine with few processors chance alone leads through such windows about never.
//
//     IsOn = setting Delays is 1;   a window is a call of Pass between two steps:  nothing happens there unless IsOn, and then what the test has armed may take its time
//
// IsOn is static readonly, for the JIT a constant: code compiled after the start has nothing of a window. Code compiled ahead of time tests a byte, and the windows are in slow paths only, each beside a lock, an atomic operation or a call of the system.
//
// What is armed is called with locks held, by any thread: it must not throw, nor call the allocator, nor allocate managed memory.

using System.Runtime.CompilerServices;
using System.Threading;

namespace NativeHeap.Platform;

/// <summary>What a thread that is held up has in its hand.</summary>
internal enum DelayPoint
{
    /// <summary>The answer that a depot is not empty.</summary>
    DepotSeen,

    /// <summary>A magazine on its way to a depot.</summary>
    MagazineInHand,

    /// <summary>Slots from a depot on their way into their spans.</summary>
    SlotsDrained,

    /// <summary>Slots whose spans have been found, not in their bitmaps yet.</summary>
    SlotsLocated,

    /// <summary>A span from the page heap that is in no list yet.</summary>
    SpanTaken,

    /// <summary>Spans out of their lists on their way to the page heap.</summary>
    SpansLeaving,

    /// <summary>Free bits of a span whose memory is about to go, or has gone.</summary>
    HolesTaken,

    /// <summary>Free pages whose memory is about to go, or has gone.</summary>
    PagesInHand,

    /// <summary>The answer which pages a thread's page cache has.</summary>
    CacheSeen,

    /// <summary>Pages cut from a page cache, of no span yet.</summary>
    PagesCut,

    /// <summary>A page cache that has been emptied for another thread, under the page heap's lock.</summary>
    CacheEmptied,

    /// <summary>The record of a thread that has ended, about to be emptied, or emptied.</summary>
    RecordClaimed,

    /// <summary>A heap that no thread's cache knows any more, about to give its spans back, or emptied.</summary>
    HeapAbandoned,

    /// <summary>The mark of a block that is to be freed, read and not ended yet, or ended and not confirmed yet.</summary>
    MarkSeen,

    /// <summary>A freed block on its way into quarantine, or out of it.</summary>
    BlockInHand,

    /// <summary>An inaccessible span that is in the queue no more.</summary>
    SealedInHand,

    /// <summary>The place of a guarded object, between the queue and its use.</summary>
    PlaceInHand,

    /// <summary>A thread's buffers, claimed by a trim of the pool, before or behind the fence.</summary>
    BuffersClaimed,

    /// <summary>The topmost buffer of a thread, which it and a trim both reach for.</summary>
    TopContested,
}

/// <summary>A test's delays.</summary>
internal abstract class DelayInjection
{
    /// <summary>The setting that has windows opened.</summary>
    public const string Setting = "Delays";

    /// <summary>Whether there are windows in this process.</summary>
    public static readonly bool IsOn = Settings.Read(Setting) == "1";

    private static DelayInjection? s_armed;

    /// <summary>Who holds threads up; null for nobody.</summary>
    public static DelayInjection? Armed
    {
        get => Volatile.Read(ref s_armed);
        set => Volatile.Write(ref s_armed, value);
    }

    /// <summary>A window.</summary>
    /// <param name="point">What the thread has in its hand.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pass(DelayPoint point)
    {
        if (IsOn)
        {
            Hold(point);
        }
    }

    /// <summary>Takes as long as it likes.</summary>
    protected abstract void Delay(DelayPoint point);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Hold(DelayPoint point) => Armed?.Delay(point);
}
