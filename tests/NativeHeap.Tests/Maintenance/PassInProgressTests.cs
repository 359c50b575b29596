using System;
using System.Collections.Generic;
using System.Threading;

using NativeHeap.Platform;
using NativeHeap.Tests.Heaps;
using NativeHeap.Tests.Threads;

using Xunit;

namespace NativeHeap.Tests.Maintenance;

/// <summary>While a call that gives memory back is in the kernel: everybody else works, and who asks for a pass of his own waits for its end.</summary>
public sealed unsafe class PassInProgressTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    public void Dispose() => FaultInjection.Armed = null;

    [Theory]
    [InlineData(nameof(SystemCall.Unused))]
    [InlineData(nameof(SystemCall.Purge))]
    public void Nobody_waits_for_the_system_but_who_asks_for_a_pass(string call)
    {
        ThreadTests.Settle();
        using Heap heap = new();
        List<nint> blocks = [];
        for (int i = 0; i < 4_000; i++)
        {
            blocks.Add((nint)heap.Alloc(2_000));
        }

        // A free run, and holes: of the small ones every 40th stays.
        heap.Free(heap.Alloc(3 << 20));
        for (int i = 0; i < blocks.Count; i++)
        {
            if (i % 40 != 0)
            {
                heap.Free((void*)blocks[i]);
            }
        }

        using SlowSystem system = new(Enum.Parse<SystemCall>(call));
        FaultInjection.Armed = system;
        Thread trimming = new(() => Heap.Trim());
        trimming.Start();
        Assert.True(system.Entered.Wait(s_patience, CancellationToken.None), "Nothing was given back.");

        // In the kernel now, for as long as we like.
        bool second = false;
        Thread waiting = new(() =>
        {
            _ = Heap.Trim();
            Volatile.Write(ref second, true);
        });
        waiting.Start();
        Thread working = new(() => Work(heap));
        working.Start();
        Assert.True(working.Join(s_patience), "Somebody waits for the system.");
        Assert.True(trimming.IsAlive);
        Assert.False(Volatile.Read(ref second), "A pass did not wait for the one in progress.");

        system.Leave.Set();
        Assert.True(trimming.Join(s_patience) && waiting.Join(s_patience));
        Assert.True(second);
        LimitTests.AssertAddsUp(heap);
    }

    // All that threads do: small and large blocks of the very heap, other heaps, a first call on a thread, prewarmed slots.
    private static void Work(Heap heap)
    {
        using Heap other = new();
        for (int round = 0; round < 3; round++)
        {
            List<nint> blocks = [];
            for (int i = 0; i < 3_000; i++)
            {
                blocks.Add((nint)heap.Alloc((nuint)(1 + (i % 2_500))));
                blocks.Add((nint)heap.Alloc(2_000));
            }

            blocks.Add((nint)heap.Alloc(1 << 20));
            other.Prewarm<Order>(1_000);
            _ = other.Alloc<Order>();
            LimitTests.FreeAll(heap, blocks);
            other.Reset();
        }

        Heap.FlushThread();
    }

    // Its first call of a kind lasts until the test says so.
    private sealed class SlowSystem(SystemCall slow) : FaultInjection, IDisposable
    {
        private int _calls;

        public ManualResetEventSlim Entered { get; } = new();

        public ManualResetEventSlim Leave { get; } = new();

        protected override int Error => 0;

        public void Dispose()
        {
            Entered.Dispose();
            Leave.Dispose();
        }

        protected override bool Decide(SystemCall call)
        {
            if (call == slow && Interlocked.Increment(ref _calls) == 1)
            {
                Entered.Set();
                Leave.Wait(CancellationToken.None);
            }

            return false;
        }

        protected override void OnObtained(void* address, nuint size)
        {
        }

        protected override void OnReturned(void* address)
        {
        }
    }
}
