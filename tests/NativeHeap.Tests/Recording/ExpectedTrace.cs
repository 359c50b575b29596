// What a program has asked of the allocator, noted by the program itself: for each of its threads the calls in their order, each with the object it is about, by a number of the
// program's own. A recording is right if its threads made the same calls, and if the slots that it names hold the objects that the program means.

using System.Collections.Concurrent;
using System.Collections.Generic;

using Xunit;

namespace NativeHeap.Tests.Recording;

/// <summary>A call, as its caller sees it.</summary>
internal readonly record struct ExpectedCall(int Op, int AlignmentShift, uint Size, long Object);

/// <summary>The calls of one thread.</summary>
internal sealed class ExpectedThread(int thread)
{
    private const int ObjectsAThread = 1_000_000_000;

    private long _objects = (long)thread * ObjectsAThread;

    public List<ExpectedCall> Calls { get; } = [];

    /// <summary>Notes an allocation.</summary>
    /// <returns>The object's number.</returns>
    public long Alloc(long size, int op = RecordedEvent.Alloc, int alignmentShift = 0)
    {
        Calls.Add(new(op, alignmentShift, (uint)size, _objects));
        return _objects++;
    }

    public void Free(long freed) => Calls.Add(new(RecordedEvent.Free, 0, 0, freed));

    public void Realloc(long resized, long size) => Calls.Add(new(RecordedEvent.Realloc, 0, (uint)size, resized));
}

internal sealed class ExpectedTrace
{
    private readonly ConcurrentDictionary<int, ExpectedThread> _threads = [];

    /// <summary>The calls of one of the program's threads. Each has calls of its own only.</summary>
    public ExpectedThread Thread(int thread) => _threads.GetOrAdd(thread, number => new ExpectedThread(number));

    /// <summary>Compares with what was recorded. A thread is known by the size of its first allocation, which no other has for its first.</summary>
    /// <param name="trace">The recording.</param>
    /// <param name="isCut">Whether it ended while the threads went on.</param>
    public void AssertRecorded(RecordedTrace trace, bool isCut = false)
    {
        Dictionary<uint, ExpectedThread> byFirstSize = [];
        foreach (ExpectedThread thread in _threads.Values)
        {
            if (thread.Calls.Count != 0)
            {
                byFirstSize.Add(thread.Calls[0].Size, thread);
            }
        }

        Assert.InRange(trace.Threads, isCut ? 0 : byFirstSize.Count, byFirstSize.Count);
        ExpectedThread[] threads = new ExpectedThread[trace.Threads];
        int[] next = new int[trace.Threads];
        Dictionary<uint, long> objects = [];
        foreach (RecordedEvent e in trace.Events)
        {
            if (next[e.Thread] == 0)
            {
                Assert.True(byFirstSize.TryGetValue(e.Size, out ExpectedThread? thread), $"No thread begins with {e}.");
                threads[e.Thread] = thread!;
            }

            List<ExpectedCall> calls = threads[e.Thread].Calls;
            Assert.True(next[e.Thread] < calls.Count, $"{e} is one more than its thread's {calls.Count} calls.");
            ExpectedCall call = calls[next[e.Thread]++];
            Assert.Equal(call, new ExpectedCall(e.Op, e.AlignmentShift, e.Size, call.Object));
            if (e.Op is RecordedEvent.Free or RecordedEvent.Realloc)
            {
                Assert.Equal(call.Object, objects[e.Slot]);
            }
            else
            {
                objects[e.Slot] = call.Object;
            }
        }

        for (int thread = 0; thread < threads.Length && !isCut; thread++)
        {
            Assert.Equal(threads[thread].Calls.Count, next[thread]);
        }
    }
}
