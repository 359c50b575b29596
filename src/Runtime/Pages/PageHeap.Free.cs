// The way of spans back into the page heap: one, when it has become idle, or all that a heap has, when it ends.
//
// Spans of a list that lie side by side go back as one run: a central cache has taken them in the order of addresses, most of them, so that its list goes up or down through memory. What a
// free costs beyond its own span's line of memory (bits and summaries of free pages, offers to the scavenger, the lock) is then paid once for up to FreeBatch of them.
//
// What is left is waiting for that line, which is in no cache for most spans of a heap, and each is found by the one before: four fifths of the time of a heap's end. So the lines of the
// neighbours further on, which the arena map knows, are fetched ahead.

using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Pages;

internal unsafe partial struct PageHeap
{
    // How many spans go back under one hold of the lock.
    private const int FreeBatch = 64;

    // How far ahead of the list its structs are fetched.
    private const int SpansAhead = 8;

    /// <summary>Takes spans back. Nothing may use their memory any more.</summary>
    /// <param name="spans">The first; the others hang from it by <see cref="PageSpan.Next"/>, and they are in no other list.</param>
    /// <param name="isOld">Whether their memory has been idle for a while: then the scavenger need not wait.</param>
    /// <returns>Their bytes.</returns>
    public nuint Free(PageSpan* spans, bool isOld = false)
    {
        nuint pages = 0;
        while (spans != null)
        {
            _lock.Enter();
            for (int left = FreeBatch; left > 0 && spans != null;)
            {
                pages += FreeNeighbours(ref spans, ref left, isOld);
            }

            _isTouched = true;
            _lock.Exit();
        }

        Bell->Ring();
        return pages << SizeClass.PageShift;
    }

    // The first span of a list, and those after it that go on where it ends or begins. A run that is to be kept whole is one span.
    private nuint FreeNeighbours(ref PageSpan* spans, ref int left, bool isOld)
    {
        nuint first = spans->FirstPage;
        nuint end = first + spans->PageCount;
        bool isKept = spans->PageCount >= KeptRuns.MinPages;
        Forget(ref spans, ref left);
        while (!isKept && left > 0 && spans != null && spans->PageCount < KeptRuns.MinPages && (spans->FirstPage == end || spans->FirstPage + spans->PageCount == first))
        {
            nint ahead = SpansAhead * (nint)spans->ByteCount;
            Processor.Prefetch(Map.SpanOf(spans->Base + (spans->FirstPage < first ? -ahead : ahead)));
            first = nuint.Min(first, spans->FirstPage);
            end = nuint.Max(end, spans->FirstPage + spans->PageCount);
            Forget(ref spans, ref left);
        }

        Record(first, end - first, null, 0);
        if (isKept)
        {
            _kept.Keep(new(first, end - first, MappedBytes), ref _pages);
        }
        else
        {
            _pages.Free(first, end - first);
        }

        _index.Offer(first, end - first, isFresh: !isOld);
        return end - first;
    }

    // Takes the first span of a list, whose struct is unused from now on. The arena map leads to it until the lock is given up.
    private void Forget(ref PageSpan* spans, ref int left)
    {
        PageSpan* span = spans;
        spans = span->Next;
        left--;
        span->State = SpanState.Unused;
        span->Previous = null;
        _unusedSpans.Put(span, span->Kind);
    }
}
