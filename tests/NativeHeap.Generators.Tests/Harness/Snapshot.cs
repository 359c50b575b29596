// Compares text with a file of the repository. A mismatch and a new snapshot both fail, and leave a .received.cs beside the
// expected file; UPDATE_SNAPSHOTS=1 accepts what is received.

using System;
using System.IO;
using System.Linq;
using System.Reflection;

using Xunit;

namespace NativeHeap.Generators.Tests.Harness;

internal static class Snapshot
{
    private static readonly string s_directory = typeof(Snapshot).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(static a => a.Key == "SnapshotDirectory")
        .Value!;

    public static void Verify(string actual, string name)
    {
        string verified = Path.Combine(s_directory, name + ".verified.cs");
        string received = Path.Combine(s_directory, name + ".received.cs");
        string? expected = File.Exists(verified) ? File.ReadAllText(verified).ReplaceLineEndings("\n") : null;
        if (actual == expected)
        {
            File.Delete(received);
            return;
        }

        bool accept = Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1";
        Directory.CreateDirectory(s_directory);
        File.WriteAllText(accept ? verified : received, actual);
        if (!accept)
        {
            string problem = expected is null ? "There is no snapshot" : "The output differs from its snapshot";
            Assert.Fail($"{problem}: compare {received} with {verified}. UPDATE_SNAPSHOTS=1 accepts it.");
        }
    }
}
