// What the container that the process runs in may hold: past it, the kernel kills. Read once, at the start.
//
// Linux: control groups. A process is in one group of each hierarchy, a limit holds for a group and all below it, so the lowest on the way up is the one that counts:
//
//     /proc/self/cgroup       the group: `0::/path` in version 2, `4:memory:/path` in version 1
//     /proc/self/mountinfo    where the hierarchy can be seen, and which part of it: a container often sees its own group as the root
//     memory.max              version 2: bytes, or `max`              memory.limit_in_bytes    version 1: bytes; no limit is a number near 2^63
//
// Both versions may be mounted at once (the memory controller is in one of them then). The collector's figure is no help: in a container GCMemoryInfo.TotalAvailableMemoryBytes is its own heap's limit,
// 75 % of the container's unless it is told otherwise.
//
// Windows: the job object. What cannot be read, or makes no sense, is no limit: the files are the kernel's and not the user's to correct, and the first allocation must not fail by them.

using System;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;

namespace NativeHeap.Platform;

/// <summary>Reads the memory limit of the process's container.</summary>
internal static unsafe partial class ContainerLimit
{
    // Version 1 writes the largest number of whole pages for no limit.
    private const long NoLimit = 1L << 60;

    /// <summary>The limit in bytes, or null if there is none.</summary>
    public static long? Read() => OperatingSystem.IsLinux() ? ReadCgroups("") : OperatingSystem.IsWindows() ? ReadJob() : null;

    /// <summary>The limit of the control groups.</summary>
    /// <param name="root">What to put before each path: nothing, but for tests.</param>
    internal static long? ReadCgroups(string root)
    {
        long limit = NoLimit;
        try
        {
            string[] groups = File.ReadAllLines(root + "/proc/self/cgroup");
            foreach (string line in File.ReadLines(root + "/proc/self/mountinfo"))
            {
                if (TryParseMount(line, out string shown, out string point, out bool isVersion2) && FindGroup(groups, isVersion2) is { } group)
                {
                    limit = long.Min(limit, LowestOnTheWayUp(root + point, Below(shown, group), isVersion2 ? "memory.max" : "memory.limit_in_bytes"));
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // What has been read counts.
        }

        return limit == NoLimit ? null : limit;
    }

    // 36 35 98:0 /shown /mount/point options [more] - type source options
    private static bool TryParseMount(string line, out string shown, out string point, out bool isVersion2)
    {
        const int Shown = 3;
        const int Point = 4;
        const int FirstMore = 6;
        string[] fields = line.Split(' ');
        int dash = fields.Length > FirstMore ? Array.IndexOf(fields, "-", FirstMore) : -1;
        if (dash < 0 || dash + 3 >= fields.Length)
        {
            shown = point = "";
            isVersion2 = false;
            return false;
        }

        shown = Unescape(fields[Shown]);
        point = Unescape(fields[Point]);
        isVersion2 = fields[dash + 1] == "cgroup2";
        return isVersion2 || (fields[dash + 1] == "cgroup" && Array.IndexOf(fields[dash + 3].Split(','), "memory") >= 0);
    }

    private static string? FindGroup(string[] groups, bool isVersion2)
    {
        foreach (string line in groups)
        {
            string[] fields = line.Split(':', 3);
            if (fields.Length == 3 && (isVersion2 ? fields[0] == "0" && fields[1].Length == 0 : Array.IndexOf(fields[1].Split(','), "memory") >= 0))
            {
                return fields[2];
            }
        }

        return null;
    }

    // The group's path below the mount point; the mount point itself where the group lies outside of what is shown.
    private static string Below(string shown, string group)
    {
        string prefix = shown.TrimEnd('/');
        string below = group.StartsWith(prefix + "/", StringComparison.Ordinal) ? group[prefix.Length..].TrimEnd('/') : "";
        return below.Contains("/..", StringComparison.Ordinal) ? "" : below;
    }

    private static long LowestOnTheWayUp(string point, string below, string file)
    {
        long lowest = NoLimit;
        for (string path = below; ; path = path[..path.LastIndexOf('/')])
        {
            string name = $"{point}{path}/{file}";
            if (File.Exists(name) && long.TryParse(File.ReadAllText(name).AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long limit) && limit > 0)
            {
                lowest = long.Min(lowest, limit);
            }

            if (path.Length == 0)
            {
                return lowest;
            }
        }
    }

    // Spaces and the like are written as a backslash and three octal digits.
    private static string Unescape(string field)
    {
        StringBuilder text = new(field.Length);
        for (int i = 0; i < field.Length; i++)
        {
            bool isEscape = field[i] == '\\' && i + 3 < field.Length && field.AsSpan(i + 1, 3).IndexOfAnyExceptInRange('0', '7') < 0;
            _ = text.Append(isEscape ? (char)(((field[i + 1] - '0') * 64) + ((field[i + 2] - '0') * 8) + (field[i + 3] - '0')) : field[i]);
            i += isEscape ? 3 : 0;
        }

        return text.ToString();
    }

    // Of the job that the process is in; the call fails if it is in none.
    private static long? ReadJob()
    {
        const int ExtendedLimitInformation = 9;
        const uint ProcessMemory = 0x100;
        const uint JobMemory = 0x200;
        JobLimits limits = default;
        if (QueryInformationJobObject(0, ExtendedLimitInformation, &limits, sizeof(JobLimits), null) == 0)
        {
            return null;
        }

        long limit = long.Min(
            (limits.Flags & ProcessMemory) != 0 ? limits.ProcessMemoryLimit : NoLimit,
            (limits.Flags & JobMemory) != 0 ? limits.JobMemoryLimit : NoLimit);
        return limit is > 0 and < NoLimit ? limit : null;
    }

    [LibraryImport("kernel32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int QueryInformationJobObject(nint job, int kind, JobLimits* information, int length, int* returned);

    // JOBOBJECT_EXTENDED_LIMIT_INFORMATION, of which these three are read.
    [StructLayout(LayoutKind.Explicit, Size = 144)]
    private struct JobLimits
    {
        [FieldOffset(16)]
        public uint Flags;

        [FieldOffset(112)]
        public long ProcessMemoryLimit;

        [FieldOffset(120)]
        public long JobMemoryLimit;
    }
}
