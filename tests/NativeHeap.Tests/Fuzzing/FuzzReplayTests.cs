// The cases that fuzzing has kept (tests/NativeHeap.Fuzz), one after the other in a process of its own, and every structure looked at behind each.

using System;
using System.Collections.Generic;
using System.Collections.Immutable;

using NativeHeap.Fuzz;

using Xunit;

namespace NativeHeap.Tests.Fuzzing;

/// <summary>Replays them.</summary>
public sealed class FuzzReplayTests
{
    [Fact]
    public void What_fuzzing_has_kept_does_as_its_model()
    {
        (int exit, string output) = ThisProgram.Run(typeof(FuzzReplayScenario), (FuzzReplayScenario.Variable, "1"));
        Assert.True(exit == 0, output);
    }
}

/// <summary>For a process of its own: see <see cref="FuzzReplayTests"/>.</summary>
public sealed class FuzzReplayScenario
{
    internal const string Variable = "NATIVEHEAP_FUZZ_REPLAY";

    [Fact]
    public void Replays()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable(Variable) == null, "For a process of its own.");
        IReadOnlyList<ImmutableArray<byte>> cases = Corpus.Read(Repository.PathOf("tests", "NativeHeap.Fuzz", "Cases.txt"));
        Assert.NotEmpty(cases);
        foreach (ImmutableArray<byte> input in cases)
        {
            try
            {
                FuzzTarget.Run(input, isThorough: true);
            }
            catch (Exception error)
            {
                Assert.Fail($"The case {Corpus.Text(input)}: {error}");
            }
        }
    }
}
