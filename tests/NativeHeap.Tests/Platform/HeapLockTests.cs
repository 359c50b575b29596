using System;
using System.Runtime.InteropServices;
using System.Threading;

using NativeHeap.Platform;

using Xunit;

namespace NativeHeap.Tests.Platform;

/// <summary>The lock: exclusion, no lost wake-up, and no managed memory.</summary>
public sealed unsafe class HeapLockTests : IDisposable
{
    // The values of the lock's word; see its opening comment.
    private const int Free = 0;
    private const int HeldWithWaiters = 2;

    // For a failure to end: no outcome depends on it.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly HeapLock* _lock = (HeapLock*)NativeMemory.AllocZeroed(64);

    public void Dispose() => NativeMemory.Free(_lock);

    [Fact]
    public void One_thread_at_a_time()
    {
        int rounds = LongTests.Scale(100_000, 2_000_000);
        int counter = 0;
        int inside = 0;
        int intruders = 0;
        RunThreads(4, () =>
        {
            for (int i = 0; i < rounds; i++)
            {
                _lock->Enter();
                intruders += inside;
                inside = 1;
                counter++;
                inside = 0;
                _lock->Exit();
            }
        });
        Assert.Equal(0, intruders);
        Assert.Equal(4 * rounds, counter);
        Assert.Equal(Free, Word);
    }

    [Fact]
    public void The_lock_guards_more_than_a_word_of_memory()
    {
        // Two words are unequal only inside: a lock that lets stores leak out of it shows them so.
        int rounds = LongTests.Scale(50_000, 1_000_000);
        long first = 0;
        long second = 0;
        int torn = 0;
        RunThreads(3, () =>
        {
            for (int i = 0; i < rounds; i++)
            {
                _lock->Enter();
                torn += first == second ? 0 : 1;
                first++;
                second++;
                _lock->Exit();
            }
        });
        Assert.Equal(0, torn);
        Assert.Equal(3L * rounds, first);
    }

    [Fact]
    public void Whoever_only_tries_does_not_wait()
    {
        Assert.True(_lock->TryEnter());
        Assert.False(_lock->TryEnter());
        _lock->Exit();
        Assert.Equal(Free, Word);
        _lock->Enter();
        bool entered = true;
        RunThreads(1, () => entered = _lock->TryEnter());
        Assert.False(entered);
        _lock->Exit();
        Assert.True(_lock->TryEnter());
        _lock->Exit();
    }

    [Fact]
    public void Many_parked_threads_all_get_through()
    {
        const int Threads = 40;
        for (int round = 0; round < LongTests.Scale(5, 50); round++)
        {
            int arrived = 0;
            int through = 0;
            _lock->Enter();
            Thread[] threads = StartThreads(Threads, () =>
            {
                _ = Interlocked.Increment(ref arrived);
                _lock->Enter();
                int before = through;

                // Held across a change of threads, so that those behind park again.
                _ = Thread.Yield();
                through = before + 1;
                _lock->Exit();
            });
            Wait(() => Volatile.Read(ref arrived) == Threads && Word == HeldWithWaiters);
            Assert.Equal(0, through);
            _lock->Exit();
            JoinAll(threads);
            Assert.Equal(Threads, through);
            Assert.Equal(Free, Word);
        }
    }

    [Fact]
    public void Uncontended_it_allocates_nothing()
    {
        EnterAndExit(100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        EnterAndExit(10_000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Contended_it_allocates_nothing()
    {
        // This thread lets go only when the other is parked, or about to be, so each round goes through park and wake.
        const int WarmUp = 20;
        const int Rounds = 300;
        HeapLock.Prepare();
        int turn = 0;
        long allocatedByParked = -1;
        Thread parking = StartThreads(1, () =>
        {
            long start = 0;
            for (int i = 1; i <= Rounds; i++)
            {
                start = i == WarmUp ? GC.GetAllocatedBytesForCurrentThread() : start;
                while (Volatile.Read(ref turn) != i)
                {
                    _ = Thread.Yield();
                }

                _lock->Enter();
                _lock->Exit();
                Volatile.Write(ref turn, -i);
            }

            allocatedByParked = GC.GetAllocatedBytesForCurrentThread() - start;
        })[0];
        long before = 0;
        for (int i = 1; i <= Rounds; i++)
        {
            before = i == WarmUp ? GC.GetAllocatedBytesForCurrentThread() : before;
            _lock->Enter();
            Volatile.Write(ref turn, i);
            while (Word != HeldWithWaiters)
            {
                _ = Thread.Yield();
            }

            _lock->Exit();
            while (Volatile.Read(ref turn) != -i)
            {
                _ = Thread.Yield();
            }
        }

        long allocatedByWaking = GC.GetAllocatedBytesForCurrentThread() - before;
        JoinAll([parking]);
        Assert.Equal(0, allocatedByParked);
        Assert.Equal(0, allocatedByWaking);
    }

    private int Word => Volatile.Read(ref *(int*)_lock);

    private void EnterAndExit(int times)
    {
        for (int i = 0; i < times; i++)
        {
            _lock->Enter();
            _lock->Exit();
        }
    }

    private static void RunThreads(int count, Action body) => JoinAll(StartThreads(count, body));

    private static Thread[] StartThreads(int count, Action body)
    {
        Thread[] threads = new Thread[count];
        for (int i = 0; i < count; i++)
        {
            threads[i] = new Thread(() => body()) { IsBackground = true };
            threads[i].Start();
        }

        return threads;
    }

    private static void JoinAll(Thread[] threads)
    {
        foreach (Thread thread in threads)
        {
            Assert.True(thread.Join(s_patience), "A thread never got the lock.");
        }
    }

    private static void Wait(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, s_patience), "The threads never came to the lock.");
}
