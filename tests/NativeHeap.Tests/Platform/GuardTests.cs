using System;
using System.Collections.Generic;

using NativeHeap.Pages;
using NativeHeap.Platform;
using NativeHeap.SizeClasses;

using Xunit;

namespace NativeHeap.Tests.Platform;

/// <summary>What lies before and behind each range of addresses that the allocator has: nothing that could be written to.</summary>
public sealed unsafe class GuardTests
{
    private const nuint Size = MemoryStates.Size;

    private static nuint Page => VirtualMemory.PageSize;

    [Theory]
    [InlineData(0)]
    [InlineData(4 << 10)]
    [InlineData(64 << 10)]
    [InlineData(2 << 20)]
    [InlineData(64 << 20)]
    public void A_range_stands_between_guards_whatever_becomes_of_it_and_goes_with_them(int alignment)
    {
        // Another thread of the process may be given the addresses before they are looked at, but not time and again.
        string left = "";
        for (int attempt = 0; attempt < 10 && left != ProcessMap.Nothing; attempt++)
        {
            byte* start = (byte*)(alignment == 0 ? VirtualMemory.Alloc(Size) : VirtualMemory.Reserve(Size, (nuint)alignment));
            AssertGuarded((nuint)start, Size);
            Assert.True(VirtualMemory.Map(start, Size) && VirtualMemory.Used(start, Size));
            AssertGuarded((nuint)start, Size);
            new Span<byte>(start, (int)Size).Fill(1);
            Assert.Equal(Size, VirtualMemory.Unused(start, Size));
            Assert.True(VirtualMemory.Fault(start, Size));
            AssertGuarded((nuint)start, Size);
            Assert.True(VirtualMemory.Free(start, Size));
            left = ProcessMap.AccessOf(start - VirtualMemory.GuardSize, Size + (2 * VirtualMemory.GuardSize));
        }

        Assert.Equal(ProcessMap.Nothing, left);
    }

    [Fact]
    public void All_metadata_and_all_arenas_of_a_page_heap_stand_between_guards()
    {
        const nuint Metadata = 100 << 20;
        Ledger ledger = new();
        FaultInjection.Armed = ledger;
        try
        {
            MetadataAllocator* metadata = MetadataAllocator.Create();
            PageHeap* heap = PageHeap.Create(metadata);
            for (int i = 0; i < 5; i++)
            {
                PageSpan* span = heap->Alloc((nuint)(i + 1) * (HeapArena.PageCount / 3), 1, SizeClass.Large, 0, mayGrow: true);
                span->Base[0] = span->Base[span->ByteCount - 1] = 1;
            }

            AddressRegion region;
            Assert.True(heap->ReserveRegion(&region, Size));
            while (metadata->Bytes < Metadata)
            {
                Assert.True(metadata->Alloc(64 << 10) != null);
            }

            // A twentieth of what chunks of the first size would have been.
            int chunks = ledger.Ranges.FindAll(range => range.Size is >= 1 << 20 and <= 16 << 20).Count;
            Assert.InRange(chunks, 10, 60);
            Assert.True(ledger.Ranges.Count > chunks + 5, "Arenas, and the page heap's own tables.");
            foreach ((nuint start, nuint size) in ledger.Ranges)
            {
                AssertGuarded(start, size);
            }
        }
        finally
        {
            FaultInjection.Armed = null;
        }
    }

    private static void AssertGuarded(nuint start, nuint size)
    {
        Assert.NotEqual((nuint)0, start);
        nuint end = (start + size + Page - 1) & ~(Page - 1);
        Assert.Equal(ProcessMap.Reserved, ProcessMap.AccessOf((void*)(start - VirtualMemory.GuardSize), VirtualMemory.GuardSize));
        Assert.Equal(ProcessMap.Reserved, ProcessMap.AccessOf((void*)end, VirtualMemory.GuardSize));
    }

    private sealed class Ledger : FaultInjection
    {
        public List<(nuint Start, nuint Size)> Ranges { get; } = [];

        protected override int Error => 0;

        protected override bool Decide(SystemCall call) => false;

        protected override void OnObtained(void* address, nuint size) => Ranges.Add(((nuint)address, size));

        protected override void OnReturned(void* address) => Ranges.RemoveAll(range => range.Start == (nuint)address);
    }
}
