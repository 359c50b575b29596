// What the figures were measured on. Everything here is read from the runtime or from /proc; what a system does not tell is left out.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;

namespace NativeHeap.Benchmarks.Results;

internal static class Machine
{
    public static IReadOnlyDictionary<string, string> Describe()
    {
        Dictionary<string, string> machine = new()
        {
            ["os"] = RuntimeInformation.OSDescription,
            ["architecture"] = RuntimeInformation.ProcessArchitecture.ToString(),
            ["cores"] = Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture),
            ["memory"] = string.Create(CultureInfo.InvariantCulture, $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20} MiB"),
        };
        AddFirst(machine, "cpu", "/proc/cpuinfo", line => line.StartsWith("model name", StringComparison.Ordinal) ? line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..] : null);
        AddFirst(machine, "hugepages", "/sys/kernel/mm/transparent_hugepage/enabled", line => line);
        return machine;
    }

    /// <summary>What new processes may take now, in bytes; where the system does not tell, all that there is.</summary>
    public static long FreeMemory
    {
        get
        {
            const string Key = "MemAvailable:";
            const string Path = "/proc/meminfo";
            long all = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
            string? line = File.Exists(Path) ? File.ReadLines(Path).FirstOrDefault(line => line.StartsWith(Key, StringComparison.Ordinal)) : null;
            return line is null ? all : Math.Min(all, long.Parse(line[Key.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) << 10);
        }
    }

    /// <summary>What every command measures: the others are added by Presence.</summary>
    public static Dictionary<string, string> Versions()
        => new()
        {
            [".NET"] = Environment.Version.ToString(),
            [Subjects.Subject.NativeHeapName] = Own.Split('+')[0],
        };

    /// <summary>The commit that NativeHeap was built from: the SDK writes it behind the version.</summary>
    public static string Commit => Own.Contains('+', StringComparison.Ordinal) ? Own.Split('+')[1] : "unknown";

    private static string Own => VersionOf(typeof(NativeAllocatedAttribute));

    public static string VersionOf(Type type)
        => type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private static void AddFirst(Dictionary<string, string> machine, string key, string file, Func<string, string?> pick)
    {
        if (File.Exists(file) && File.ReadLines(file).Select(pick).FirstOrDefault(value => value is not null) is string found)
        {
            machine[key] = found;
        }
    }
}
