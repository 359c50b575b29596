// A system that refuses calls as a plan says, and a ledger of the addresses that the real one has given: what was given and not returned must be in somebody's figures.

using System.Collections.Generic;
using System.Linq;
using System.Threading;

using NativeHeap.Pages;
using NativeHeap.Platform;

namespace NativeHeap.Tests.Faults;

/// <summary>Which calls of a kind are refused, counted from 1.</summary>
internal enum FaultMode
{
    /// <summary>The n-th.</summary>
    Once,

    /// <summary>The n-th and all after it.</summary>
    From,

    /// <summary>The n-th, the 2n-th, and so on.</summary>
    Every,
}

/// <summary>What is refused, and why.</summary>
/// <param name="Call">The kind of call.</param>
/// <param name="Mode">Which of its calls.</param>
/// <param name="N">The number that the mode speaks of.</param>
/// <param name="Error">The system's number for the reason; 0 for want of memory.</param>
internal sealed record FaultPlan(SystemCall Call, FaultMode Mode, int N, int Error)
{
    public bool Refuses(int number) => Mode switch
    {
        FaultMode.Once => number == N,
        FaultMode.From => number >= N,
        _ => number % N == 0,
    };
}

/// <summary>The system, with faults.</summary>
/// <param name="keepsLedger">Whether to note addresses, for which threads that allocate wait for each other and allocate managed memory.</param>
internal sealed unsafe class FaultySystem(bool keepsLedger = true) : FaultInjection
{
    private readonly Lock _lock = new();
    private readonly Dictionary<nint, nuint> _ranges = [];
    private FaultPlan? _plan;
    private int _asked;
    private int _refused;

    /// <summary>The calls refused since the last plan was set.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>The bytes of addresses given and not returned.</summary>
    public long Outstanding
    {
        get
        {
            lock (_lock)
            {
                return _ranges.Values.Sum(size => (long)size);
            }
        }
    }

    /// <summary>The numbers of the arenas that lie in addresses given, and of some that do not exist.</summary>
    public nuint[] Arenas
    {
        get
        {
            lock (_lock)
            {
                return [.. _ranges.SelectMany(range => ArenasOf((nuint)range.Key, range.Value)).Distinct()];
            }
        }
    }

    protected override int Error => _plan?.Error ?? 0;

    /// <summary>Begins to refuse.</summary>
    public void Refuse(FaultPlan plan)
    {
        _asked = 0;
        _refused = 0;
        Volatile.Write(ref _plan, plan);
    }

    /// <summary>Refuses nothing any more.</summary>
    public void Relent() => Volatile.Write(ref _plan, null);

    /// <summary>Gives all back that is outstanding. Nothing may use it any more.</summary>
    public void ReturnAll()
    {
        KeyValuePair<nint, nuint>[] ranges;
        lock (_lock)
        {
            ranges = [.. _ranges];
        }

        foreach ((nint address, nuint size) in ranges)
        {
            _ = VirtualMemory.Free((void*)address, size);
        }
    }

    private static IEnumerable<nuint> ArenasOf(nuint address, nuint size)
    {
        for (nuint number = address / HeapArena.Size; number <= (address + size - 1) / HeapArena.Size; number++)
        {
            yield return number;
        }
    }

    protected override bool Decide(SystemCall call)
    {
        FaultPlan? plan = Volatile.Read(ref _plan);
        if (plan?.Call != call || !plan.Refuses(Interlocked.Increment(ref _asked)))
        {
            return false;
        }

        _ = Interlocked.Increment(ref _refused);
        return true;
    }

    protected override void OnObtained(void* address, nuint size)
    {
        if (keepsLedger)
        {
            lock (_lock)
            {
                _ranges.Add((nint)address, size);
            }
        }
    }

    protected override void OnReturned(void* address)
    {
        if (keepsLedger)
        {
            lock (_lock)
            {
                _ = _ranges.Remove((nint)address);
            }
        }
    }
}
