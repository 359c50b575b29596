// A heap as walks and the heap graph see it: which of its blocks are live, and what they hold, copied at one moment.
//
// What a block holds is copied under the locks without which its memory cannot leave: the maintenance lock, which also keeps the heap's end out, and under it that of the central cache or of the large objects.
// What threads hold in their bins is for the registry to cross out.

using System.Runtime.InteropServices;

using NativeHeap.Pages;

namespace NativeHeap.Central;

internal unsafe partial struct CentralSet
{
    /// <summary>Copies which slots of a span of the heap are live, but for those that threads hold in their bins.</summary>
    /// <param name="span">The span; anything but one of the class and heap is refused.</param>
    /// <param name="spanClass">Its span class.</param>
    /// <param name="used">Receives the copy.</param>
    /// <param name="content">Receives what the slots in use hold, as <see cref="UsedSlots.Copy"/> says; or null.</param>
    /// <returns>Whether it was one.</returns>
    public bool TryCopyUsed(PageSpan* span, int spanClass, UsedSlots* used, byte* content = null)
    {
        CentralCache* central = Find(spanClass);
        if (central == null)
        {
            return false;
        }

        if (central->DepotBytes != 0 || content != null)
        {
            // Which also keeps the heap's end out, the one way by which spans with slots in use go.
            _maintenanceLock.Enter();
            _ = central->DrainDepot(long.MaxValue);
            bool isOurs = central->TryCopyUsed(span, used, content);
            _maintenanceLock.Exit();
            return isOurs;
        }

        return central->TryCopyUsed(span, used, content: null);
    }

    /// <summary>Copies a piece of what a large object of the heap holds.</summary>
    /// <param name="span">Its span, which may be another by now.</param>
    /// <param name="start">Where the piece begins.</param>
    /// <param name="content">Receives it.</param>
    /// <param name="bytes">The length of the piece; the part of it beyond the object's end is not copied.</param>
    /// <returns>How much was copied: nothing if the object has ended.</returns>
    public nuint CopyLarge(PageSpan* span, byte* start, byte* content, nuint bytes)
    {
        _maintenanceLock.Enter();
        _largeLock.Enter();
        nuint offset = (nuint)(start - span->Base);
        bool isOurs = span->State == SpanState.Large && span->HeapIndex == Index && offset < span->UsableBytes;
        nuint copied = isOurs ? nuint.Min(bytes, span->UsableBytes - offset) : 0;
        NativeMemory.Copy(start, content, copied);
        _largeLock.Exit();
        _maintenanceLock.Exit();
        return copied;
    }
}
