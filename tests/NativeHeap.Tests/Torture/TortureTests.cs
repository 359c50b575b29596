// Torture has a process of its own, so that its resident size and its figures are nobody else's.
//
// NATIVEHEAP_TORTURE_SECONDS says how long it takes, NATIVEHEAP_TORTURE_SEED where chance begins; both have a value otherwise.

using System;
using System.Diagnostics;
using System.Globalization;
using System.Linq;

using NativeHeap.Tests.Buffers;

using Xunit;

namespace NativeHeap.Tests.Torture;

/// <summary>The allocator under all that can happen to it, at once.</summary>
public sealed class TortureTests(ITestOutputHelper output)
{
    [Fact]
    public void Nothing_is_lost_under_torture() => Run(areHeldUp: false);

    [Fact]
    public void Nothing_is_lost_when_threads_are_held_up_in_the_midst_of_hand_overs() => Run(areHeldUp: true);

    [Theory]
    [InlineData(typeof(MemoryPoolConcurrencyTests))]
    [InlineData(typeof(MessageFanOutTests))]
    public void Nor_are_buffers(Type tests)
    {
        (int exit, string text) = ThisProgram.Run(tests, (RandomDelays.Variable, "1"), (RandomDelays.Seed, Seed));
        Assert.True(exit == 0, text);
    }

    private static string Seed => Environment.GetEnvironmentVariable(TortureScenario.Seed) ?? "1";

    private void Run(bool areHeldUp)
    {
        string seconds = Environment.GetEnvironmentVariable(TortureScenario.Seconds) ?? LongTests.Scale(2, 5).ToString(CultureInfo.InvariantCulture);
        ProcessStartInfo program = ThisProgram.Command("-class", typeof(TortureScenario).FullName!);
        program.Environment[TortureScenario.Seconds] = seconds;
        program.Environment[TortureScenario.Seed] = Seed;
        program.Environment[TortureScenario.IsChild] = "1";
        program.Environment[RandomDelays.Variable] = areHeldUp ? "1" : "0";
        program.Environment[RandomDelays.Seed] = Seed;

        // The scavenger is at it all the time.
        program.Environment["NATIVEHEAP_SCAVENGE_DELAY"] = "20";
        (int exit, string report) = ThisProgram.Run(program, TimeSpan.FromSeconds((2 * int.Parse(seconds, CultureInfo.InvariantCulture)) + 120));
        Assert.True(exit == 0, report);
        output.WriteLine(report.Split('\n').Single(line => line.Contains(TortureScenario.Report, StringComparison.Ordinal)).Trim());
    }
}

/// <summary>For a process of its own: see <see cref="TortureTests"/>.</summary>
public sealed class TortureScenario
{
    internal const string Seconds = "NATIVEHEAP_TORTURE_SECONDS";
    internal const string Seed = "NATIVEHEAP_TORTURE_SEED";
    internal const string IsChild = "NATIVEHEAP_TORTURE_CHILD";
    internal const string Report = "Torture, seed ";

    [Fact]
    public void Runs()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable(IsChild) == null, "For a process of its own.");
        int seed = int.Parse(Environment.GetEnvironmentVariable(Seed)!, CultureInfo.InvariantCulture);
        TimeSpan duration = TimeSpan.FromSeconds(int.Parse(Environment.GetEnvironmentVariable(Seconds)!, CultureInfo.InvariantCulture));
        using Torture torture = new(seed, duration);
        Console.WriteLine(torture.Run());
    }
}
