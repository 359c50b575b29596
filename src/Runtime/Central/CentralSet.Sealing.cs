// The end of objects of a heap that is checked at the closest level: nobody gets their memory for a while, and who touches it is found out (Quarantine.cs, Pages/PageHeap.Sealed.cs).
//
//     one object       a small one is in the quarantine;  a large one, too, and its span is sealed meanwhile
//     all at once      their spans are sealed: they are gathered under the maintenance lock, and sealed when no lock is held

using NativeHeap.Pages;

namespace NativeHeap.Central;

internal unsafe partial struct CentralSet
{
    /// <summary>Makes a large object, which its caller alone has, inaccessible, and gives its memory back to the system.</summary>
    /// <returns>Whether it is.</returns>
    public bool SealLarge(PageSpan* span)
    {
        // So that who copies the object under the lock is done, or finds none.
        _largeLock.Enter();
        span->State = SpanState.Sealed;
        _largeLock.Exit();
        return PageHeap.Seal(span);
    }

    private void BeginSealing()
    {
        if (Quarantine != null)
        {
            Quarantine->Clear();
        }

        _sealsSpans = Detail == SlotDetail.Records;
    }

    private void KeepForSealing(PageSpan* spans)
    {
        while (spans != null)
        {
            PageSpan* next = spans->Next;
            spans->Next = _leaving;
            _leaving = spans;
            spans = next;
        }
    }

    private PageSpan* EndSealing()
    {
        PageSpan* leaving = _leaving;
        _leaving = null;
        _sealsSpans = false;
        return leaving;
    }

    private void FreeSealed(PageSpan* spans)
    {
        if (spans != null)
        {
            Quota.Uncharge(_pages->FreeSealed(spans));
        }
    }
}
