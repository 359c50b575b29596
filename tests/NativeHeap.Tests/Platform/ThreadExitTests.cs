using System;
using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap.Heaps;
using NativeHeap.Platform;

using Xunit;

namespace NativeHeap.Tests.Platform;

/// <summary>The flag that turns on after a thread has ended, and never before: set by the system, or by asking the Thread, as where the system has nothing to set it.</summary>
public sealed unsafe class ThreadExitTests
{
    // For a failure to end: the flag may come some milliseconds after Join, on a busy machine later.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    // Flags may be written late, so their memory is never given back.
    private static readonly MetadataAllocator* s_metadata = MetadataAllocator.Create();

    // The process prepares once; a second preparation would only cost a key, but the order is the process's to keep.
    public ThreadExitTests() => Assert.True(HeapProcess.EnsureStarted());

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_running_thread_has_not_ended_and_an_ended_one_has(bool managed)
    {
        ThreadExit* flag = s_metadata->Alloc<ThreadExit>();
        using ManualResetEventSlim watching = new();
        using ManualResetEventSlim mayEnd = new();
        bool watched = false;
        Thread thread = new(() =>
        {
            watched = Watch(flag, managed);
            watching.Set();
            mayEnd.Wait();
        });
        thread.Start();
        watching.Wait(TestContext.Current.CancellationToken);
        Assert.True(watched);
        GC.Collect();
        Assert.False(flag->HasEnded);
        mayEnd.Set();
        thread.Join();
        AssertEnds(flag);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Watching_again_turns_a_flag_of_a_former_thread_off(bool managed)
    {
        ThreadExit* flag = s_metadata->Alloc<ThreadExit>();
        for (int i = 0; i < 20; i++)
        {
            bool endedWhileRunning = true;
            Thread thread = new(() => endedWhileRunning = !Watch(flag, managed) || flag->HasEnded);
            thread.Start();
            thread.Join();
            Assert.False(endedWhileRunning);
            AssertEnds(flag);
        }
    }

    [Fact]
    public void A_thread_that_the_collector_has_taken_has_ended()
    {
        ThreadExit* flag = s_metadata->Alloc<ThreadExit>();
        RunAThread(flag);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        AssertEnds(flag);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void RunAThread(ThreadExit* flag)
        {
            nint address = (nint)flag;
            Thread thread = new(() => ThreadExit.WatchManaged((ThreadExit*)address));
            thread.Start();
            thread.Join();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Thousands_of_threads_end_each_with_its_own_flag(bool managed)
    {
        const int Batch = 50;
        int batches = LongTests.Scale(40, 200);
        ThreadExit** flags = stackalloc ThreadExit*[Batch];
        Thread[] threads = new Thread[Batch];
        for (int batch = 0; batch < batches; batch++)
        {
            using CountdownEvent watching = new(Batch);
            using ManualResetEventSlim mayEnd = new();
            int failures = 0;
            for (int i = 0; i < Batch; i++)
            {
                ThreadExit* flag = flags[i] = s_metadata->Alloc<ThreadExit>();
                bool waits = i % 2 == 0;
                threads[i] = new Thread(() =>
                {
                    if (!Watch(flag, managed))
                    {
                        _ = Interlocked.Increment(ref failures);
                    }

                    watching.Signal();
                    if (waits)
                    {
                        mayEnd.Wait();
                    }
                });
                threads[i].Start();
            }

            // Every other thread ends at once, and its end must not show in the flags of those that wait.
            watching.Wait(TestContext.Current.CancellationToken);
            Assert.Equal(0, failures);
            for (int i = 1; i < Batch; i += 2)
            {
                threads[i].Join();
                AssertEnds(flags[i]);
            }

            for (int i = 0; i < Batch; i += 2)
            {
                Assert.False(flags[i]->HasEnded);
            }

            mayEnd.Set();
            for (int i = 0; i < Batch; i += 2)
            {
                threads[i].Join();
                AssertEnds(flags[i]);
            }
        }
    }

    private static bool Watch(ThreadExit* flag, bool managed)
    {
        if (managed)
        {
            ThreadExit.WatchManaged(flag);
            return true;
        }

        return ThreadExit.Watch(flag);
    }

    private static void AssertEnds(ThreadExit* flag)
    {
        nint address = (nint)flag;
        Assert.True(SpinWait.SpinUntil(() => ((ThreadExit*)address)->HasEnded, s_patience), "The flag of an ended thread stays off.");
    }
}
