using System;

using NativeHeap.Heaps;
using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.Tests.Heaps;
using NativeHeap.Tests.Threads;

using Xunit;

namespace NativeHeap.Tests.Faults;

/// <summary>Single calls that are refused at a moment that matters.</summary>
public sealed unsafe class RefusedCallTests
{
    [Fact]
    public void What_an_ended_thread_left_is_found_though_its_record_could_not_be_taken_over()
    {
        FaultySystem system = new();
        FreshProcess.Run(system, () =>
        {
            ThreadTests.Run(() => Heap.Shared.Free(Heap.Shared.Alloc(100)));
            FreshProcess.AwaitEnds();
            Assert.NotEqual(0, Heap.Shared.GetStatistics().ThreadCachedBytes);

            system.Refuse(new FaultPlan(SystemCall.Watch, FaultMode.Once, 1, 0));
            ThreadTests.Run(() => Assert.Throws<OutOfMemoryException>(() => Heap.Shared.Alloc(100)));
            Assert.Equal(1, system.Refused);

            Heap.FlushThread();
            Assert.Equal(0, Heap.Shared.GetStatistics().ThreadCachedBytes);
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(13)]
    public void A_refused_call_leaves_the_reason_where_the_system_would(int error)
    {
        FaultySystem system = new();
        FreshProcess.Run(system, () =>
        {
            foreach (SystemCall call in Enum.GetValues<SystemCall>())
            {
                SystemFailure.Record("an older failure", null, 0, 99);
                system.Refuse(new FaultPlan(call, FaultMode.Once, 1, error));
                Assert.True(FaultInjection.Refuses(call, (void*)0x1000, 5));
                InvalidOperationException? failure = SystemFailure.Take();
                Assert.Equal(error != 0, failure != null);
                Assert.Contains(error == 0 ? "" : $"for 5 bytes at 0x1000 with error {error} ", failure?.Message ?? "", StringComparison.Ordinal);
                Assert.False(FaultInjection.Refuses(call, null, 0));
            }
        });
    }

    [Fact]
    public void What_a_limit_refuses_is_no_failure_of_the_system_though_one_came_before()
    {
        FaultySystem system = new();
        FreshProcess.Run(system, () =>
        {
            using Heap heap = new(new HeapOptions { MaximumBytes = 1 << 20 });
            Heap.Shared.Free(Heap.Shared.Alloc(600_000));
            system.Refuse(new FaultPlan(SystemCall.Unused, FaultMode.From, 1, 13));
            Assert.Equal((nuint)0, Heap.Trim());
            Assert.NotEqual(0, system.Refused);
            OutOfMemoryException error = Assert.Throws<OutOfMemoryException>(() => heap.Alloc(2 << 20));
            Assert.Contains("HeapOptions.MaximumBytes", error.Message, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData((int)SystemCall.Map)]
    [InlineData((int)SystemCall.Used)]
    public void Inaccessible_blocks_stay_in_quarantine_while_the_system_refuses_to_make_them_accessible(int call)
    {
        FaultySystem system = new();
        FreshProcess.Run(system, () =>
        {
            const nuint Size = 100_000;
            using Heap heap = new(new HeapOptions { Check = CheckLevel.Full, QuarantineBytes = 0 });
            nint[] blocks = [(nint)heap.Alloc(Size), (nint)heap.Alloc(Size), (nint)heap.Alloc(Size)];
            long bytes = heap.GetStatistics().LiveBytes;
            system.Refuse(new FaultPlan((SystemCall)call, FaultMode.From, 1, 0));
            foreach (nint block in blocks)
            {
                heap.Free((void*)block);
            }

            Assert.Equal(2, system.Refused);
            Assert.Equal((0, bytes), (heap.GetStatistics().LiveObjects, heap.GetStatistics().QuarantinedBytes));

            // The one that came last stays as ever.
            system.Relent();
            heap.Free(heap.Alloc(10));
            Assert.InRange(heap.GetStatistics().QuarantinedBytes, 1, 1_000);
            _ = StatisticsChecks.Rows(heap, out _);
        });
    }

    [Fact]
    public void The_place_of_a_guarded_object_serves_again_when_the_system_has_made_it_inaccessible()
    {
        FaultySystem system = new();
        FreshProcess.Run(system, () =>
        {
            using Heap heap = new(new HeapOptions { GuardedSampleBytes = 1 });
            nint last = 0;
            while (HeapProcess.Pages == null || HeapProcess.Pages->Guarded.Used != GuardedPages.PlaceCount)
            {
                last = (nint)heap.Alloc(100);
            }

            system.Refuse(new FaultPlan(SystemCall.Fault, FaultMode.From, 1, 0));
            heap.Free((void*)last);
            while (system.Refused < 5)
            {
                Assert.False(HeapProcess.Pages->Guarded.Holds(heap.Alloc(100)));
            }

            system.Relent();
            while (!HeapProcess.Pages->Guarded.Holds(heap.Alloc(100)))
            {
            }
        });
    }

    [Fact]
    public void A_refusal_costs_no_managed_memory()
    {
        FaultySystem system = new();
        FreshProcess.Run(system, () =>
        {
            Assert.True(Heap.Shared.TryAlloc(100, out void* block));
            nint address = (nint)block;
            foreach (SystemCall call in Enum.GetValues<SystemCall>())
            {
                // Each by a thread that has never been refused anything; the first compiles.
                for (int round = 0; round < 2; round++)
                {
                    system.Refuse(new FaultPlan(call, FaultMode.From, 1, 0));
                    long allocated = -1;
                    ThreadTests.Run(() =>
                    {
                        long before = GC.GetAllocatedBytesForCurrentThread();
                        if (Heap.Shared.TryAlloc(100, out void* small))
                        {
                            Heap.Shared.Free(small);
                        }

                        _ = Heap.Shared.TryAlloc(50 << 20, out void* large);
                        Heap.Shared.Free(large);
                        _ = Heap.Trim();
                        allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                    });
                    Assert.True(round == 0 || allocated == 0, $"{call}: {allocated} bytes");
                }
            }

            system.Relent();
            Heap.Shared.Free((void*)address);
        });
    }

    [Fact]
    public void A_verb_that_is_refused_changes_nothing()
    {
        FaultySystem system = new();
        FreshProcess.Run(system, () =>
        {
            const nuint Size = 1 << 20;
            byte* range = (byte*)VirtualMemory.Reserve(Size, Size);
            AssertRefused(SystemCall.Alloc, () => VirtualMemory.Alloc(Size) != null);
            AssertRefused(SystemCall.Reserve, () => VirtualMemory.Reserve(Size, Size) != null);
            AssertRefused(SystemCall.Map, () => VirtualMemory.Map(range, Size));
            Assert.True(VirtualMemory.Map(range, Size));
            AssertRefused(SystemCall.Used, () => VirtualMemory.Used(range, Size));
            Assert.True(VirtualMemory.Used(range, Size));
            range[0] = 1;
            range[Size - 1] = 2;
            AssertRefused(SystemCall.Lock, () => VirtualMemory.Lock(range, Size));
            AssertRefused(SystemCall.Unused, () => VirtualMemory.Unused(range, Size) != 0);
            AssertRefused(SystemCall.Purge, () => VirtualMemory.Purge(range, Size) != 0);
            AssertRefused(SystemCall.Fault, () => VirtualMemory.Fault(range, Size));
            AssertRefused(SystemCall.Free, () => VirtualMemory.Free(range, Size));
            Assert.Equal((1, 2), (range[0], range[Size - 1]));
            Assert.Equal((long)Size, system.Outstanding);
            Assert.True(VirtualMemory.Free(range, Size));
            Assert.Equal(0, system.Outstanding);
        });

        void AssertRefused(SystemCall call, Func<bool> verb)
        {
            system.Refuse(new FaultPlan(call, FaultMode.Once, 1, 0));
            Assert.False(verb(), $"{call}");
            Assert.Equal(1, system.Refused);
            system.Relent();
        }
    }
}
