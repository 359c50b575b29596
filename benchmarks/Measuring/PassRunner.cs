// One cell of one subject, in the worker: a pass is the least work that leaves the subject as it was, over and over. What must be there before a pass, such as
// a heap to be disposed of, is made by Prepare, outside of the time.

using System;
using System.Diagnostics;

namespace NativeHeap.Benchmarks.Measuring;

internal abstract class PassRunner
{
    // Every subject takes the same elements in the same order.
    protected static Random Seeded() => new(12_345);

    /// <summary>The operations that a sample has at least, however short they are and however busy the machine: for what now and then costs much more than mostly.</summary>
    protected virtual long LeastOperations => 1;

    /// <summary>Makes what a pass needs.</summary>
    public virtual void Prepare()
    {
    }

    /// <summary>Does the work that is timed.</summary>
    /// <returns>The number of operations.</returns>
    public abstract int Pass();

    /// <summary>Runs until the code is compiled for good.</summary>
    public void Settle()
        => Settling.UntilQuiet(() =>
        {
            for (int call = 0; call < 10; call++)
            {
                Prepare();
                _ = Pass();
            }
        });

    /// <summary>Passes until the time is up, after one that brings the caches back from whoever ran before.</summary>
    public Sample Sample(TimeSpan atLeast)
    {
        Prepare();
        _ = Pass();

        int collections = GC.CollectionCount(0);
        long operations = 0;
        TimeSpan time = TimeSpan.Zero;
        long start = Stopwatch.GetTimestamp();
        do
        {
            Prepare();
            time += TimePass(out int done);
            operations += done;
        }
        while (operations < LeastOperations || Stopwatch.GetElapsedTime(start) < atLeast);

        return new(time.TotalNanoseconds / operations, (GC.CollectionCount(0) - collections) * 1e6 / operations);
    }

    /// <summary>One pass and its time: that of this thread on a core, where the work is this thread's alone.</summary>
    protected virtual TimeSpan TimePass(out int operations)
    {
        TimeSpan began = ThreadClock.Now;
        operations = Pass();
        return ThreadClock.Now - began;
    }
}
