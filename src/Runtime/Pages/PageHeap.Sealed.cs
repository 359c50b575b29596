// Spans that nothing may touch any more, and whose addresses nobody else gets for a while: those of heaps that were checked at the closest level, when they end. Whoever goes on using their objects faults at the very
// instruction.
//
//     sealed span:  State = Sealed, SlotCount = 0, its memory with the system, its addresses inaccessible
//     _sealedBytes  = what all of them take of the addresses <= MaxSealedBytes, but for the last
//
// First in, first out: the oldest is made accessible and goes to the page heap. If the system refuses that, it stays sealed until the next time. To everybody else they are spans in use.
//
// The lock guards the list alone: no system call is made under it.

using System.Threading;

using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Pages;

internal unsafe partial struct PageHeap
{
    private const nuint MaxSealedBytes = 16 << 20;

    /// <summary>The bytes of the sealed spans that have been taken back.</summary>
    public readonly nuint SealedBytes => Volatile.Read(in _sealedBytes);

    /// <summary>Makes a span's memory inaccessible, and gives it back to the system.</summary>
    /// <returns>Whether it is; if not, it is as it was.</returns>
    public static bool Seal(PageSpan* span)
    {
        span->State = SpanState.Sealed;
        bool isSealed = VirtualMemory.Fault(span->Base, span->ByteCount);
        if (!isSealed)
        {
            span->State = SizeClass.FromSpanClass(span->SpanClass) == SizeClass.Large ? SpanState.Large : SpanState.Slots;
        }

        return isSealed;
    }

    /// <summary>Makes a sealed span's memory accessible again; it reads as zero.</summary>
    /// <param name="span">The span.</param>
    /// <param name="state">What it is to be then.</param>
    /// <returns>Whether it is; if not, it stays sealed.</returns>
    public static bool Unseal(PageSpan* span, SpanState state)
    {
        bool isReady = VirtualMemory.Map(span->Base, span->ByteCount) && VirtualMemory.Used(span->Base, span->ByteCount);
        span->State = isReady ? state : SpanState.Sealed;
        return isReady;
    }

    /// <summary>Takes spans back, as <see cref="Free"/>, but for a while nothing may touch them.</summary>
    /// <inheritdoc cref="Free" path="/param[@name='spans']|/returns"/>
    public nuint FreeSealed(PageSpan* spans)
    {
        nuint bytes = 0;
        PageSpan* leaving = null;
        while (spans != null)
        {
            PageSpan* span = spans;
            spans = span->Next;
            bytes += span->ByteCount;
            if (span->State == SpanState.Sealed || Seal(span))
            {
                span->SlotCount = 0;
                Append(span);
            }
            else
            {
                Leave(span, ref leaving);
            }
        }

        for (PageSpan* oldest = TakeOldest(); oldest != null; oldest = TakeOldest())
        {
            DelayInjection.Pass(DelayPoint.SealedInHand);
            if (!Unseal(oldest, SpanState.Unused))
            {
                Append(oldest);
                break;
            }

            oldest->SlotCount = (ushort)PageSpan.SlotsIn(oldest->PageCount, oldest->SpanClass);
            Leave(oldest, ref leaving);
        }

        if (leaving != null)
        {
            _ = Free(leaving);
        }

        return bytes;
    }

    private static void Leave(PageSpan* span, ref PageSpan* list)
    {
        span->Previous = null;
        span->Next = list;
        list = span;
    }

    private void Append(PageSpan* span)
    {
        span->Next = null;
        span->Previous = null;
        _sealedLock.Enter();
        if (_firstSealed == null)
        {
            _firstSealed = span;
        }
        else
        {
            _lastSealed->Next = span;
        }

        _lastSealed = span;
        _sealedBytes += span->ByteCount;
        _sealedLock.Exit();
    }

    // The oldest, if there are too many.
    private PageSpan* TakeOldest()
    {
        _sealedLock.Enter();
        PageSpan* span = _sealedBytes > MaxSealedBytes && _firstSealed != _lastSealed ? _firstSealed : null;
        if (span != null)
        {
            _firstSealed = span->Next;
            _sealedBytes -= span->ByteCount;
        }

        _sealedLock.Exit();
        return span;
    }
}
