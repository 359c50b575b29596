// The thread that gives memory back while nobody asks for it.
//
//     Asleep until something may be given back  ->  every half delay a pass, in slices as the budget grants them  ->  asleep when a pass leaves nothing to the next
//
// What a pass gives back was idle since the one before, so memory goes back after half the delay to the whole, and the time that the passes take. An idle process pays nothing.
//
// It is one managed thread, made when the process's structures are, so that nothing managed is allocated afterwards: it is a background thread, which keeps no process alive, and runs no code but
// this. If it cannot be made, the process does without: Trim still works.

using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;

using NativeHeap.Pages;
using NativeHeap.Platform;

namespace NativeHeap.Maintenance;

/// <summary>Runs the scavenger in the background.</summary>
internal sealed unsafe class ScavengerThread
{
    /// <summary>How long memory is idle before it goes back, in milliseconds, unless the process is set otherwise.</summary>
    public const int DefaultDelay = 500;

    /// <summary>The longest that it can be set to: an hour.</summary>
    public const int LongestDelay = 3_600_000;

    // What a system's timer can tell apart.
    private const uint ShortestInterval = 5;

    // Its frames are small; the runtime's own, at the start of a thread, are not.
    private const int StackSize = 256 << 10;

    // How long a pass waits for budget.
    private const uint BudgetMilliseconds = 50;

    private readonly Scavenger* _scavenger;
    private readonly uint _interval;

    /// <summary>Makes what the thread runs.</summary>
    /// <param name="scavenger">Whose passes it makes.</param>
    /// <param name="delay">How long memory is idle before it goes back, in milliseconds.</param>
    public ScavengerThread(Scavenger* scavenger, uint delay)
    {
        _scavenger = scavenger;
        _interval = uint.Max(delay / 2, ShortestInterval);
    }

    /// <summary>Starts the thread.</summary>
    /// <inheritdoc cref="ScavengerThread(Scavenger*, uint)" path="/param"/>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever keeps a thread from being made must not keep the process from allocating.")]
    public static void Start(Scavenger* scavenger, uint delay)
    {
        try
        {
            ScavengerThread runner = new(scavenger, delay);
            Thread thread = new(runner.Run, StackSize) { IsBackground = true, Name = "NativeHeap scavenger", Priority = ThreadPriority.BelowNormal };
            thread.UnsafeStart();
        }
        catch (Exception)
        {
            // Nobody waits for what it would have done.
        }
    }

    /// <summary>Lets an interval go by and makes a pass, as the budget grants it.</summary>
    /// <param name="budget">The calling thread's budget.</param>
    /// <returns>Whether the next pass may find something.</returns>
    public bool Pass(ref CpuBudget budget)
    {
        Doorbell* bell = _scavenger->Bell;
        bell->Pause(_interval);
        long grant = budget.Grant(CpuClock.Read());
        _scavenger->BeginPass(budget.IsIdle ? PassReach.Idle : PassReach.Busy);
        while (grant == 0 || !_scavenger->WorkFor(grant))
        {
            bell->Pause(BudgetMilliseconds);
            grant = budget.Grant(CpuClock.Read());
        }

        return _scavenger->LeavesWork;
    }

    private void Run()
    {
        CpuBudget budget = new(CpuClock.Read());
        while (true)
        {
            if (!Pass(ref budget))
            {
                SleepWithoutWork();
            }
        }
    }

    private void SleepWithoutWork()
    {
        Doorbell* bell = _scavenger->Bell;
        bell->Announce();
        if (_scavenger->HasWork)
        {
            bell->StayAwake();
        }
        else
        {
            bell->Sleep();
        }
    }
}
