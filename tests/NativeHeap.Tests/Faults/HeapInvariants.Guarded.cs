// What is asked of the places of guarded objects:
//
//     a place waits in the queue, once, or its object is in use, and in the list of its heap;   as many are in use as the count says, with as many bytes

using System.Collections.Generic;

using NativeHeap.Heaps;
using NativeHeap.Pages;

using Xunit;

namespace NativeHeap.Tests.Faults;

internal sealed unsafe partial class HeapInvariants
{
    private void CheckGuarded()
    {
        GuardedPages* guarded = &HeapProcess.Pages->Guarded;
        if (guarded->Region == null)
        {
            return;
        }

        HashSet<int> waiting = [];
        for (int place = guarded->FirstWaiting; place >= 0; place = guarded->Places[place].Next)
        {
            Assert.True(waiting.Add(place), "A place is in the queue twice.");
        }

        long bytes = 0;
        for (int place = 0; place < GuardedPages.PlaceCount; place++)
        {
            GuardedPlace* found = guarded->Places + place;
            bool isLive = found->State == GuardedState.Live;
            Assert.Equal(isLive, found->Span.State == SpanState.Large);
            Assert.Equal(isLive, !waiting.Contains(place));
            Assert.Equal(isLive, _spanPages.ContainsKey((nint)found));
            bytes += isLive ? (long)found->Span.ByteCount : 0;
        }

        Assert.Equal(GuardedPages.PlaceCount - waiting.Count, guarded->Used);
        Assert.Equal((long)guarded->Size - bytes, guarded->IdleBytes);
    }
}
