// A game loop to start from. Ships live in a table and name each other by handles; a level is a heap of its own; what a frame needs ends with the frame. Once it runs, nothing is left for the garbage
// collector to do.

using System;
using System.Diagnostics;

using GameTemplate;

using NativeHeap;

const int Ships = 10_000;
const int WarmUp = 60;
const int Frames = 600;
const int FramesPerLevel = 200;
const float FrameTime = 1 / 60f;

using World world = new(Ships, seed: 2026);
using NativeArray<double> times = new(Frames);
for (int frame = 0; frame < WarmUp; frame++)
{
    world.Step(FrameTime);
}

long managed = GC.GetTotalAllocatedBytes(precise: true);
int collections = GC.CollectionCount(0);
for (int frame = 0; frame < Frames; frame++)
{
    long start = Stopwatch.GetTimestamp();
    if (frame % FramesPerLevel == 0)
    {
        world.LoadLevel();
    }

    world.Step(FrameTime);
    times[frame] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
}

managed = GC.GetTotalAllocatedBytes(precise: true) - managed;
collections = GC.CollectionCount(0) - collections;
times.AsSpan().Sort();

Console.WriteLine($"{Frames} frames of {world.Ships:N0} ships: {times[Frames / 2]:N2} ms in the median, {times[Frames - 1]:N2} ms the slowest");
Console.WriteLine($"{world.Destroyed:N0} ships destroyed; {world.TargetsGone:N0} times a handle said that its ship was gone");
Console.WriteLine($"native memory:  {Heap.GetProcessStatistics().LiveBytes:N0} bytes for ships, level and frame");
Console.WriteLine($"managed memory: {managed:N0} bytes allocated, {collections} collections");
