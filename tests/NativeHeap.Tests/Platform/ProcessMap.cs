using System;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;

using Xunit;

namespace NativeHeap.Tests.Platform;

/// <summary>What the system says of this process's addresses: /proc/self/maps and smaps on Linux, VirtualQuery and the working set on Windows.</summary>
internal static unsafe partial class ProcessMap
{
    /// <summary>Addresses that no mapping has.</summary>
    public const string Nothing = "nothing";

    /// <summary>Addresses that are taken and may not be touched.</summary>
    public const string Reserved = "reserved";

    /// <summary>Addresses that may be read and written.</summary>
    public const string Usable = "usable";

    private const string Mixed = "mixed";
    private const uint MemCommit = 0x1000;
    private const uint MemReserve = 0x2000;
    private const uint PageReadWrite = 4;

    /// <summary>The access to a range: one of the above, "mixed", or what the system calls it.</summary>
    public static string AccessOf(void* address, nuint size)
    {
        string? access = null;
        ulong next = (ulong)address;
        ulong end = next + size;
        while (next < end)
        {
            (string here, ulong to) = OperatingSystem.IsWindows() ? WindowsRegion(next) : LinuxRegion(next);
            if (access != null && access != here)
            {
                return Mixed;
            }

            access = here;
            next = to;
        }

        return access!;
    }

    /// <summary>The bytes of a range that are in memory. The neighbours of the range must have another access, or no memory. Skips the test where the system does not tell.</summary>
    public static long ResidentOf(void* address, nuint size) => OperatingSystem.IsWindows() ? WindowsResident((byte*)address, size) : LinuxResident((ulong)address, size);

    /// <summary>How many system pages of a range are in memory, on Linux.</summary>
    public static int ResidentPages(void* address, nuint size)
    {
        int pages = (int)(size / (nuint)Environment.SystemPageSize);
        byte[] states = new byte[pages];
        fixed (byte* states0 = states)
        {
            Assert.Equal(0, InCore(address, size, states0));
        }

        int resident = 0;
        foreach (byte state in states)
        {
            resident += state & 1;
        }

        return resident;
    }

    /// <summary>The resident size of the process, in bytes, on Linux.</summary>
    public static long Resident() => long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;

    // What lies at an address, and where it ends.
    private static (string Access, ulong End) LinuxRegion(ulong address)
    {
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            (ulong from, ulong to) = RangeOf(line);
            if (from > address)
            {
                return (Nothing, from);
            }

            if (to > address)
            {
                string access = line.Substring(line.IndexOf(' ', StringComparison.Ordinal) + 1, 4);
                return (access switch { "---p" => Reserved, "rw-p" => Usable, _ => access }, to);
            }
        }

        return (Nothing, ulong.MaxValue);
    }

    private static long LinuxResident(ulong address, nuint size) => LinuxSum("Rss:", address, size);

    /// <summary>The bytes of a range for whose mappings huge pages have been asked, on Linux. Whether it grants any depends on what else the machine holds.</summary>
    public static long AdvisedHuge(void* address, nuint size)
    {
        long advised = 0;
        ulong end = (ulong)address + size;
        (ulong From, ulong To) range = default;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            if (char.IsAsciiHexDigitLower(line[0]))
            {
                range = RangeOf(line);
            }
            else if (range.From < end && range.To > (ulong)address && line.StartsWith("VmFlags:", StringComparison.Ordinal) && line.Contains(" hg", StringComparison.Ordinal))
            {
                advised += (long)(ulong.Min(range.To, end) - ulong.Max(range.From, (ulong)address));
            }
        }

        return advised;
    }

    // The sum of a line over the mappings that a range lies in.
    private static long LinuxSum(string name, ulong address, nuint size)
    {
        long resident = 0;
        bool within = false;
        bool told = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            if (char.IsAsciiHexDigitLower(line[0]))
            {
                (ulong from, ulong to) = RangeOf(line);
                within = from < address + size && to > address;
            }
            else if (within && line.StartsWith(name, StringComparison.Ordinal))
            {
                told = true;
                resident += long.Parse(line.AsSpan(name.Length, line.Length - name.Length - " kB".Length), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) << 10;
            }
        }

        Assert.SkipUnless(told, "/proc/self/smaps says nothing of resident memory here.");
        return resident;
    }

    private static (ulong From, ulong To) RangeOf(string line)
    {
        int dash = line.IndexOf('-', StringComparison.Ordinal);
        int space = line.IndexOf(' ', StringComparison.Ordinal);
        return (
            ulong.Parse(line.AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
            ulong.Parse(line.AsSpan(dash + 1, space - dash - 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    private static (string Access, ulong End) WindowsRegion(ulong address)
    {
        Region region;
        if (VirtualQuery((void*)address, &region, (nuint)sizeof(Region)) == 0)
        {
            return (Nothing, ulong.MaxValue);
        }

        string access = region.State switch
        {
            MemCommit => region.Protect == PageReadWrite ? Usable : $"committed, protection {region.Protect:x}",
            MemReserve => Reserved,
            _ => Nothing,
        };
        return (access, region.Base + region.Size);
    }

    private static long WindowsResident(byte* address, nuint size)
    {
        long resident = 0;
        for (nuint offset = 0; offset < size; offset += (nuint)Environment.SystemPageSize)
        {
            WorkingSetPage page = new() { Address = address + offset };
            Assert.SkipUnless(QueryWorkingSet(GetCurrentProcess(), &page, (uint)sizeof(WorkingSetPage)) != 0, "The system does not tell what is in the working set.");
            resident += (page.Attributes & 1) != 0 ? Environment.SystemPageSize : 0;
        }

        return resident;
    }

    private struct Region
    {
        public ulong Base;
        public ulong ReservationBase;
        public ulong ReservationProtect;
        public ulong Size;
        public uint State;
        public uint Protect;
        public uint Type;
    }

    private struct WorkingSetPage
    {
        public void* Address;
        public ulong Attributes;
    }

    [LibraryImport("libc", EntryPoint = "mincore", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int InCore(void* address, nuint size, byte* states);

    [LibraryImport("kernel32", EntryPoint = "VirtualQuery")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nuint VirtualQuery(void* address, Region* region, nuint size);

    [LibraryImport("kernel32", EntryPoint = "K32QueryWorkingSetEx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int QueryWorkingSet(nint process, WorkingSetPage* page, uint size);

    [LibraryImport("kernel32", EntryPoint = "GetCurrentProcess")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint GetCurrentProcess();
}
