// A doubly linked list of spans, linked through the spans themselves. A span is in at most one list. Guarded by whatever guards the owner.

using NativeHeap.Platform;

namespace NativeHeap.Pages;

/// <summary>A list of spans.</summary>
internal unsafe struct SpanList
{
    /// <summary>The first span, or null.</summary>
    public PageSpan* First;

    /// <summary>Puts a span at the front.</summary>
    public void Add(PageSpan* span)
    {
        span->Previous = null;
        span->Next = First;
        if (First != null)
        {
            First->Previous = span;
        }

        First = span;
    }

    /// <summary>Whether a span is in the list, which is asked of those only that are in this one or in none.</summary>
    public readonly bool Contains(PageSpan* span) => span->Previous != null ? span->Previous->Next == span : First == span;

    /// <summary>Takes a span out.</summary>
    public void Remove(PageSpan* span)
    {
        if (!Contains(span) || (span->Next != null && span->Next->Previous != span))
        {
            TableCorruption.FailFast("the links of a list of spans", span);
        }

        if (span->Previous != null)
        {
            span->Previous->Next = span->Next;
        }
        else
        {
            First = span->Next;
        }

        if (span->Next != null)
        {
            span->Next->Previous = span->Previous;
        }

        span->Next = span->Previous = null;
    }
}
