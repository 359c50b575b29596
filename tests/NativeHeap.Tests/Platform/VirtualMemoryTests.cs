using System;
using System.IO;
using System.Linq;

using NativeHeap.Platform;

using Xunit;

namespace NativeHeap.Tests.Platform;

/// <summary>The states and verbs of <see cref="VirtualMemory"/>, each state read back from the system.</summary>
public sealed unsafe class VirtualMemoryTests
{
    private const nuint Size = MemoryStates.Size;

    private static nuint Page => VirtualMemory.PageSize;

    public static TheoryData<string> Transitions { get; } = [.. MemoryStates.Rows];

    public static TheoryData<string> Takers { get; } = ["Unused", "Purge", "Fault"];

    [Fact]
    public void The_table_has_a_row_for_each_verb_in_each_state()
    {
        string[] states = ["None", "Reserved", "Prepared", "Ready", "Allocated"];
        string[] verbs = ["Alloc", "Free", "Reserve", "Map", "Used", "Unused", "Purge", "Fault"];
        Assert.Equal(
            states.SelectMany(state => verbs.Select(verb => $"{state} {verb}")).Order(StringComparer.Ordinal),
            MemoryStates.Rows.Select(row => string.Join(' ', row.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..2])).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Transitions))]
    public void A_verb_makes_of_a_state_what_the_table_says(string row)
    {
        string[] cells = row.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        (string state, string verb, string answer, string access, string contents) = (cells[0], cells[1], cells[2], cells[3], cells[4]);
        if (verb == "Free" && access == ProcessMap.Nothing && state != "None")
        {
            AssertFrees(state, answer);
            return;
        }

        Assert.SkipWhen(Emulation.IsQemu && state == "None" && answer == "failed", "QEMU's madvise has nothing against addresses that are not mapped.");
        byte* start = MemoryStates.In(state);
        string answered = MemoryStates.Do(verb, start, Size);
        Assert.Equal(answer == "any" ? answered : answer, answered);
        Assert.Equal(access, ProcessMap.AccessOf(start, Size));
        string held = access == ProcessMap.Usable ? MemoryStates.ContentsOf(start, Size) : "-";
        Assert.Equal(contents == "lost" ? held : contents, held);
        Assert.True(state == "None" || VirtualMemory.Free(start, Size));
    }

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
            Assert.Equal(ProcessMap.Reserved, ProcessMap.AccessOf((void*)addresses[i], Size + ((nuint)i * Page)));
        }

        for (int i = 0; i < 8; i++)
        {
            Assert.True(VirtualMemory.Free((void*)addresses[i], Size + ((nuint)i * Page)));
        }
    }

    [Fact]
    public void Reserve_keeps_nothing_beyond_what_was_asked_for()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && !Emulation.IsQemu, "The figure of the process's addresses is read from Linux's /proc/self/statm, which under QEMU speaks of QEMU.");

        // The slack for the alignment goes back: the address space in use grows by the size only.
        long before = VirtualSize();
        void* address = VirtualMemory.Reserve(Size, 1u << 30);
        long after = VirtualSize();
        Assert.InRange(after - before, (long)Size, 1 << 29);
        Assert.True(VirtualMemory.Free(address, Size));
    }

    [Fact]
    public void Map_and_Used_make_a_part_usable_and_leave_the_rest()
    {
        byte* start = (byte*)VirtualMemory.Reserve(4 * Size, Size);
        Assert.True(VirtualMemory.Map(start + Size, Size));
        Assert.True(VirtualMemory.Used(start + Size, Size));
        Assert.Equal(ProcessMap.Reserved, ProcessMap.AccessOf(start, Size));
        Assert.Equal(ProcessMap.Usable, ProcessMap.AccessOf(start + Size, Size));
        Assert.Equal(ProcessMap.Reserved, ProcessMap.AccessOf(start + (2 * Size), 2 * Size));
        Assert.Equal("zero", MemoryStates.ContentsOf(start + Size, Size));
        Assert.True(VirtualMemory.Free(start, 4 * Size));
    }

    [Fact]
    public void Map_and_Used_reach_outward_to_whole_system_pages()
    {
        byte* start = (byte*)VirtualMemory.Reserve(8 * Page, Page);
        Assert.True(VirtualMemory.Map(start + (2 * Page) + 100, Page));
        Assert.True(VirtualMemory.Used(start + (2 * Page) + 100, Page));
        Assert.Equal(ProcessMap.Reserved, ProcessMap.AccessOf(start, 2 * Page));
        Assert.Equal(ProcessMap.Usable, ProcessMap.AccessOf(start + (2 * Page), 2 * Page));
        Assert.Equal(ProcessMap.Reserved, ProcessMap.AccessOf(start + (4 * Page), 4 * Page));
        Assert.True(VirtualMemory.Free(start, 8 * Page));
    }

    [Theory]
    [MemberData(nameof(Takers))]
    public void What_takes_memory_away_reaches_inward_to_whole_system_pages(string verb)
    {
        nuint[] ends = [0, 1, 64, 8 << 10, Page - 1, Page, Page + 1, Page + (8 << 10), 2 * Page];
        foreach (nuint from in ends)
        {
            foreach (nuint to in ends.Select(end => (3 * Page) - end))
            {
                AssertTakesInside(verb, from, nuint.Max(from, to));
            }
        }
    }

    [Fact]
    public void Unused_memory_comes_back_zero()
    {
        byte* start = MemoryStates.In("Ready");
        Assert.Equal(Size - (2 * Page), VirtualMemory.Unused(start + Page, Size - (2 * Page)));
        Assert.True(VirtualMemory.Used(start + Page, Size - (2 * Page)));
        Assert.Equal(ProcessMap.Usable, ProcessMap.AccessOf(start, Size));
        Assert.Equal("zero", MemoryStates.ContentsOf(start + Page, Size - (2 * Page)));
        Assert.Equal("kept", MemoryStates.ContentsOf(start, Page));
        Assert.Equal("kept", MemoryStates.ContentsOf(start + Size - Page, Page));
        Assert.True(VirtualMemory.Free(start, Size));
    }

    [Fact]
    public void Faulting_memory_can_be_made_usable_again_and_is_zero()
    {
        byte* start = MemoryStates.In("Ready");
        Assert.True(VirtualMemory.Fault(start, Size / 2));
        Assert.Equal(ProcessMap.Reserved, ProcessMap.AccessOf(start, Size / 2));
        Assert.Equal(ProcessMap.Usable, ProcessMap.AccessOf(start + (Size / 2), Size / 2));

        Assert.True(VirtualMemory.Map(start, Size / 2));
        Assert.True(VirtualMemory.Used(start, Size / 2));
        Assert.Equal("zero", MemoryStates.ContentsOf(start, Size / 2));
        Assert.Equal("kept", MemoryStates.ContentsOf(start + (Size / 2), Size / 2));
        Assert.True(VirtualMemory.Free(start, Size));
    }

    [Theory]
    [MemberData(nameof(Takers))]
    public void What_gives_memory_back_takes_it_out_of_the_resident_size_at_once(string verb)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsWindows(), "No system but Linux and Windows is asked for the resident size of a range.");
        byte* start = (byte*)VirtualMemory.Reserve(3 * Size, Size);
        Assert.True(VirtualMemory.Map(start + Size, Size) && VirtualMemory.Used(start + Size, Size));
        long untouched = ProcessMap.ResidentOf(start + Size, Size);
        new Span<byte>(start + Size, (int)Size).Fill(1);
        long touched = ProcessMap.ResidentOf(start + Size, Size);
        Assert.Equal("done", MemoryStates.Do(verb, start + Size, Size));
        long given = ProcessMap.ResidentOf(start + Size, Size);
        Assert.True(VirtualMemory.Free(start, 3 * Size));
        Assert.Equal((0, (long)Size, 0), (untouched, touched, given));
    }

    [Theory]
    [MemberData(nameof(Takers))]
    public void What_takes_memory_away_may_cross_from_one_reservation_into_the_next(string verb)
    {
        byte* first = MemoryStates.TwoReservations();
        new Span<byte>(first, 2 * (int)Size).Fill(1);
        nuint part = nuint.Max(Size / 2, Page);
        byte* start = first + Size - part;
        Assert.Equal("done", MemoryStates.Do(verb, start, 2 * part));
        Assert.True(VirtualMemory.Map(start, 2 * part) && VirtualMemory.Used(start, 2 * part));
        Assert.Equal(ProcessMap.Usable, ProcessMap.AccessOf(first, 2 * Size));
        Assert.True(verb == "Purge" || MemoryStates.ContentsOf(start, 2 * part) == "zero");
        MemoryStates.FreeTwoReservations(first);
    }

    [Fact]
    public void Alloc_gives_zeroed_usable_memory()
    {
        void* memory = VirtualMemory.Alloc(Size);
        Assert.Equal(ProcessMap.Usable, ProcessMap.AccessOf(memory, Size));
        Assert.Equal("zero", MemoryStates.ContentsOf((byte*)memory, Size));
        new Span<byte>(memory, (int)Size).Fill(1);
        Assert.True(VirtualMemory.Free(memory, Size));
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
    public void A_refused_Alloc_leaves_no_addresses_behind()
    {
        Assert.SkipUnless(OperatingSystem.IsWindows(), "What the system has addresses for it promises memory for, as metadata is asked for.");
        nuint size = (nuint)1 << 38;
        AssertReservable();
        for (int i = 0; i < 1_000; i++)
        {
            Assert.True(VirtualMemory.Alloc(size) == null);
        }

        AssertReservable();

        void AssertReservable()
        {
            void* addresses = VirtualMemory.Reserve(size, Page);
            Assert.True(addresses != null && VirtualMemory.Free(addresses, size));
        }
    }

    [Fact]
    public void What_could_never_be_backed_is_refused_and_nothing_changes()
    {
        Assert.SkipUnless(
            OperatingSystem.IsWindows() || (OperatingSystem.IsLinux() && File.ReadAllText("/proc/sys/vm/overcommit_memory").Trim() == "0"),
            "The system promises any amount of memory, or none over a limit.");
        nuint size = (nuint)1 << 44;
        void* address = VirtualMemory.Reserve(size, Size);
        Assert.SkipWhen(address == null, "The process may not have 16 TiB of addresses.");
        Assert.Equal("refused", MemoryStates.Do(OperatingSystem.IsWindows() ? "Used" : "Map", address, size));
        Assert.Equal(ProcessMap.Reserved, ProcessMap.AccessOf(address, size));
        Assert.True(VirtualMemory.Free(address, size));
    }

    [Fact]
    public void Prefault_brings_every_page_into_memory_and_changes_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsWindows(), "No system but Linux and Windows is asked for the resident size of a range.");
        Assert.SkipWhen(Emulation.IsQemu && Page != 4096, "QEMU's larger pages are the machine's own, several each, and what touches one of QEMU's touches one of those.");
        byte* start = (byte*)VirtualMemory.Reserve(3 * Size, Size);
        Assert.True(VirtualMemory.Map(start + Size, Size) && VirtualMemory.Used(start + Size, Size));
        start[Size + Page] = 7;
        VirtualMemory.Prefault(start + Size, Size);
        Assert.Equal((long)Size, ProcessMap.ResidentOf(start + Size, Size));
        Assert.Equal(7, start[Size + Page]);
        start[Size + Page] = 0;
        Assert.Equal("zero", MemoryStates.ContentsOf(start + Size, Size));
        Assert.True(VirtualMemory.Free(start, 3 * Size));
    }

    [Fact]
    public void What_cannot_be_locked_says_why()
    {
        Assert.SkipWhen(Emulation.IsQemu, "QEMU's mlock has nothing against addresses that are not mapped.");
        byte* start = (byte*)VirtualMemory.Reserve(Size, Size);
        Assert.True(VirtualMemory.Free(start, Size));
        Assert.False(VirtualMemory.Lock(start, Size));
        string message = SystemFailure.Take()!.Message;
        Assert.Contains(OperatingSystem.IsWindows() ? "VirtualLock" : "mlock", message, StringComparison.Ordinal);
        Assert.Contains("lock less", message, StringComparison.Ordinal);
    }

    // Three pages full of marks, of which [from, to) is taken away: whole pages within go, the rest stays as it was.
    private static void AssertTakesInside(string verb, nuint from, nuint to)
    {
        byte* start = MemoryStates.In("Ready");
        nuint first = (from + Page - 1) & ~(Page - 1);
        nuint taken = nuint.Max(to & ~(Page - 1), first) - first;
        nuint answer = verb == "Unused" ? VirtualMemory.Unused(start + from, to - from)
            : verb == "Purge" ? VirtualMemory.Purge(start + from, to - from)
            : VirtualMemory.Fault(start + from, to - from) ? taken
            : nuint.MaxValue;
        Assert.Equal(taken, answer);
        Assert.True(taken == 0 || verb != "Fault" || ProcessMap.AccessOf(start + first, taken) == ProcessMap.Reserved);
        Assert.True(VirtualMemory.Map(start, Size) && VirtualMemory.Used(start, Size));
        Assert.True(taken == 0 || verb == "Purge" || MemoryStates.ContentsOf(start + first, taken) == "zero");
        Assert.Equal("kept", MemoryStates.ContentsOf(start + first + taken, Size - first - taken));
        Assert.True(first == 0 || MemoryStates.ContentsOf(start, first) == "kept");
        Assert.True(VirtualMemory.Free(start, Size));
    }

    private static void AssertFrees(string state, string answer)
    {
        // Another thread of the process may be given the addresses before they are looked at, but not time and again.
        string access = "";
        for (int attempt = 0; attempt < 10; attempt++)
        {
            byte* start = MemoryStates.In(state);
            Assert.Equal(answer, MemoryStates.Do("Free", start, Size));
            access = ProcessMap.AccessOf(start, Size);
            if (access == ProcessMap.Nothing)
            {
                return;
            }
        }

        Assert.Fail($"After Free of {state} memory its access was {access}.");
    }

    private static long VirtualSize() => long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[0]) * Environment.SystemPageSize;
}
