using System.Linq;
using System.Reflection;

namespace NativeHeap.Benchmarks.Measuring;

/// <summary>Where the program was built from.</summary>
internal static class ProjectFolder
{
    /// <summary>The folder of its project, which is there in a clone of the repository.</summary>
    public static string Path { get; } = typeof(ProjectFolder).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "ProjectDirectory").Value!;
}
