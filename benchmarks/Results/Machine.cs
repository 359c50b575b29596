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

    public static Dictionary<string, string> Versions()
        => new()
        {
            [".NET"] = Environment.Version.ToString(),
            [Subjects.Subject.NativeHeapName] = VersionOf(typeof(NativeAllocatedAttribute)),
        };

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
