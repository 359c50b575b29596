// How much somebody may hold, and how much he does: a heap its spans, the process what it has mapped. Charged before memory is taken, so that
//
//     Used <= Maximum at every charge that is granted, on any number of threads, to the byte;         Peak = the most that Used has been
//
// A maximum may be lowered below what is in use: then nothing is granted until enough has been given back.
//
// A charge is an addition by compare-and-exchange and needs no lock; one is made for a span or a growth, never for an object. What is charged and then not to be had is cancelled.
// Peak is looked at before the use falls, so that what was only asked for does not count, and growing costs nothing for it.

using System.Threading;

using NativeHeap.Platform;

namespace NativeHeap.Pages;

/// <summary>A limit on memory, and what is held under it; in bytes.</summary>
internal struct MemoryQuota
{
    /// <summary>The maximum that is none.</summary>
    public const long Unlimited = long.MaxValue;

    private long _used;
    private long _peak;
    private long _maximum;
    private RefusedBy _name;

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

    /// <summary>Begins anew, with nothing held and no limit.</summary>
    /// <param name="name">Who is to be named when it refuses.</param>
    public void Reset(RefusedBy name) => this = new MemoryQuota { _name = name, _maximum = Unlimited };

    /// <summary>Charges memory that is about to be taken.</summary>
    /// <returns>Whether the limit permits it; if not, nothing is charged.</returns>
    public bool TryCharge(nuint bytes)
    {
        long used = Used;
        while (true)
        {
            long sum = used + (long)bytes;
            if (sum > Maximum)
            {
                Refusal.Last = _name;
                return false;
            }

            long found = Atomic.CompareExchange(ref _used, sum, used);
            if (found == used)
            {
                return true;
            }

            used = found;
        }
    }

    /// <summary>Takes a charge back for which there was no memory.</summary>
    public void Cancel(nuint bytes) => _ = Atomic.Add(ref _used, -(long)bytes);

    /// <summary>Takes the charge of memory back that has been given back.</summary>
    public void Uncharge(nuint bytes)
    {
        long used = Used;
        for (long peak = Volatile.Read(ref _peak); used > peak;)
        {
            long found = Atomic.CompareExchange(ref _peak, used, peak);
            peak = found == peak ? used : found;
        }

        _ = Atomic.Add(ref _used, -(long)bytes);
    }
}
