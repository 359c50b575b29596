// Holes of the spans in use: how their memory goes back to the system, without a central lock held over the call.
//
//     lock: find the holes of a span, take the free bits of all slots that touch them -> no central lock: Purge -> lock: put the bits back, note the holes as purged
//
// Meanwhile nobody can be given such a slot. They count as free (_freeSlots has them, and Flush finds one that is freed a second time), and FreeCount lacks them. The span does not leave meanwhile, not even if it
// becomes idle, as it may when its only hole is its tail, which has no slots.
// One span a time, under the heap's maintenance lock, for which its disposal waits.
//
//     a span with room is in _room     while something may be found in it: Fresh since slots of it were handed out or given back, Old once a pass has met it like that
//                     or in _settled   when a pass has found nothing left to give back, until it is touched again
//
// So a span's holes go when it has not been touched from one pass to the next, a pass costs what has been touched and not what the heap holds, and slots are
// handed out first from where memory is. _cursor is where a pass has got to in _room.

using System.Runtime.CompilerServices;

using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;

namespace NativeHeap.Central;

internal unsafe partial struct CentralCache
{
    // The most spans that a step looks at in vain, under the lock.
    private const int SearchSteps = 32;

    /// <summary>Whether spans with room have been touched since a pass found nothing in them; read without the lock, the answer may be old.</summary>
    public readonly bool MayHaveHoles => _room.First != null;

    /// <summary>Begins a pass over the holes alone. A pass of the scavenger's that is in progress then leaves the rest to its next.</summary>
    public void BeginPurge()
    {
        _lock.Enter();
        _cursor = _room.First;
        _lock.Exit();
    }

    /// <summary>Gives the holes of one span back, the next that a pass meets. Under the heap's maintenance lock.</summary>
    /// <param name="reach">How far the pass goes.</param>
    /// <param name="given">The bytes given back.</param>
    /// <returns>Whether the pass goes on.</returns>
    public bool Purge(PassReach reach, out nuint given)
    {
        Unsafe.SkipInit(out TakenHoles taken);
        bool goesOn = TakeHoles(reach, &taken);
        given = 0;
        if (taken.Span != null)
        {
            DelayInjection.Pass(DelayPoint.HolesTaken);
            uint purged = SpanHoles.Purge(taken.Span, taken.Units, VirtualMemory.PageSize);
            DelayInjection.Pass(DelayPoint.HolesTaken);
            given = PutHolesBack(purged);
        }

        return goesOn;
    }

    /// <summary>Takes the holes of the next span of the pass that has any.</summary>
    /// <param name="reach">How far the pass goes.</param>
    /// <param name="taken">Receives them, and must stay where it is until <see cref="PutHolesBack"/>; without a span if none was found, now or at all.</param>
    /// <returns>Whether the pass goes on.</returns>
    public bool TakeHoles(PassReach reach, TakenHoles* taken)
    {
        taken->Span = null;
        _lock.Enter();
        for (int step = 0; step < SearchSteps && _cursor != null && taken->Span == null; step++)
        {
            PageSpan* span = _cursor;
            _cursor = span->Next;
            if (span->Age == SpanAge.Fresh && reach != PassReach.Full)
            {
                span->Age = SpanAge.Old;
                continue;
            }

            taken->Units = CanSpare(span->FreeCount) ? SpanHoles.Find(span, VirtualMemory.PageSize) : 0;
            if (taken->Units == 0)
            {
                Settle(span);
                continue;
            }

            _taken = taken;
            taken->Span = span;
            bool wasIdle = IsIdle(span);
            SpanHoles.Take(span, taken->Units, VirtualMemory.PageSize, taken->Bits);
            _idleSpans -= wasIdle && !IsIdle(span) ? 1 : 0;
            span->Age = SpanAge.Old;
            if (span->FreeCount == 0)
            {
                _room.Remove(span);
                _full.Add(span);
            }
        }

        bool goesOn = _cursor != null;
        _lock.Exit();
        return goesOn;
    }

    /// <summary>Puts the holes back that were taken.</summary>
    /// <param name="purged">Those whose memory has gone back.</param>
    /// <returns>The bytes of those.</returns>
    public nuint PutHolesBack(uint purged)
    {
        PageSpan* empty = null;
        _lock.Enter();
        PageSpan* span = _taken->Span;
        bool wasFull = span->FreeCount == 0;
        _idleSpans -= IsIdle(span) ? 1 : 0;
        nuint before = SpanHoles.PurgedBytes(span, VirtualMemory.PageSize);
        span->Purged |= purged;
        nuint given = SpanHoles.PurgedBytes(span, VirtualMemory.PageSize) - before;
        AddPurged((long)given);
        SpanHoles.PutBack(span, _taken->Bits);
        _taken = null;

        // A hole in the span's tail has no slots to put back: the span may be full still.
        bool hasRoom = span->FreeCount != 0;
        if (wasFull && hasRoom)
        {
            _full.Remove(span);
            _room.Add(span);
        }

        if (IsIdle(span) && LeaveIfIdle(span))
        {
            empty = span;
        }
        else if (hasRoom && span->Age == SpanAge.Old)
        {
            Settle(span);
        }

        _lock.Exit();
        Release(empty, SpanAge.Old);
        return given;
    }

    // Under the lock: whether a step of a pass has taken holes of the span and not put them back yet.
    private readonly bool IsTaken(PageSpan* span) => _taken != null && _taken->Span == span;

    private static bool IsIdle(PageSpan* span) => span->FreeCount == span->SlotCount;

    // Under the lock: memory of spans has gone, or is there again.
    private void AddPurged(long bytes)
    {
        if (bytes != 0)
        {
            _purgedBytes += bytes;
            _set->Pages->AddHoles(bytes);
        }
    }

    // Under the lock: a span of _room has nothing to give back, unless it is touched again.
    private void Settle(PageSpan* span)
    {
        LeaveRoom(span);
        span->Age = SpanAge.Settled;
        _settled.Add(span);
    }

    // Under the lock: takes a span with room out of its list.
    private void LeaveRoom(PageSpan* span)
    {
        if (span->Age == SpanAge.Settled)
        {
            _settled.Remove(span);
            return;
        }

        _cursor = span == _cursor ? span->Next : _cursor;
        _room.Remove(span);
    }

    // Under the lock: puts a span with room, in no list now, where those are that have just been touched.
    private void EnterRoom(PageSpan* span, SpanAge age)
    {
        span->Age = age;
        _room.Add(span);
    }

    // Under the lock: slots of a span with room have been handed out or given back.
    private void Refresh(PageSpan* span, SpanAge age)
    {
        if (span->Age == SpanAge.Settled)
        {
            _settled.Remove(span);
            _room.Add(span);
            span->Age = age;
        }
        else if (age == SpanAge.Fresh)
        {
            span->Age = SpanAge.Fresh;
        }
    }
}

/// <summary>What a step of a pass has taken of a span.</summary>
internal unsafe struct TakenHoles
{
    /// <summary>The span; null if there was none.</summary>
    public PageSpan* Span;

    /// <summary>The holes.</summary>
    public uint Units;

    /// <summary>The free bits taken.</summary>
    public fixed ulong Bits[SizeClass.MaxSlots / 64];
}
