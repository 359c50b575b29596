// What is asked of the marks of checked heaps:
//
//     a slot's mark says live  <=>  it is live:  then it is not free in its span, and there are as many such marks as live slots

using NativeHeap.Pages;

using Xunit;

namespace NativeHeap.Tests.Faults;

internal sealed unsafe partial class HeapInvariants
{
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

    private void CheckMark(PageSpan* span, byte* block)
    {
        if (span->IsMarked)
        {
            _marked++;
            Assert.True(SlotMarks.OriginOf(span, span->SlotCount == 0 ? 0 : span->SlotAt((nuint)(block - span->Base))) != 0, "A live block is not marked as such.");
        }
    }
}
