using System;
using System.IO;

using Xunit;

namespace NativeHeap.Tests;

/// <summary>The files that this program was built from, if it runs where they are.</summary>
internal static class Repository
{
    /// <summary>The path of a file or folder, by its name from the repository's root. Skips the test if there is no repository.</summary>
    public static string PathOf(params ReadOnlySpan<string> names)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder != null && !File.Exists(Path.Combine(folder.FullName, "NativeHeap.sln")))
        {
            folder = folder.Parent;
        }

        Assert.SkipWhen(folder == null, $"No sources: there is no NativeHeap.sln above {AppContext.BaseDirectory}.");
        return Path.Combine([folder!.FullName, .. names]);
    }
}
