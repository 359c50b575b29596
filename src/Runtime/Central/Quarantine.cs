// What has been freed of a heap that is checked at the closest level, and is kept from use for a while, so that who still writes to it is found out: first in, first out.
//
//     bytes   = sum over the blocks in it of their slots or pages <= the heap's limit, but for the block that came last
//     in it   : its mark is 0, its slot is neither free in its span nor in a magazine; a small block is filled (Guards/SlotFills.cs), a large one inaccessible (its span is Sealed)
//
// The blocks are chained by their records, so that to free needs no memory. What is in it counts as held by the allocator, not as live: by span class, for the statistics.
//
// The lock guards the chain and the counts. Who takes a block out has it alone.
//
// What comes out was last touched as many bytes ago as there are in it, and is in no cache of the processor's any more: a free would mostly wait for memory. So what comes out next is fetched when the one before comes out, a free earlier.

using System.Threading;

using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Central;

/// <summary>Freed blocks that are kept from use.</summary>
internal unsafe struct Quarantine
{
    private const int FetchedBytes = 256;

    private HeapLock _lock;
    private void* _first;
    private void* _last;
    private PageHeap* _pages;
    private nuint _maximum;
    private nuint _bytes;
    private fixed long _blocks[SizeClass.SpanClassCount];
    private fixed long _classBytes[SizeClass.SpanClassCount];

    /// <summary>Prepares it for a heap, which has no blocks.</summary>
    /// <param name="pages">Where its spans are found.</param>
    /// <param name="maximum">The most that it keeps, in bytes.</param>
    public void Open(PageHeap* pages, nuint maximum)
    {
        _pages = pages;
        _maximum = maximum;
    }

    /// <summary>The blocks of a span class in it.</summary>
    public readonly long Blocks(int spanClass) => _blocks[spanClass];

    /// <summary>The bytes of the slots, or pages, of a span class in it.</summary>
    public readonly long Bytes(int spanClass) => _classBytes[spanClass];

    /// <summary>Puts a block in.</summary>
    public void Add(void* block)
    {
        PageSpan* span = Prepare(block);
        _lock.Enter();
        Push(block, span);
        _lock.Exit();
    }

    /// <summary>Puts a block in, and takes the oldest out, if there are too many.</summary>
    /// <returns>The oldest, or null.</returns>
    public void* Exchange(void* block)
    {
        PageSpan* span = Prepare(block);
        _lock.Enter();
        Push(block, span);
        void* oldest = Pop();
        void* next = _first;
        _lock.Exit();
        return HandOut(oldest, next);
    }

    /// <summary>Takes the oldest block out, if there are too many.</summary>
    /// <returns>The block, or null.</returns>
    public void* TakeOldest()
    {
        // Who puts one in meanwhile asks for himself.
        if (Volatile.Read(ref _bytes) <= _maximum)
        {
            return null;
        }

        _lock.Enter();
        void* oldest = Pop();
        void* next = _first;
        _lock.Exit();
        return HandOut(oldest, next);
    }

    /// <summary>The block after another, or the first. For when nobody frees.</summary>
    /// <param name="block">A block in it, or null.</param>
    /// <returns>The block, or null.</returns>
    public void* Next(void* block)
    {
        _lock.Enter();
        void* next = block == null ? _first : RecordOf(_pages->Map.SpanOf(block), block)->Next;
        _lock.Exit();
        return next;
    }

    /// <summary>Forgets its blocks, for a heap all of whose objects are about to end.</summary>
    public void Clear()
    {
        _lock.Enter();
        _first = _last = null;
        _bytes = 0;
        for (int spanClass = 0; spanClass < SizeClass.SpanClassCount; spanClass++)
        {
            _blocks[spanClass] = _classBytes[spanClass] = 0;
        }

        _lock.Exit();
    }

    // A large object is slot 0 of its span.
    private static SlotRecord* RecordOf(PageSpan* span, void* block) => SlotMarks.RecordOf(span, span->SlotOf(block));

    private readonly PageSpan* Prepare(void* block)
    {
        PageSpan* span = _pages->Map.SpanOf(block);
        RecordOf(span, block)->Next = null;
        DelayInjection.Pass(DelayPoint.BlockInHand);
        return span;
    }

    private void Push(void* block, PageSpan* span)
    {
        if (_first == null)
        {
            _first = block;
        }
        else
        {
            RecordOf(_pages->Map.SpanOf(_last), _last)->Next = block;
        }

        _last = block;
        Count(span, 1);
    }

    private void* Pop()
    {
        void* oldest = _bytes > _maximum && _first != _last ? _first : null;
        if (oldest != null)
        {
            PageSpan* span = _pages->Map.SpanOf(oldest);
            _first = RecordOf(span, oldest)->Next;
            Count(span, -1);
        }

        return oldest;
    }

    private readonly void* HandOut(void* oldest, void* next)
    {
        DelayInjection.Pass(DelayPoint.BlockInHand);
        if (oldest != null)
        {
            Fetch(next);
        }

        return oldest;
    }

    // What is looked at when a block comes out, and when it is allocated again: what is known of it, what stands before it, and of itself as much as the processor does not foresee. If others have it by now, it may be no block any more, which does no harm.
    private readonly void Fetch(void* block)
    {
        PageSpan* span = _pages->Map.SpanOf(block);
        if (span == null || !span->HasRecords || span->SlotCount == 0)
        {
            return;
        }

        SlotMarks.Fetch(span, span->SlotOf(block));
        for (nint offset = -PageSpan.LineSize; offset < nint.Min(span->SlotSize, FetchedBytes); offset += PageSpan.LineSize)
        {
            Processor.Prefetch((byte*)block + offset);
        }
    }

    private void Count(PageSpan* span, int sign)
    {
        nuint bytes = span->SlotCount == 0 ? span->ByteCount : (nuint)(uint)span->SlotSize;
        _bytes += sign > 0 ? bytes : 0 - bytes;
        _blocks[span->SpanClass] += sign;
        _classBytes[span->SpanClass] += sign * (long)bytes;
    }
}
