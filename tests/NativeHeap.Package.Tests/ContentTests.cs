// What is in the packages: the files, what the packages say of themselves, and nothing of the machine that they were made on.

using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text;
using System.Xml.Linq;

using NativeHeap.Tests;

using Xunit;

namespace NativeHeap.Package.Tests;

public sealed class ContentTests(Packages packages)
{
    [Theory]
    [InlineData("NativeHeap", "nupkg")]
    [InlineData("NativeHeap", "snupkg")]
    [InlineData("NativeHeap.AspNetCore", "nupkg")]
    [InlineData("NativeHeap.AspNetCore", "snupkg")]
    [InlineData("NativeHeap.Testing", "nupkg")]
    [InlineData("NativeHeap.Testing", "snupkg")]
    [InlineData("NativeHeap.Templates", "nupkg")]
    public void The_files_are_those_of_the_list(string id, string extension)
    {
        using ZipArchive package = packages.Open(id, extension);
        string[] expected = [.. File.ReadAllLines(Repository.PathOf("tests", "NativeHeap.Package.Tests", "Golden", $"{id}.{extension}.txt"))];
        Assert.Equal(expected, package.Entries.Select(static e => e.FullName).Where(static name => !IsPackaging(name)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void AspNetCore_depends_on_the_runtime_of_the_same_version()
    {
        XElement metadata = Metadata("NativeHeap.AspNetCore");
        XElement dependency = metadata.Descendants(Name(metadata, "dependency")).Single();
        Assert.Equal(("NativeHeap", packages.Version), ((string?)dependency.Attribute("id"), (string?)dependency.Attribute("version")));
    }

    [Fact]
    public void Testing_depends_on_the_runtime_of_the_same_version_and_on_what_extends_xunit()
    {
        XElement metadata = Metadata("NativeHeap.Testing");
        Dictionary<string, string?> dependencies = metadata.Descendants(Name(metadata, "dependency")).ToDictionary(static d => (string)d.Attribute("id")!, static d => (string?)d.Attribute("version"));
        Assert.Equal(["NativeHeap", "xunit.v3.extensibility.core"], dependencies.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(packages.Version, dependencies["NativeHeap"]);
    }

    [Theory]
    [InlineData("NativeHeap")]
    [InlineData("NativeHeap.Templates")]
    public void The_others_depend_on_nothing(string id)
    {
        XElement metadata = Metadata(id);
        Assert.Empty(metadata.Descendants(Name(metadata, "dependency")));
    }

    [Theory]
    [InlineData("NativeHeap")]
    [InlineData("NativeHeap.AspNetCore")]
    [InlineData("NativeHeap.Testing")]
    [InlineData("NativeHeap.Templates")]
    public void What_a_feed_shows_is_filled_in_and_no_address_is_invented(string id)
    {
        XElement metadata = Metadata(id);
        Assert.Equal("MIT", metadata.Element(Name(metadata, "license"))?.Value);
        Assert.Equal("README.md", metadata.Element(Name(metadata, "readme"))?.Value);
        Assert.Equal("icon.png", metadata.Element(Name(metadata, "icon"))?.Value);
        Assert.All(["description", "authors", "tags", "copyright"], name => Assert.NotEqual("", metadata.Element(Name(metadata, name))?.Value ?? ""));

        string address = Command.Sdk(Repository.PathOf("src", "Runtime"), null, "msbuild", "-getProperty:ProjectUrl").Success().Trim();
        Assert.Equal(address, metadata.Element(Name(metadata, "projectUrl"))?.Value ?? "");
        Assert.Equal(address, (string?)metadata.Element(Name(metadata, "repository"))?.Attribute("url") ?? "");
    }

    [Fact]
    public void No_path_of_the_machine_is_in_an_assembly_or_its_symbols()
    {
        byte[] here = Encoding.UTF8.GetBytes(Repository.PathOf());
        foreach (string extension in (string[])["nupkg", "snupkg"])
        {
            using ZipArchive package = packages.Open("NativeHeap", extension);
            Assert.All(Binaries(package), binary => Assert.True(binary.Value.AsSpan().IndexOf(here) < 0, binary.Key));
        }
    }

    [Fact]
    public void Building_again_gives_the_same_assemblies()
    {
        Assert.SkipUnless(LongTests.Enabled, "A build of its own: with NATIVEHEAP_LONG_TESTS=1.");
        using ZipArchive package = packages.Open("NativeHeap");
        SortedDictionary<string, byte[]> packed = Binaries(package);
        Assert.NotEmpty(packed);

        // By another process of the compiler, where what follows the order of a hash table comes out differently.
        DateTime start = DateTime.UtcNow;
        _ = Packages.Make("build", Repository.PathOf("src", "Runtime"), "--no-restore", "--no-incremental", "-p:UseSharedCompilation=false").Success();
        foreach ((string name, byte[] content) in packed)
        {
            string assembly = Path.GetFileName(name);
            string built = Path.Combine(Packages.Artifacts, "bin", Path.GetFileNameWithoutExtension(assembly), "release", assembly);
            Assert.True(File.GetLastWriteTimeUtc(built) >= start, $"{assembly} was not built again.");
            Assert.True(content.AsSpan().SequenceEqual(File.ReadAllBytes(built)), $"{assembly} differs.");
        }
    }

    // Of the format, and named by nobody.
    private static bool IsPackaging(string name)
        => name is "[Content_Types].xml" or "_rels/.rels" || name.StartsWith("package/", StringComparison.Ordinal);

    private static SortedDictionary<string, byte[]> Binaries(ZipArchive package)
    {
        SortedDictionary<string, byte[]> binaries = new(StringComparer.Ordinal);
        foreach (ZipArchiveEntry entry in package.Entries.Where(static e => Path.GetExtension(e.Name) is ".dll" or ".pdb"))
        {
            using Stream stream = entry.Open();
            using MemoryStream copy = new();
            stream.CopyTo(copy);
            binaries.Add(entry.FullName, copy.ToArray());
        }

        return binaries;
    }

    private static XName Name(XElement metadata, string name) => metadata.Name.Namespace + name;

    private XElement Metadata(string id)
    {
        using ZipArchive package = packages.Open(id);
        using Stream nuspec = package.GetEntry($"{id}.nuspec")!.Open();
        return XDocument.Load(nuspec).Root!.Elements().Single();
    }
}
