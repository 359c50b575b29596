// The environment asks for the recording of a whole process: it is read when the process' heap is made, so each test starts a process, which is this program with one test.

using System;
using System.IO;

using NativeHeap.Recording;

using Xunit;

namespace NativeHeap.Tests.Recording;

/// <summary>A process that is recorded as a whole.</summary>
public sealed class RecordedProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("trace.nht")]
    [InlineData("trace.nht.br")]
    public void Every_call_on_every_heap_is_recorded_until_the_process_exits(string name)
    {
        string file = _folder.PathOf(name);
        (int exit, string output) = RunScenario(file);

        Assert.True(exit == 0, output);
        RecordedTrace trace = RecordedTrace.Read(file);
        RecordedScenario.Run().AssertRecorded(trace);
        Assert.Equal(0, trace.LiveAtEnd);
        Assert.Equal([name], _folder.Files);
    }

    [Fact]
    public void The_process_number_has_its_place_in_the_name()
    {
        (int exit, string output) = RunScenario(_folder.PathOf("of-{pid}.nht"));

        Assert.True(exit == 0, output);
        string name = Assert.Single(_folder.Files);
        Assert.Matches(@"^of-\d+\.nht$", name);
        RecordedScenario.Run().AssertRecorded(RecordedTrace.Read(_folder.PathOf(name)));
    }

    [Fact]
    public void A_file_that_cannot_be_written_stops_the_first_call_by_name()
    {
        string file = _folder.PathOf("no-such-folder/trace.nht");
        (int exit, string output) = RunScenario(file);

        Assert.NotEqual(0, exit);
        Assert.Contains($"Cannot record allocations to '{file}'", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_is_told_at_the_end_and_does_no_harm()
    {
        const string FullDisk = "/dev/full";
        Assert.SkipUnless(File.Exists(FullDisk), $"There is no {FullDisk} here.");
        (int exit, string output) = RunScenario(FullDisk);

        Assert.True(exit == 0, output);
        Assert.Contains($"NativeHeap: The recording of allocations in '{FullDisk}' is not complete", output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_variable_asks_for_nothing()
    {
        (int exit, string output) = RunScenario("");

        Assert.True(exit == 0, output);
        Assert.Empty(_folder.Files);
    }

    private static (int Exit, string Output) RunScenario(string file) => ThisProgram.Run(typeof(RecordedScenario), (Recorder.Variable, file));
}
