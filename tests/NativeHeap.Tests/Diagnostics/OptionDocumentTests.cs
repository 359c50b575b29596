using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

using Xunit;

namespace NativeHeap.Tests.Diagnostics;

/// <summary>What a user can set is where a user would look.</summary>
public sealed partial class OptionDocumentTests
{
    private static string Readme => File.ReadAllText(Repository.PathOf("README.md"));

    [Fact]
    public void Every_option_of_a_heap_is_in_the_readme()
    {
        string readme = Readme;
        Assert.All(typeof(HeapOptions).GetProperties().Select(option => option.Name), name => Assert.Matches($@"\b{name}\b", readme));
    }

    // Those for who develops the allocator are in the page for contributors.
    [Fact]
    public void Every_setting_of_the_process_is_in_the_readme()
    {
        string documents = Readme + File.ReadAllText(Repository.PathOf("CONTRIBUTING.md"));
        Assert.All(Settings().Select(NativeHeap.Platform.Settings.EnvironmentNameOf), name => Assert.Matches($@"\b{name}\b", documents));
    }

    [Fact]
    public void Every_property_of_the_project_file_is_in_the_readmes_of_the_repository_and_of_the_package()
    {
        string targets = File.ReadAllText(Repository.PathOf("src", "Package", "buildTransitive", "NativeHeap.targets"));
        string[] properties = [.. Property().Matches(targets).Select(match => match.Groups[1].Value).Distinct()];
        Assert.Contains("NativeHeapCheck", properties);
        string package = File.ReadAllText(Repository.PathOf("src", "Package", "README.md"));
        Assert.All(properties, name => Assert.Contains(name, Readme, StringComparison.Ordinal));
        Assert.All(properties, name => Assert.Contains(name, package, StringComparison.Ordinal));
    }

    // As the code names them where it reads them: by a literal, or after an option or a constant.
    private static IEnumerable<string> Settings()
    {
        string[] sources = [.. Directory.GetFiles(Repository.PathOf("src", "Runtime"), "*.cs", SearchOption.AllDirectories).Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)).Select(File.ReadAllText)];
        string[] names = [.. sources.SelectMany(source => Reading().Matches(source).Select(match => NameOf(match.Groups[1].Value, source)))];
        Assert.True(names.Length >= 16, $"Found {string.Join(", ", names)}.");
        return names.Distinct();
    }

    private static string NameOf(string expression, string source)
        => expression.StartsWith('"') ? expression.Trim('"')
            : expression.StartsWith("nameof(", StringComparison.Ordinal) ? expression[7..].Split('.')[^1]
            : Regex.Match(source, $@"const string {expression} = ""(\w+)""").Groups[1].Value;

    [GeneratedRegex(@"\bSettings\.Read\w*(?:<\w+>)?\((""\w+""|nameof\([\w.]+|\w+)")]
    private static partial Regex Reading();

    [GeneratedRegex(@"(?:Value=""\$\(|CompilerVisibleProperty Include=""|'\$\()(NativeHeap\w+)")]
    private static partial Regex Property();
}
