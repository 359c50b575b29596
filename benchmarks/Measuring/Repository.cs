// Where this program was built: some commands build it again, read what lies beside it, or write the page that belongs to it.

using System.IO;
using System.Linq;
using System.Reflection;

namespace NativeHeap.Benchmarks.Measuring;

internal static class Repository
{
    /// <summary>The folder of the benchmarks' project.</summary>
    public static string Benchmarks
        => Directory.Exists(Built) ? Built : throw new UsageException($"'{Built}', which this program was built from, is not there: run it in a clone of the repository.");

    /// <summary>The golden files of the stubs' machine code; perhaps not there.</summary>
    public static string Golden => Path.GetFullPath(Path.Combine(Built, "..", "tests", "NativeHeap.Tests", "Golden"));

    /// <summary>The recorded traces that come with the repository; perhaps not there.</summary>
    public static string Traces => Path.Combine(Built, "Traces");

    /// <summary>A folder beside the repository that may hold more traces and the replayer in C; perhaps not there.</summary>
    public static string SharedTraces => Path.GetFullPath(Path.Combine(Built, "..", "..", "shared", "traces"));

    private static string Built => typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "ProjectDirectory").Value!;
}
