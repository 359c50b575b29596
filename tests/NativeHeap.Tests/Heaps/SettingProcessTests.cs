// Processes that end at once where misuse is found, and such as ask stacks for sites: this program with one scenario.

using System;

using Xunit;

namespace NativeHeap.Tests.Heaps;

public sealed class SettingProcessTests
{
    private const string FailFast = "NATIVEHEAP_FAIL_FAST";
    private const string Stacks = "NATIVEHEAP_SAMPLED_STACKS";
    private const string Check = "NATIVEHEAP_CHECK";

    [Theory]
    [InlineData(nameof(SettingScenario.A_double_free_of_the_shared_heap), "true", "was freed before")]
    [InlineData(nameof(SettingScenario.A_double_free_of_a_heap_that_fails_fast), "", "No live object points to it")]
    [InlineData(nameof(SettingScenario.A_double_free_that_is_found_late), "", "was freed wrongly, by this call or at some time before it")]
    public void The_process_ends_with_what_an_exception_would_have_said(string scenario, string setting, string said)
    {
        (int exit, string output) = Run(scenario, (FailFast, setting), (Check, "basic"));
        Assert.NotEqual(0, exit);
        Assert.Contains("NativeHeap: The ", output, StringComparison.Ordinal);
        Assert.Contains(said, output, StringComparison.Ordinal);
        Assert.DoesNotContain("TEST EXECUTION SUMMARY", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_heap_of_its_own_mind_throws() => Succeeds(nameof(SettingScenario.A_heap_that_throws_where_the_process_fails_fast), (FailFast, "true"));

    [Theory]
    [InlineData("Basic")]
    [InlineData("Full")]
    public void Stacks_say_the_lines_of_typed_and_untyped_calls(string level) => Succeeds(nameof(SettingScenario.Every_stack_is_asked), (Stacks, "1"), (Check, level));

    [Fact]
    public void One_stack_in_ten_is_asked() => Succeeds(nameof(SettingScenario.Some_stacks_are_asked), (Stacks, "10"), (Check, "Basic"));

    [Fact]
    public void Lines_beyond_the_numbers_have_none_and_nothing_else_changes() => Succeeds(nameof(SettingScenario.More_lines_than_there_are_numbers));

    [Fact]
    public void A_rate_that_there_is_not_stops_the_first_call_by_name()
    {
        (int exit, string output) = Run(nameof(SettingScenario.Every_stack_is_asked), (Stacks, "often"), (Check, "Basic"));
        Assert.NotEqual(0, exit);
        Assert.Contains("The setting NATIVEHEAP_SAMPLED_STACKS (AppContext NativeHeap.SampledStacks) is 'often'. It must be a whole number from 0 to 1000000000, or not set.", output, StringComparison.Ordinal);
    }

    private static void Succeeds(string scenario, params ReadOnlySpan<(string Variable, string Value)> environment)
    {
        (int exit, string output) = Run(scenario, environment);
        Assert.True(exit == 0, output);
    }

    private static (int Exit, string Output) Run(string scenario, params ReadOnlySpan<(string Variable, string Value)> environment)
        => ThisProgram.Run(typeof(SettingScenario), [(SettingScenario.Variable, scenario), .. environment]);
}
