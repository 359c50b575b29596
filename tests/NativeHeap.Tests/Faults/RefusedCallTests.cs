using System;

using NativeHeap.Platform;
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
