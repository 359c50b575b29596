// Structs of spans that wait for their next use, by kind (PageSpan.cs). Guarded by whatever guards the owner: the page heap's lock, or a thread to whom its page cache belongs.

namespace NativeHeap.Pages;

/// <summary>Lists of unused span structs.</summary>
internal unsafe struct UnusedSpans
{
    private fixed ulong _first[PageSpan.Kinds];

    /// <summary>Takes a struct of a kind, or null.</summary>
    public PageSpan* Take(int kind)
    {
        var span = (PageSpan*)_first[kind - 1];
        if (span != null)
        {
            _first[kind - 1] = (ulong)span->Next;
            span->Next = null;
        }

        return span;
    }

    /// <summary>The number of structs of a kind. Counts them.</summary>
    public readonly int Count(int kind)
    {
        int count = 0;
        for (var span = (PageSpan*)_first[kind - 1]; span != null; span = span->Next)
        {
            count++;
        }

        return count;
    }

    /// <summary>Puts a struct of a kind in.</summary>
    public void Put(PageSpan* span, int kind)
    {
        span->Next = (PageSpan*)_first[kind - 1];
        _first[kind - 1] = (ulong)span;
    }
}
