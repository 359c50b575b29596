using System;

using NativeHeap.Entities;

using Xunit;

namespace NativeHeap.Tests.Entities;

/// <summary>What is true of every table at any time.</summary>
internal static unsafe class TableChecks
{
    /// <summary>Asserts the invariants of the table's own structures.</summary>
    public static void AssertInvariants(TableState* table)
    {
        Assert.InRange(table->Count, 0, table->Limit);
        Assert.True(table->Limit <= table->Available && table->Available <= table->SlotCount && table->Limit <= table->MaxCount);
        Assert.True(table->Limit <= table->Capacity);
        for (int position = 0; position < table->Available; position++)
        {
            SlotName name = table->Handles[position];
            TableSlot slot = name.Index < table->SlotCount ? table->Slots[name.Index] : default;
            if (slot.Position != (uint)position || slot.Generation != name.Generation || Generations.IsLive(name.Generation) != (position < table->Count))
            {
                Assert.Fail($"Position {position} of {table->Count} has {name}, whose slot is at position {slot.Position}, generation {slot.Generation}.");
            }
        }

        int retired = 0;
        for (uint index = 0; index < table->SlotCount; index++)
        {
            TableSlot slot = table->Slots[index];
            retired += slot.Position < (uint)table->Available && table->Handles[slot.Position].Index == index ? 0 : 1;
        }

        Assert.Equal(table->SlotCount - (uint)table->Available, (uint)retired);
    }

    /// <summary>Asserts the equations of the process, which must be quiet.</summary>
    public static ProcessStatistics AssertEquations()
    {
        ProcessStatistics process = Heap.GetProcessStatistics();
        Assert.False(process.IsApproximate);
        Assert.Equal(process.ReservedBytes, process.MappedBytes + process.UnmappedBytes);
        Assert.Equal(process.MappedBytes, process.LiveBytes + process.ThreadCachedBytes + process.CentralCachedBytes + process.FreeBytes + process.ReturnedBytes);
        return process;
    }

    /// <summary>Asserts that what an action allocates by itself is no managed memory.</summary>
    public static void AssertNoGarbage(Action action)
    {
        action();
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
