// The scavenger the other way round: memory that is there before it is needed, mapped and touched, and free for whichever heap needs it first.
//
//     prewarmed = bytes in spans at the time + bytes asked for: the highest since the last Trim
//     passes leave as many free pages in memory as are missing to that from what is in spans now: beside them those that were never used, which are as good as not there
//
// The pieces are taken aside one after the other, free pages before new ones and long ones before short ones, and are all free again when the last has been touched. Each is shorter than a run
// that would be kept whole for large objects alone.

using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Maintenance;

internal unsafe partial struct Scavenger
{
    private const int PieceShift = 8;

    /// <summary>Maps and touches free memory. Passes leave it, until <see cref="ReturnAll"/>.</summary>
    /// <param name="bytes">How much.</param>
    /// <returns>Whether there is so much; if not, what there is has been touched.</returns>
    public bool Prewarm(nuint bytes)
    {
        nuint wanted = (bytes + SizeClass.PageSize - 1) >> SizeClass.PageShift;
        nuint inSpans = _pages->GetTotals().Span;
        PageSpan* taken = null;
        for (int shift = PieceShift; shift >= 0; shift--)
        {
            wanted -= TakeAside((nuint)1 << shift, wanted, mayGrow: false, ref taken);
        }

        wanted -= TakeAside((nuint)1 << PieceShift, wanted, mayGrow: true, ref taken);
        bool enough = TakeAside(wanted, wanted, mayGrow: true, ref taken) == wanted;
        while (taken != null)
        {
            PageSpan* next = taken->Next;
            taken->Next = null;
            VirtualMemory.Prefault(taken->Base, taken->ByteCount);
            _pages->Free(taken);
            taken = next;
        }

        _passLock.Enter();
        _prewarmed = enough ? nuint.Max(_prewarmed, inSpans + bytes) : _prewarmed;
        _pages->RaiseHighWater(paid: 0);
        _passLock.Exit();
        return enough;
    }

    // What is in spans may be other by the time that the answer is used.
    private readonly nuint PrewarmedFree
    {
        get
        {
            nuint inSpans = _prewarmed == 0 ? 0 : _pages->GetTotals().Span;
            return _prewarmed > inSpans ? _prewarmed - inSpans + _pages->UnusedBytes : 0;
        }
    }

    private readonly nuint TakeAside(nuint piece, nuint wanted, bool mayGrow, ref PageSpan* taken)
    {
        nuint got = 0;
        while (piece != 0 && wanted - got >= piece)
        {
            PageSpan* span = _pages->TakeAside(piece, mayGrow);
            if (span == null)
            {
                break;
            }

            span->Next = taken;
            taken = span;
            got += piece;
        }

        return got;
    }
}
