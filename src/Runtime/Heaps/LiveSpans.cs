// Which blocks are alive, a span at a time: for whoever goes through all of a heap's blocks, or through all blocks that there are.
//
//     arena map, page after page -> spans -> UsedSlots, a copy of what is live in one, and of what that holds
//
// A copy is made in steps, each under the lock of who knows (Central/UsedSlots.cs), and nothing is held between them. What a block holds is copied under the locks without which its memory cannot leave: so it is there to be read,
// whatever other threads free meanwhile.

using System.Numerics;

using NativeHeap.Central;
using NativeHeap.Pages;
using NativeHeap.SizeClasses;

namespace NativeHeap.Heaps;

/// <summary>Copies what is live.</summary>
internal static unsafe class LiveSpans
{
    /// <summary>Goes to the next span of any heap, in the order of addresses.</summary>
    /// <param name="page">Where to look from; moved behind the span.</param>
    /// <param name="used">Receives which of its blocks are live.</param>
    /// <param name="content">Receives what those of them hold that may hold pointers, as <see cref="UsedSlots.Copy"/> says, but of large objects nothing; or null.</param>
    /// <param name="set">Its heap.</param>
    /// <returns>The span, which may be another by now; null if there is none.</returns>
    public static PageSpan* Next(ref nuint page, UsedSlots* used, byte* content, out CentralSet* set)
    {
        nuint from = page;
        PageSpan* span;
        while ((span = HeapProcess.Pages->Map.NextSpan(ref page, ArenaMap.AnyHeap)) != null)
        {
            int spanClass = span->SpanClass;
            set = HeapProcess.Indexes->Find(span->HeapIndex);
            if (TryCopy(set, span, spanClass, from, page, used, SizeClass.MayHoldPointers(spanClass) ? content : null))
            {
                return span;
            }

            from = page;
        }

        set = null;
        return null;
    }

    /// <summary>Copies which blocks of a span are live.</summary>
    /// <param name="set">Its heap.</param>
    /// <param name="span">The span, as it has just been found.</param>
    /// <param name="spanClass">Its span class.</param>
    /// <param name="from">The page from which on it was looked for.</param>
    /// <param name="end">The page up to which it was looked for.</param>
    /// <param name="used">Receives the copy.</param>
    /// <param name="content">Receives what the live blocks hold, but of a large object nothing; or null.</param>
    /// <returns>
    /// Whether it is there. It may have been freed since it was found, and be another by now, elsewhere; and one may have come where one was that has been visited. What is in such is younger than the walk.
    /// </returns>
    public static bool TryCopy(CentralSet* set, PageSpan* span, int spanClass, nuint from, nuint end, UsedSlots* used, byte* content = null)
    {
        if (SizeClass.FromSpanClass(spanClass) == SizeClass.Large)
        {
            used->CopyLarge(span);
        }
        else if (set->TryCopyUsed(span, spanClass, used, content))
        {
            HeapProcess.Registry->RemoveCached(set->Index, used);
            RemoveUnmarked(span, used);
        }
        else
        {
            return false;
        }

        nuint first = (nuint)used->Base >> SizeClass.PageShift;
        return first >= from && first < end;
    }

    // In a checked heap, what is freed may be somewhere else yet; its mark says so.
    private static void RemoveUnmarked(PageSpan* span, UsedSlots* used)
    {
        for (int word = 0; word < used->Words && span->IsMarked; word++)
        {
            for (ulong rest = used->Bits[word]; rest != 0; rest &= rest - 1)
            {
                int slot = (word * 64) + BitOperations.TrailingZeroCount(rest);
                used->Bits[word] &= SlotMarks.OriginOf(span, slot) == 0 ? ~(1UL << slot) : ulong.MaxValue;
            }
        }
    }
}
