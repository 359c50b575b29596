// Structs of spans that wait for their next use, by the cache lines that they have. Guarded by whatever guards the owner: the page heap's lock, or a thread to whom its page cache belongs.

namespace NativeHeap.Pages;

/// <summary>Lists of unused span structs.</summary>
internal unsafe struct UnusedSpans
{
    private fixed ulong _first[PageSpan.MaxLines];

    /// <summary>Takes a struct of so many cache lines, or null.</summary>
    public PageSpan* Take(int lines)
    {
        var span = (PageSpan*)_first[lines - 1];
        if (span != null)
        {
            _first[lines - 1] = (ulong)span->Next;
            span->Next = null;
        }

        return span;
    }

    /// <summary>The number of structs of so many cache lines. Counts them.</summary>
    public readonly int Count(int lines)
    {
        int count = 0;
        for (var span = (PageSpan*)_first[lines - 1]; span != null; span = span->Next)
        {
            count++;
        }

        return count;
    }

    /// <summary>Puts a struct of so many cache lines in.</summary>
    public void Put(PageSpan* span, int lines)
    {
        span->Next = (PageSpan*)_first[lines - 1];
        _first[lines - 1] = (ulong)span;
    }
}
