using System;

using NativeHeap.Heaps;
using NativeHeap.Platform;

using Xunit;

namespace NativeHeap.Tests.Platform;

/// <summary>What a user is told when the system refuses: want of memory, or whatever else it was.</summary>
public sealed unsafe class SystemFailureTests
{
    [Fact]
    public void A_failure_names_call_address_size_and_error_once()
    {
        SystemFailure.Record("mprotect", (void*)0x12_3450_0000, 4_194_304, 13);
        Exception error = HeapErrors.OutOfMemory(100);
        Assert.Equal(typeof(InvalidOperationException), error.GetType());
        Assert.Contains("mprotect for 4,194,304 bytes at 0x1234500000 with error 13 (", error.Message, StringComparison.Ordinal);
        Assert.Equal(typeof(OutOfMemoryException), HeapErrors.OutOfMemory(100).GetType());
    }

    [Fact]
    public void Want_of_memory_afterwards_is_what_is_told()
    {
        SystemFailure.Record("mprotect", (void*)0x12_3450_0000, 4_194_304, 13);
        Assert.True(VirtualMemory.Reserve((nuint)1 << 50, 1 << 16) == null);
        Assert.True(SystemFailure.Take() == null);

        SystemFailure.Record("mprotect", (void*)0x12_3450_0000, 4_194_304, 13);
        Assert.Throws<OutOfMemoryException>(() => Heap.Shared.Alloc((nuint)1 << 45));
    }
}
