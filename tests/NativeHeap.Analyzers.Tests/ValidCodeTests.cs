// The wall against false alarms: programs as people write them, over which every analyzer must be silent, one by one and all together.

using System.IO;
using System.Linq;
using System.Threading.Tasks;

using NativeHeap.Analyzers.Tests.Usage;

using Xunit;

namespace NativeHeap.Analyzers.Tests;

public static class ValidCodeTests
{
    public static TheoryData<string> Files { get; } = [.. ValidSources.Silent];

    [Theory]
    [MemberData(nameof(Files))]
    public static Task Is_silent(string file) => new TestProgram(ValidSources.Read(file)).VerifyAsync(file);

    [Fact]
    public static Task Is_silent_over_all_of_them() => new TestProgram(ValidSources.Silent.Select(ValidSources.Read)).VerifyAsync("all");

    [Fact]
    public static void There_are_programs_enough()
        => Assert.True(OwnerCopiedTests.Right.Count + ReferenceEscapesTests.Right.Count + ValidSources.Names.Length > 40);
}

/// <summary>The sources in ValidCode, which are not compiled into the tests.</summary>
internal static class ValidSources
{
    public static string[] Names { get; } = [.. typeof(ValidSources).Assembly.GetManifestResourceNames().Where(static n => n.EndsWith(".cs", System.StringComparison.Ordinal)).Order()];

    /// <summary>All but those of which Informations.md has something to say.</summary>
    public static string[] Silent { get; } = [.. Names.Where(static n => n != "Informed.cs")];

    public static string Read(string name)
    {
        using StreamReader reader = new(typeof(ValidSources).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
