// How much processor time the scavenger may take: a tenth of one core while the process is otherwise idle, a hundredth while it is at work.
//
//     credit += share of the time on the wall - own processor time              credit <= MaxCredit, which it starts with
//     idle  <=>  the process's other threads together took at most a tenth of a core since the last grant
//
// An idle process may spend its credit at once: nobody waits for a processor, and memory goes back soon. One at work gets at most the share of the time since the last grant, so that its
// threads never meet more than that. What it did not take is credit for when the process goes idle.
//
// All times are parameters: a test gives its own.

using NativeHeap.Platform;

namespace NativeHeap.Maintenance;

/// <summary>Grants processor time.</summary>
internal struct CpuBudget
{
    /// <summary>The most that can be saved up, in nanoseconds: two seconds' share of an idle process.</summary>
    public const long MaxCredit = 200_000_000;

    private const int IdleShare = 10;
    private const int BusyShare = 100;

    private CpuTimes _last;
    private long _credit;

    /// <summary>Whether the process did next to nothing else between the last two grants.</summary>
    public bool IsIdle { get; private set; }

    /// <summary>A budget with all the credit there can be.</summary>
    /// <param name="now">The times of the calling thread, which is the one that the budget is for.</param>
    public CpuBudget(in CpuTimes now)
    {
        _last = now;
        _credit = MaxCredit;
    }

    /// <summary>Settles what was used, and grants more.</summary>
    /// <param name="now">The times.</param>
    /// <returns>The processor time that the thread may take before it asks again, in nanoseconds; 0 for none.</returns>
    public long Grant(in CpuTimes now)
    {
        long elapsed = now.Wall - _last.Wall;
        long used = now.Thread - _last.Thread;
        long others = now.Process - _last.Process - used;
        _last = now;
        IsIdle = others <= elapsed / IdleShare;
        long share = elapsed / (IsIdle ? IdleShare : BusyShare);
        _credit = long.Clamp(_credit + share - used, -MaxCredit, MaxCredit);
        return long.Max(0, IsIdle ? _credit : long.Min(_credit, share));
    }
}
