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
        for (int slot = 0; span->IsMarked && slot < span->SlotCount; slot++)
        {
            bool isLive = SlotMarks.IsLive(span, slot);
            _marks += isLive ? 1 : 0;
            Assert.False(isLive && IsSet(span->Bits, slot), "A free slot is marked as live.");
        }
    }

    private void CheckMark(PageSpan* span, byte* block)
    {
        if (span->IsMarked)
        {
            _marked++;
            Assert.True(SlotMarks.IsLive(span, span->SlotAt((nuint)(block - span->Base))), "A live block is not marked as such.");
        }
    }
}
