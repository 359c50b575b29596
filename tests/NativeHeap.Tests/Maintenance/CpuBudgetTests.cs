using System.Collections.Generic;

using NativeHeap.Maintenance;
using NativeHeap.Platform;

using Xunit;

namespace NativeHeap.Tests.Maintenance;

/// <summary>What a budget grants, by table: times in milliseconds that pass on the wall, on the thread and on all threads of the process, and the grant after each.</summary>
public sealed class CpuBudgetTests
{
    private const long Millisecond = 1_000_000;

    private static readonly Dictionary<string, Step[]> s_rows = new()
    {
        ["an idle process may spend its credit at once"] = [new(250, 0, 0, 200, true), new(50, 0, 0, 200, true)],
        ["what it has used is gone, and a tenth of the time comes back"] = [new(250, 0, 0, 200, true), new(200, 150, 150, 70, true), new(50, 10, 10, 65, true)],
        ["and when all is used there is nothing until time has passed"] = [new(250, 0, 0, 200, true), new(400, 290, 290, 0, true), new(100, 0, 0, 0, true), new(500, 0, 0, 10, true)],
        ["saved up is at most two seconds' share"] = [new(100, 100, 100, 110, true), new(60_000, 0, 0, 200, true)],
        ["a process at work gives a hundredth of the time"] = [new(250, 0, 250, 2.5, false), new(1_000, 2, 1_000, 10, false)],
        ["whatever was saved up"] = [new(60_000, 0, 60_000, 200, false), new(100, 0, 100, 1, false)],
        ["idle is up to a tenth of a core by the others"] = [new(100, 50, 60, 160, true), new(100, 50, 61, 1, false)],
        ["its own time is not the others'"] = [new(250, 200, 200, 25, true)],
        ["what was not used at work is there when the process goes idle"] = [new(1_000, 5, 800, 10, false), new(100, 0, 1, 200, true)],
        ["who takes more than the grant waits for it"] = [new(1_000, 0, 1_000, 10, false), new(1_000, 230, 1_000, 0, false), new(1_000, 0, 1_000, 0, false), new(1_100, 0, 1_100, 1, false)],
    };

    public static TheoryData<string> Rows => [.. s_rows.Keys];

    [Theory]
    [MemberData(nameof(Rows))]
    public void Row_of_the_table(string name)
    {
        CpuTimes now = new(7_000 * Millisecond, 30 * Millisecond, 500 * Millisecond);
        CpuBudget budget = new(now);
        foreach (Step step in s_rows[name])
        {
            now = new(now.Wall + (step.Wall * Millisecond), now.Thread + (step.Thread * Millisecond), now.Process + (step.Process * Millisecond));
            Assert.Equal((long)(step.Grant * Millisecond), budget.Grant(now));
            Assert.Equal(step.IsIdle, budget.IsIdle);
        }
    }

    private sealed record Step(long Wall, long Thread, long Process, double Grant, bool IsIdle);
}
