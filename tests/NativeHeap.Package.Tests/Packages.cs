// The packages, packed once for all tests, and the folder outside of the repository in which they are used:
//
//     folder/          files that stop the SDK's search upwards: the projects in it are nobody's but the tests'
//     folder/feed      the packages; beside it the sources that this machine has serve what else a build needs
//     folder/packages  where the packages are unpacked: the user's own folder, which is only read, never hears of them
//
// Their version is one that no feed has, so that none can stand in for them.

using System;
using System.IO;
using System.IO.Compression;

using NativeHeap.Tests;

namespace NativeHeap.Package.Tests;

public sealed class Packages : IDisposable
{
    private const string Suffix = "test";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nativeheap-packages-");

    public Packages()
    {
        _ = Directory.CreateDirectory(Feed);
        Version = Command.Sdk(Repository.PathOf("src", "Runtime"), null, "msbuild", "-getProperty:Version", $"-p:VersionSuffix={Suffix}").Success().Trim();
        foreach (string file in (string[])["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props"])
        {
            Write(file, "<Project />\n");
        }

        Write("Directory.Build.rsp", "");
        Write(".editorconfig", "root = true\n");
        string users = Command.Sdk(Folder, null, "nuget", "locals", "global-packages", "--list").Success().Split(' ', 2)[1].Trim();
        Write("NuGet.config", $"""
            <configuration>
              <packageSources>
                <add key="feed" value="{Feed}" />
              </packageSources>
              <fallbackPackageFolders>
                <add key="users" value="{users}" />
              </fallbackPackageFolders>
            </configuration>
            """);
        Outcome pack = Make("pack", Repository.PathOf("src", "Package", "NativeHeap.Packages.slnf"), "--output", Feed);
        if (pack.Exit != 0)
        {
            Dispose();
        }

        _ = pack.Success();
    }

    public string Version { get; }

    public string Folder => _folder.FullName;

    internal string Feed => PathOf("feed");

    internal string Unpacked => PathOf("packages");

    internal static string Artifacts => Repository.PathOf("artifacts", "package-tests");

    /// <summary>Builds in a folder of the tests' own, so that it disturbs no other build and finds nothing there; the analyzers have seen the sources in the ordinary build.</summary>
    internal static Outcome Make(string command, string project, params string[] options)
        => Command.Sdk(
            Repository.PathOf(),
            null,
            [command, project, "-c", "Release", "--artifacts-path", Artifacts, $"-p:VersionSuffix={Suffix}", "-p:ContinuousIntegrationBuild=true", "-p:RunAnalyzersDuringBuild=false", .. options]);

    internal ZipArchive Open(string id, string extension = "nupkg") => ZipFile.OpenRead(Path.Combine(Feed, $"{id}.{Version}.{extension}"));

    internal UserProject New(string name) => new(this, Path.Combine(Folder, name));

    internal string PathOf(string name) => Path.Combine(Folder, name);

    public void Dispose() => _folder.Delete(recursive: true);

    private void Write(string file, string text) => File.WriteAllText(PathOf(file), text);
}
