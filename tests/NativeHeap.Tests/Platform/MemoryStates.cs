// The table of the states that a range of addresses can be in, and what each verb makes of each, those included that nobody may use it in. "Refused" is an answer (no memory, or no whole
// page); "failed" leaves a reason in SystemFailure, as a call does that is not in order; "any" is where Windows and Wine differ. Prepared is the same for the system as Reserved on Windows,
// and as Ready elsewhere. Allocated is Ready, by Alloc. Alloc and Reserve, which take no range, give another and leave the one there is alone.

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

using NativeHeap.Platform;

using Xunit;

namespace NativeHeap.Tests.Platform;

/// <summary>A range in each of the states, and the verbs by name.</summary>
internal static unsafe partial class MemoryStates
{
    public const nuint Size = 1 << 20;

    private const byte Mark = 0xa5;

    private static readonly string[] s_posix =
    [
        "None      Map     refused  nothing   -",
        "None      Used    done     nothing   -",
        "None      Unused  failed   nothing   -",
        "None      Purge   failed   nothing   -",
        "None      Fault   failed   nothing   -",
        "None      Free    done     nothing   -",
        "None      Alloc   done     nothing   -",
        "None      Reserve done     nothing   -",
        "Reserved  Map     done     usable    zero",
        "Reserved  Used    done     reserved  -",
        "Reserved  Unused  done     reserved  -",
        "Reserved  Purge   done     reserved  -",
        "Reserved  Fault   done     reserved  -",
        "Reserved  Free    done     nothing   -",
        "Reserved  Alloc   done     reserved  -",
        "Reserved  Reserve done     reserved  -",
        "Prepared  Map     done     usable    zero",
        "Prepared  Used    done     usable    zero",
        "Prepared  Unused  done     usable    zero",
        "Prepared  Purge   done     usable    lost",
        "Prepared  Fault   done     reserved  -",
        "Prepared  Free    done     nothing   -",
        "Prepared  Alloc   done     usable    zero",
        "Prepared  Reserve done     usable    zero",
        "Ready     Map     done     usable    kept",
        "Ready     Used    done     usable    kept",
        "Ready     Unused  done     usable    zero",
        "Ready     Purge   done     usable    lost",
        "Ready     Fault   done     reserved  -",
        "Ready     Free    done     nothing   -",
        "Ready     Alloc   done     usable    kept",
        "Ready     Reserve done     usable    kept",
        "Allocated Alloc   done     usable    kept",
        "Allocated Reserve done     usable    kept",
        "Allocated Map     done     usable    kept",
        "Allocated Used    done     usable    kept",
        "Allocated Unused  done     usable    zero",
        "Allocated Purge   done     usable    lost",
        "Allocated Fault   done     reserved  -",
        "Allocated Free    done     nothing   -",
    ];

    private static readonly string[] s_windows =
    [
        "None      Map     done     nothing   -",
        "None      Used    failed   nothing   -",
        "None      Unused  failed   nothing   -",
        "None      Purge   failed   nothing   -",
        "None      Fault   failed   nothing   -",
        "None      Free    failed   nothing   -",
        "None      Alloc   done     nothing   -",
        "None      Reserve done     nothing   -",
        "Reserved  Map     done     reserved  -",
        "Reserved  Used    done     usable    zero",
        "Reserved  Unused  done     reserved  -",
        "Reserved  Purge   any      reserved  -",
        "Reserved  Fault   done     reserved  -",
        "Reserved  Free    done     nothing   -",
        "Reserved  Alloc   done     reserved  -",
        "Reserved  Reserve done     reserved  -",
        "Prepared  Map     done     reserved  -",
        "Prepared  Used    done     usable    zero",
        "Prepared  Unused  done     reserved  -",
        "Prepared  Purge   any      reserved  -",
        "Prepared  Fault   done     reserved  -",
        "Prepared  Free    done     nothing   -",
        "Prepared  Alloc   done     reserved  -",
        "Prepared  Reserve done     reserved  -",
        "Ready     Map     done     usable    kept",
        "Ready     Used    done     usable    kept",
        "Ready     Unused  done     reserved  -",
        "Ready     Purge   done     usable    lost",
        "Ready     Fault   done     reserved  -",
        "Ready     Free    done     nothing   -",
        "Ready     Alloc   done     usable    kept",
        "Ready     Reserve done     usable    kept",
        "Allocated Alloc   done     usable    kept",
        "Allocated Reserve done     usable    kept",
        "Allocated Map     done     usable    kept",
        "Allocated Used    done     usable    kept",
        "Allocated Unused  done     reserved  -",
        "Allocated Purge   done     usable    lost",
        "Allocated Fault   done     reserved  -",
        "Allocated Free    done     nothing   -",
    ];

    /// <summary>A row for each state and verb: state, verb, answer, access then, contents then.</summary>
    public static IEnumerable<string> Rows => OperatingSystem.IsWindows() ? s_windows : s_posix;

