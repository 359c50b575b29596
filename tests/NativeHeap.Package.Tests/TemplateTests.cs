// The starting points of `dotnet new`, as somebody begins with them: each is made under a name of its own, builds without a warning, and shows in its output what it is for.

using System;
using System.IO;

using NativeHeap.Tests;

using Xunit;

namespace NativeHeap.Package.Tests;

public sealed class TemplateTests(Packages packages)
{
    [Theory]
    [InlineData("nativeheap-trading", "Desk", "TradingTemplate", "million a second")]
    [InlineData("nativeheap-game", "Arena", "GameTemplate", "frames of")]
    public void A_template_builds_without_a_warning_runs_and_leaves_nothing_to_the_collector(string template, string name, string source, string shows)
    {
        Assert.SkipUnless(LongTests.Enabled, "A build of its own: with NATIVEHEAP_LONG_TESTS=1.");

        // The templates of whoever runs the tests stay as they are.
        string[] hive = ["--debug:custom-hive", packages.PathOf("hive-" + name)];
        string package = Path.Combine(packages.Feed, $"NativeHeap.Templates.{packages.Version}.nupkg");
        _ = Command.Sdk(packages.Folder, packages.Unpacked, ["new", "install", package, .. hive]).Success();
        _ = Command.Sdk(packages.Folder, packages.Unpacked, ["new", template, "--name", name, .. hive]).Success();
        string[] files = Directory.GetFiles(packages.PathOf(name));
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.DoesNotContain(source, file + File.ReadAllText(file), StringComparison.Ordinal));

        UserProject project = packages.New(name);
        string output = project.Run(project.BuildProgram("Release", "-warnaserror", "-p:AnalysisLevel=latest-recommended")).Success();
        Assert.Contains(shows, output, StringComparison.Ordinal);
        Assert.Contains("managed memory: 0 bytes allocated, 0 collections", output, StringComparison.Ordinal);
    }
}
