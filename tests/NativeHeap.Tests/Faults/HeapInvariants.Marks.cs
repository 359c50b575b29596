// What is asked of the marks of checked heaps:
//
//     a slot's mark says live  <=>  it is live:  then it is not free in its span, and there are as many such marks as live slots
//     a block is in quarantine  =>  it is of that heap, neither live nor free nor in a magazine, and there once

using System.Collections.Generic;

using NativeHeap.Central;
using NativeHeap.Heaps;
using NativeHeap.Pages;

using Xunit;

namespace NativeHeap.Tests.Faults;

internal sealed unsafe partial class HeapInvariants
{
    private readonly HashSet<nint> _quarantined = [];
    private long _marks;
    private long _marked;

    private void CheckMarks(PageSpan* span)
    {
        for (int slot = 0; span->IsMarked && slot < span->MarkCount; slot++)
        {
            bool isLive = SlotMarks.OriginOf(span, slot) != 0;
            _marks += isLive ? 1 : 0;
            Assert.False(isLive && span->SlotCount != 0 && IsSet(span->Bits, slot), "A free slot is marked as live.");
        }
    }

    private void CheckQuarantine(CentralSet* set)
    {
        Quarantine* quarantine = set->Quarantine;
        for (void* block = quarantine == null ? null : quarantine->Next(null); block != null; block = quarantine->Next(block))
        {
            PageSpan* span = HeapProcess.Pages->Map.SpanOf(block);
            bool isStart = span->State == SpanState.Sealed ? span->Base == block : span->IsStart(block);
            Assert.True(span->HeapIndex == set->Index && span->HasRecords && isStart, "What is in quarantine is no block of the heap.");
            Assert.Equal(0u, SlotMarks.OriginOf(span, span->SlotOf(block)));
            Assert.False(span->State == SpanState.Slots && IsFree(span, (byte*)block), "A block in quarantine is free.");
            Assert.False(_parked.Contains((nint)block), "A block in quarantine is in a magazine.");
            Assert.True(_quarantined.Add((nint)block), "A block is in quarantine twice.");
        }
    }

    private void CheckMark(PageSpan* span, byte* block)
    {
        if (span->IsMarked)
        {
            _marked++;
            Assert.True(SlotMarks.OriginOf(span, span->SlotCount == 0 ? 0 : span->SlotAt((nuint)(block - span->Base))) != 0, "A live block is not marked as such.");
        }
    }
}
