using System;
using System.IO;

using NativeHeap.Platform;

using Xunit;

namespace NativeHeap.Tests.Platform;

/// <summary>The table of states of <see cref="VirtualMemory"/>, each state read back from the kernel.</summary>
public sealed unsafe class VirtualMemoryTests
{
    private const string Reserved = "---p";
    private const string Usable = "rw-p";
    private const nuint Size = 1 << 20;

    private static nuint Page => (nuint)Environment.SystemPageSize;

    [Theory]
    [InlineData(8 << 10)]
    [InlineData(64 << 10)]
    [InlineData(2 << 20)]
    [InlineData(4 << 20)]
    [InlineData(64 << 20)]
    public void Reserve_gives_aligned_inaccessible_addresses(int alignment)
    {
        // Several at once, so that the kernel cannot give the same, by luck aligned, addresses each time.
        nuint* addresses = stackalloc nuint[8];
        for (int i = 0; i < 8; i++)
        {
            addresses[i] = (nuint)VirtualMemory.Reserve(Size + ((nuint)i * Page), (nuint)alignment);
            Assert.NotEqual((nuint)0, addresses[i]);
            Assert.Equal((nuint)0, addresses[i] % (nuint)alignment);
            Assert.Equal(Reserved, ProcessMap.AccessOf((void*)addresses[i], Size + ((nuint)i * Page)));
        }

        for (int i = 0; i < 8; i++)
        {
            VirtualMemory.Free((void*)addresses[i], Size + ((nuint)i * Page));
        }
    }

    [Fact]
    public void Reserve_keeps_nothing_beyond_what_was_asked_for()
    {
        // The slack for the alignment goes back: the address space in use grows by the size only.
        long before = VirtualSize();
        void* address = VirtualMemory.Reserve(Size, 1u << 30);
        long after = VirtualSize();
        Assert.InRange(after - before, (long)Size, 1 << 29);
        VirtualMemory.Free(address, Size);
    }

    [Fact]
    public void Map_makes_a_part_usable_and_leaves_the_rest()
    {
        byte* start = (byte*)VirtualMemory.Reserve(4 * Size, Size);
        Assert.True(VirtualMemory.Map(start + Size, Size));
        Assert.True(VirtualMemory.Used(start + Size, Size));
        Assert.Equal(Reserved, ProcessMap.AccessOf(start, Size));
        Assert.Equal(Usable, ProcessMap.AccessOf(start + Size, Size));
        Assert.Equal(Reserved, ProcessMap.AccessOf(start + (2 * Size), 2 * Size));
        AssertZero(start + Size, Size);
        VirtualMemory.Free(start, 4 * Size);
    }

    [Fact]
    public void Unused_memory_comes_back_zero()
    {
        byte* start = Ready();
        new Span<byte>(start, (int)Size).Fill(0xa5);
        VirtualMemory.Unused(start + Page, Size - (2 * Page));
        Assert.Equal(Usable, ProcessMap.AccessOf(start, Size));
        Assert.True(VirtualMemory.Used(start + Page, Size - (2 * Page)));
        AssertZero(start + Page, Size - (2 * Page));
        Assert.Equal(0xa5, start[Page - 1]);
        Assert.Equal(0xa5, start[Size - Page]);
        VirtualMemory.Free(start, Size);
    }

    [Fact]
    public void Fault_takes_the_access_and_the_memory_away()
    {
        byte* start = Ready();
        new Span<byte>(start, (int)Size).Fill(0xa5);
        VirtualMemory.Fault(start, Size / 2);
        Assert.Equal(Reserved, ProcessMap.AccessOf(start, Size / 2));
        Assert.Equal(Usable, ProcessMap.AccessOf(start + (Size / 2), Size / 2));

        Assert.True(VirtualMemory.Map(start, Size / 2));
        Assert.True(VirtualMemory.Used(start, Size / 2));
        AssertZero(start, Size / 2);
        Assert.Equal(0xa5, start[Size / 2]);
        VirtualMemory.Free(start, Size);
    }

    [Fact]
    public void Free_gives_the_addresses_back_from_every_state()
    {
        foreach (string state in (string[])["reserved", "ready", "unused", "faulting", "metadata"])
        {
            AssertFrees(state);
        }
    }

    [Fact]
    public void Alloc_gives_zeroed_usable_memory()
    {
        void* memory = VirtualMemory.Alloc(Size);
        Assert.Equal(Usable, ProcessMap.AccessOf(memory, Size));
        AssertZero(memory, Size);
        new Span<byte>(memory, (int)Size).Fill(1);
        VirtualMemory.Free(memory, Size);
    }

    [Fact]
    public void Absurd_sizes_are_refused()
    {
        nuint[] absurd = [(nuint)1 << 50, (nuint)1 << 62, nuint.MaxValue & ~(Page - 1), (nuint.MaxValue & ~(Page - 1)) - (64 << 20)];
        foreach (nuint size in absurd)
        {
            Assert.True(VirtualMemory.Alloc(size) == null, $"Alloc({size})");
            Assert.True(VirtualMemory.Reserve(size, Page) == null, $"Reserve({size})");
            Assert.True(VirtualMemory.Reserve(size, 64 << 20) == null, $"Reserve({size}), aligned");
        }
    }

    [Fact]
    public void Map_of_addresses_never_reserved_fails()
    {
        // No process is given its first pages.
        Assert.False(VirtualMemory.Map((void*)Page, Page));
    }

    [Fact]
    public void Map_of_what_could_never_be_backed_fails_and_changes_nothing()
    {
        Assert.SkipUnless(
            File.ReadAllText("/proc/sys/vm/overcommit_memory").Trim() == "0",
            "The kernel is set to promise any amount of memory, or none over a limit.");
        nuint size = (nuint)1 << 44;
        void* address = VirtualMemory.Reserve(size, Size);
        Assert.True(address != null);
        Assert.False(VirtualMemory.Map(address, size));
        Assert.Equal(Reserved, ProcessMap.AccessOf(address, size));
        VirtualMemory.Free(address, size);
    }

    private static byte* Ready()
    {
        byte* start = (byte*)VirtualMemory.Reserve(Size, Size);
        Assert.True(VirtualMemory.Map(start, Size) && VirtualMemory.Used(start, Size));
        return start;
    }

    private static void AssertFrees(string state)
    {
        // Another thread of the process may be given the addresses before they are looked at, but not time and again.
        string access = "";
        for (int attempt = 0; attempt < 10; attempt++)
        {
            byte* start = state switch
            {
                "reserved" => (byte*)VirtualMemory.Reserve(Size, Size),
                "metadata" => (byte*)VirtualMemory.Alloc(Size),
                _ => Ready(),
            };
            if (state == "unused")
            {
                VirtualMemory.Unused(start, Size);
            }
            else if (state == "faulting")
            {
                VirtualMemory.Fault(start, Size);
            }

            VirtualMemory.Free(start, Size);
            access = ProcessMap.AccessOf(start, Size);
            if (access == ProcessMap.Nothing)
            {
                return;
            }
        }

        Assert.Fail($"After Free of {state} memory its access was {access}.");
    }

    private static void AssertZero(void* start, nuint size) =>
        Assert.Equal(-1, new ReadOnlySpan<byte>(start, (int)size).IndexOfAnyExcept((byte)0));

    private static long VirtualSize() => long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[0]) * Environment.SystemPageSize;
}
