using System.Linq;
using System.Reflection;

namespace NativeHeap.Analyzers;

/// <summary>Where the pages on the rules are: the project file's PagesUrl, which Directory.Build.props makes of the project's address.</summary>
internal static class HelpPages
{
    public const string MetadataKey = "PagesUrl";

    /// <summary>What a path in the repository is appended to; empty as long as the project has no address.</summary>
    public static string Address { get; } =
        typeof(HelpPages).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static attribute => attribute.Key == MetadataKey).Value ?? "";
}
