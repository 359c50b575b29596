// Plays the game on one heap and measures it.
//
//     make        ships, the first level
//     warm-up     240 frames, 4 seconds: all code is compiled, tables and lists have grown to their sizes, a level has been changed
//     measured    a second, 60 frames, at a time; each frame by the clock
//     unload      both levels end, and what the heap holds is read before and after
//
// Collections and allocated bytes are counted over the measured seconds, on all threads of the process. Between them, where progress is shown and pictures are taken, nothing is counted; within
// them nothing runs but the game and the clock.

using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;

using NativeHeap;

using SideBySide;

using Swarm.Engine;
using Swarm.Managed;
using Swarm.Native;

namespace Swarm.Running;

internal static class GameRun
{
    public const int WarmUpFrames = 240;

    /// <summary>Called before the first measured second and after each.</summary>
    /// <param name="heap">The heap.</param>
    /// <param name="game">The game, which stands still.</param>
    /// <param name="seconds">The measured seconds so far.</param>
    public delegate void SecondDone(HeapKind heap, IGame game, int seconds);

    public static HeapResult Run(HeapKind heap, GameSetup setup, int seconds, SecondDone secondDone)
    {
        using WorkerThreads threads = new(setup.Threads);
        using IGame game = Create(heap, setup, threads);
        for (int i = 0; i < WarmUpFrames; i++)
        {
            game.NextFrame();
        }

        FrameTimes times = new(seconds * GameSetup.FramesPerSecond);
        Collections.Settle();
        secondDone(heap, game, 0);
        Collections collections = default;
        long allocatedBytes = 0;
        TimeSpan paused = TimeSpan.Zero;
        for (int second = 1; second <= seconds; second++)
        {
            Collections collectionsBefore = Collections.SoFar();
            TimeSpan pausedBefore = GC.GetTotalPauseDuration();
            long bytesBefore = GC.GetTotalAllocatedBytes(precise: true);
            PlaySecond(game, times);
            allocatedBytes += GC.GetTotalAllocatedBytes(precise: true) - bytesBefore;
            paused += GC.GetTotalPauseDuration() - pausedBefore;
            collections += Collections.SoFar() - collectionsBefore;
            secondDone(heap, game, second);
        }

        GameFigures figures = game.Figures();
        long before = game.BytesHeld();
        long start = Stopwatch.GetTimestamp();
        game.UnloadLevels();
        long unloaded = Stopwatch.GetTimestamp() - start;
        return new HeapResult
        {
            Heap = heap,
            Times = times,
            Figures = figures,
            Collections = collections,
            PauseMilliseconds = paused.TotalMilliseconds,
            AllocatedBytes = allocatedBytes,
            BytesBeforeUnload = before,
            BytesAfterUnload = game.BytesHeld(),
            UnloadMilliseconds = FrameTimes.Milliseconds(unloaded),
        };
    }

    private static IGame Create(HeapKind heap, GameSetup setup, WorkerThreads threads)
        => heap == HeapKind.Native
            ? new Game<NativeHandle<Ship>, NativeEntities, NativeFrameMemory, NativeLevels>(
                setup, threads, NativeEntities.Create(setup.Entities), NativeFrameMemory.Create(setup.Threads), NativeLevels.Create())
            : new Game<ShipReference, ManagedEntities, ManagedFrameMemory, ManagedLevels>(
                setup, threads, ManagedEntities.Create(setup.Entities), ManagedFrameMemory.Create(setup.Threads), ManagedLevels.Create());

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void PlaySecond(IGame game, FrameTimes times)
    {
        for (int i = 0; i < GameSetup.FramesPerSecond; i++)
        {
            long start = Stopwatch.GetTimestamp();
            game.NextFrame();
            times.Record(Stopwatch.GetTimestamp() - start);
        }
    }
}
