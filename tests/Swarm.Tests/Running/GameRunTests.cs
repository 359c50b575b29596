using NativeHeap;

using SideBySide;

using Swarm.Engine;
using Swarm.Running;

using Xunit;

namespace Swarm.Tests.Running;

public class GameRunTests
{
    private const int Seconds = 1;

    // Of 3,000 ships, seed 7, after the warm-up and a second. Changes whenever a rule of the game does, and only then.
    private static readonly GameFigures s_pinned = new(3_000, 567, 197, 16_563, 2_281, 12_346, 1, 0x3578_5d87_8946_a243);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Both_heaps_come_to_the_same_end_with_any_number_of_threads(int threads)
    {
        Assert.Equal(s_pinned, Run(HeapKind.Native, threads).Figures);
        Assert.Equal(s_pinned, Run(HeapKind.Managed, threads).Figures);
    }

    [Fact]
    public void Another_seed_is_another_game()
        => Assert.NotEqual(s_pinned.Checksum, Run(HeapKind.Native, 1, seed: 8).Figures.Checksum);

    [Fact]
    public void Things_come_go_and_are_missed_on_the_way()
    {
        GameFigures figures = Run(HeapKind.Native, 2).Figures;

        Assert.Equal(3_000, figures.Ships);
        Assert.InRange(figures.Shots, 1, figures.Fired / 2);
        Assert.InRange(figures.Blasts, 1, figures.Destroyed / 2);
        Assert.True(figures.Stale > figures.Destroyed);
        Assert.Equal((GameRun.WarmUpFrames + (Seconds * GameSetup.FramesPerSecond)) / GameSetup.LevelFrames, figures.Levels);
    }

    [Fact]
    public void The_native_game_allocates_nothing_managed_after_the_warm_up()
    {
        HeapResult result = Run(HeapKind.Native, 2);

        Assert.Equal((Seconds * GameSetup.FramesPerSecond, 0, 0L), (result.Times.Count, result.Collections.Total, result.AllocatedBytes));
    }

    [Fact]
    public void The_native_game_leaves_nothing_behind()
    {
        _ = Run(HeapKind.Native, 2);
        Heap.FlushThread();
        ProcessStatistics before = Heap.GetProcessStatistics();

        _ = Run(HeapKind.Native, 2);

        Heap.FlushThread();
        ProcessStatistics after = Heap.GetProcessStatistics();
        Assert.Equal((before.LiveObjects, before.LiveBytes, before.Heaps), (after.LiveObjects, after.LiveBytes, after.Heaps));
    }

    [Fact]
    public void The_memory_of_levels_is_gone_at_once_from_the_native_heap()
    {
        HeapResult result = Run(HeapKind.Native, 2);

        // More than a third of 3,000 rocks a level, of 24 bytes, and cells of 16; nothing else comes or goes meanwhile.
        Assert.True(result.BytesBeforeUnload - result.BytesAfterUnload > 2 * ((1_000 * 24) + (1_024 * 16)), $"{result.BytesBeforeUnload} bytes before, {result.BytesAfterUnload} after");
    }

    private static HeapResult Run(HeapKind heap, int threads, ulong seed = 7)
        => GameRun.Run(heap, new GameSetup(3_000, threads, seed), Seconds, (_, _, _) => { });
}