    /// <summary>A range in a state; Ready and Allocated ones are full of marks.</summary>
    public static byte* In(string state)
    {
        if (state == "None")
        {
            return Unmapped();
        }

        byte* start = (byte*)(state == "Allocated" ? VirtualMemory.Alloc(Size) : VirtualMemory.Reserve(Size, Size));
        Assert.True(start != null);
        Assert.True(state is "Allocated" or "Reserved" || VirtualMemory.Map(start, Size));
        if (state is "Allocated" or "Ready")
        {
            Assert.True(state == "Allocated" || VirtualMemory.Used(start, Size));
            new Span<byte>(start, (int)Size).Fill(Mark);
        }

        return start;
    }

    /// <summary>Runs a verb on a range.</summary>
    /// <returns>"done", "refused" or "failed".</returns>
    public static string Do(string verb, void* address, nuint size)
    {
        SystemFailure.Clear();
        bool done = verb switch
        {
            "Map" => VirtualMemory.Map(address, size),
            "Used" => VirtualMemory.Used(address, size),
            "Unused" => VirtualMemory.Unused(address, size) == size,
            "Purge" => VirtualMemory.Purge(address, size) == size,
            "Fault" => VirtualMemory.Fault(address, size),
            "Free" => VirtualMemory.Free(address, size),
            "Alloc" => IsAnother(VirtualMemory.Alloc(size), ProcessMap.Usable, address, size),
            "Reserve" => IsAnother(VirtualMemory.Reserve(size, size), ProcessMap.Reserved, address, size),
            _ => throw new ArgumentOutOfRangeException(nameof(verb), verb, null),
        };
        InvalidOperationException? failure = SystemFailure.Take();
        if (failure != null)
        {
            Assert.Contains($"0x{(nuint)address:x}", failure.Message, StringComparison.Ordinal);
            Assert.Contains($"{size:N0} bytes", failure.Message, StringComparison.Ordinal);
        }

        return done ? "done" : failure == null ? "refused" : "failed";
    }

    // Whether a range was given with the access that it should have, apart from one there is. Gives it back.
    private static bool IsAnother(void* given, string access, void* address, nuint size)
    {
        Assert.True((nuint)given >= (nuint)address + size || (nuint)address >= (nuint)given + size);
        return given != null && ProcessMap.AccessOf(given, size) == access && VirtualMemory.Free(given, size);
    }

    /// <summary>What a range holds: "zero", "kept" where marks are, "mixed".</summary>
    public static string ContentsOf(byte* start, nuint size)
    {
        ReadOnlySpan<byte> bytes = new(start, (int)size);
        return bytes.IndexOfAnyExcept((byte)0) < 0 ? "zero" : bytes.IndexOfAnyExcept(Mark) < 0 ? "kept" : "mixed";
    }

    /// <summary>Two reservations of <see cref="Size"/> side by side, both ready. They have no guards, so that <see cref="VirtualMemory.Free"/> is not for them.</summary>
    public static byte* TwoReservations()
    {
        for (int attempt = 0; attempt < 100; attempt++)
        {
            byte* first = (byte*)VirtualMemory.Reserve(2 * Size, Size);
            Assert.True(VirtualMemory.Free(first, 2 * Size));
            if (ReserveAt(first) && ReserveAt(first + Size))
            {
                Assert.True(VirtualMemory.Map(first, 2 * Size) && VirtualMemory.Used(first, 2 * Size));
                return first;
            }
        }

        Assert.Fail("Another thread was quicker a hundred times.");
        return null;
    }

    /// <summary>Gives them back.</summary>
    public static void FreeTwoReservations(byte* first)
    {
        for (byte* each = first; each <= first + Size; each += Size)
        {
            Assert.True(OperatingSystem.IsWindows() ? VirtualFree(each, 0, kind: 0x8000) != 0 : Munmap(each, Size) == 0);
        }
    }

    // At an address that was free a moment ago. What a failure leaves behind is only addresses.
    private static bool ReserveAt(byte* address) => address == (OperatingSystem.IsWindows()
        ? VirtualAlloc(address, Size, kind: 0x2000, protection: 1)
        : Mmap(address, Size, protection: 0, flags: OperatingSystem.IsMacOS() ? 0x1002 : 0x22, file: -1, offset: 0));

    [LibraryImport("kernel32", EntryPoint = "VirtualAlloc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial byte* VirtualAlloc(byte* address, nuint size, uint kind, uint protection);

    [LibraryImport("libc", EntryPoint = "mmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial byte* Mmap(byte* address, nuint size, int protection, int flags, int file, nint offset);

    [LibraryImport("kernel32", EntryPoint = "VirtualFree")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int VirtualFree(byte* address, nuint size, uint kind);

    [LibraryImport("libc", EntryPoint = "munmap")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Munmap(byte* address, nuint size);

    // Low addresses, which systems leave alone unless they are asked for them.
    private static byte* Unmapped()
    {
        nuint address = 0x2000_0000;
        while (ProcessMap.AccessOf((void*)address, Size) != ProcessMap.Nothing)
        {
            address += 0x0100_0000;
        }

        return (byte*)address;
    }
}
