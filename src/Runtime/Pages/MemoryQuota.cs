// How much somebody may hold, and how much he does: a heap its spans, the process what it has mapped. Charged before memory is taken, so that
//
//     Used <= Maximum at every charge that is granted, on any number of threads, to the byte;         Peak = the most that Used has been
//
// A maximum may be lowered below what is in use: then nothing is granted until enough has been given back.
//
// The soft limit refuses nothing: that it has been passed, or would have been by what the maximum refused, is told once.
//
//     Threshold = min(SoftLimit, Maximum)
//     Calm -> Rising    a charge, granted or not, that takes Used over Threshold
//     Rising -> Told    by the one who goes on to tell it, with no lock held; -> Calm if it is over by then
//     Told -> Calm      when Used falls below 15/16 of Threshold: what wavers around the limit is told once
//
// A charge is an addition by compare-and-exchange and needs no lock; one is made for a span or a growth, never for an object. What is charged and then not to be had is cancelled.
// A quota may pass its charges on to the garbage collector (GC.AddMemoryPressure), which may then collect there and then: where memory is charged no lock is held. To take pressure back is only to count.
//
// Peak is looked at before the use falls, so that what was only asked for does not count, and growing costs nothing for it.

using System;
using System.Threading;

using NativeHeap.Platform;

namespace NativeHeap.Pages;

/// <summary>A limit on memory, and what is held under it; in bytes.</summary>
internal struct MemoryQuota
{
    /// <summary>The maximum that is none.</summary>
    public const long Unlimited = long.MaxValue;

    private const int Calm = 0;
    private const int Rising = 1;
    private const int Told = 2;
    private const int CalmShare = 16;

    private long _used;
    private long _peak;
    private long _maximum;
    private long _softLimit;
    private int _pressure;
    private RefusedBy _name;

    /// <summary>Whether what is held is to weigh on the garbage collector. Set while nothing is.</summary>
    public bool AddsPressure;

    /// <summary>What is held.</summary>
    public readonly long Used => Volatile.Read(in _used);

    /// <summary>The most that was held at one time.</summary>
    public readonly long Peak => long.Max(Volatile.Read(in _peak), Used);

    /// <summary>What may be held.</summary>
    public long Maximum
    {
        readonly get => Volatile.Read(in _maximum);
        set => Volatile.Write(ref _maximum, value);
    }

    /// <summary>What may be held without a word. A new one has not been told: if it is passed already, the next charge says so.</summary>
    public long SoftLimit
    {
        readonly get => Volatile.Read(in _softLimit);
        set
        {
            Volatile.Write(ref _softLimit, value);
            ForgetTelling();
        }
    }

    /// <summary>What is told when it is passed: the lower of the two limits.</summary>
    public readonly long Threshold => long.Min(SoftLimit, Maximum);

    /// <summary>Whether the soft limit has been passed and nobody has been told yet.</summary>
    public readonly bool IsRising => Volatile.Read(in _pressure) == Rising;

    /// <summary>Begins anew, with nothing held and no limit.</summary>
    /// <param name="name">Who is to be named when it refuses.</param>
    public void Reset(RefusedBy name) => this = new MemoryQuota { _name = name, _maximum = Unlimited, _softLimit = Unlimited };

    /// <summary>Makes what is held now the maximum, if it is not lower.</summary>
    /// <param name="name">Who is to be named when it refuses.</param>
    public void Freeze(RefusedBy name)
    {
        _name = name;
        Maximum = long.Min(Maximum, Used);
    }

    /// <summary>Forgets that anybody has been told.</summary>
    public void ForgetTelling() => Volatile.Write(ref _pressure, Calm);

    /// <summary>Takes over the telling that the soft limit has been passed.</summary>
    /// <param name="isRefused">Whether this thread has just been refused memory.</param>
    /// <returns>Whether it is the caller's to tell.</returns>
    public bool TakeTelling(bool isRefused)
    {
        bool isOver = Used > Threshold || (isRefused && Refusal.Last == _name);
        return Atomic.CompareExchange(ref _pressure, isOver ? Told : Calm, Rising) == Rising && isOver;
    }

    /// <summary>Charges memory that is about to be taken.</summary>
    /// <returns>Whether the limit permits it; if not, nothing is charged.</returns>
    public bool TryCharge(nuint bytes)
    {
        long used = Used;
        while (true)
        {
            long sum = used + (long)bytes;
            if (sum > Threshold && Volatile.Read(ref _pressure) == Calm)
            {
                _ = Atomic.CompareExchange(ref _pressure, Rising, Calm);
            }

            if (sum > Maximum)
            {
                Refusal.Last = _name;
                return false;
            }

            long found = Atomic.CompareExchange(ref _used, sum, used);
            if (found == used)
            {
                if (AddsPressure)
                {
                    GC.AddMemoryPressure((long)bytes);
                }

                return true;
            }

            used = found;
        }
    }

    /// <summary>Takes a charge back for which there was no memory.</summary>
    public void Cancel(nuint bytes)
    {
        _ = Atomic.Add(ref _used, -(long)bytes);
        RemovePressure(bytes);
    }

    /// <summary>Takes the charge of memory back that has been given back.</summary>
    public void Uncharge(nuint bytes)
    {
        long used = Used;
        for (long peak = Volatile.Read(ref _peak); used > peak;)
        {
            long found = Atomic.CompareExchange(ref _peak, used, peak);
            peak = found == peak ? used : found;
        }

        used = Atomic.Add(ref _used, -(long)bytes);
        if (Volatile.Read(ref _pressure) == Told && used < Threshold - (Threshold / CalmShare))
        {
            _ = Atomic.CompareExchange(ref _pressure, Calm, Told);
        }

        RemovePressure(bytes);
    }

    private readonly void RemovePressure(nuint bytes)
    {
        if (AddsPressure && bytes != 0)
        {
            GC.RemoveMemoryPressure((long)bytes);
        }
    }
}
