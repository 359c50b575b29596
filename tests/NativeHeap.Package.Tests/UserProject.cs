using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

using NativeHeap.Tests;

namespace NativeHeap.Package.Tests;

/// <summary>What a compiler said, and where.</summary>
internal sealed record Finding(string File, int Line, string Severity, string Id)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}({Line}): {Severity} {Id}");
}

/// <summary>A project of somebody who uses the packages.</summary>
internal sealed partial class UserProject(Packages packages, string folder)
{
    public string Name { get; } = Path.GetFileName(folder);

    public void Write(string file, string text)
    {
        _ = Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, file), text);
    }

    /// <summary>The blocks of C# in a page of the repository.</summary>
    public static string[] CodeOf(params ReadOnlySpan<string> page)
        => [.. Block().Matches(File.ReadAllText(Repository.PathOf(page))).Select(static m => m.Groups["code"].Value)];

    /// <summary>A program that references the package and takes every warning for an error.</summary>
    public UserProject WriteProject(string properties = "", string items = "", string package = "NativeHeap", string sdk = "Microsoft.NET.Sdk")
    {
        Write($"{Name}.csproj", $"""
            <Project Sdk="{sdk}">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <AllowUnsafeBlocks>true</AllowUnsafeBlocks>
                <AnalysisLevel>latest-recommended</AnalysisLevel>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                {properties}
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="{package}" Version="[{packages.Version}]" />
                {items}
              </ItemGroup>
            </Project>
            """);
        return this;
    }

    public Outcome Sdk(params IEnumerable<string> arguments) => Command.Sdk(folder, packages.Unpacked, arguments);

    /// <summary>Makes what the package brings known to the project, unless that was done before: it depends on nothing else in it.</summary>
    public void RestoreOnce()
    {
        if (!File.Exists(Path.Combine(folder, "obj", "project.assets.json")))
        {
            _ = Sdk("restore").Success();
        }
    }

    public Outcome Build(string configuration, params IEnumerable<string> options) => Sdk(["build", "-c", configuration, .. options]);

    /// <summary>Runs what was built or published.</summary>
    public Outcome Run(string program, params IEnumerable<(string Variable, string Value)> environment) => Command.Run(program, folder, environment);

    /// <summary>Builds, and gives the program's path.</summary>
    public string BuildProgram(string configuration, params IEnumerable<string> options)
    {
        _ = Build(configuration, options).Success();
        return Executable("bin", configuration, "net10.0");
    }

    /// <summary>Publishes with NativeAOT for this machine, and gives the program's path.</summary>
    public string Publish()
    {
        _ = Sdk("publish", "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-p:PublishAot=true", "-o", Path.Combine(folder, "published")).Success();
        return Executable("published");
    }

    /// <summary>The warnings and errors of a build, each once, in order.</summary>
    public static IReadOnlyList<Finding> Findings(Outcome build)
        =>
        [
            .. Report().Matches(build.Output)
                .Select(static m => new Finding(Path.GetFileName(m.Groups["file"].Value), int.Parse(m.Groups["line"].Value, CultureInfo.InvariantCulture), m.Groups["severity"].Value, m.Groups["id"].Value))
                .Distinct()
                .OrderBy(static f => f.File, StringComparer.Ordinal).ThenBy(static f => f.Line).ThenBy(static f => f.Id, StringComparer.Ordinal),
        ];

    private string Executable(params IEnumerable<string> names) => Path.Combine([folder, .. names, OperatingSystem.IsWindows() ? Name + ".exe" : Name]);

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^\s*(?<file>[^\r\n(]+)\((?<line>\d+),\d+\): (?<severity>warning|error) (?<id>\w+):", RegexOptions.Multiline)]
    private static partial Regex Report();
}
