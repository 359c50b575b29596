// A program outside of the repository, made of what the package's README shows: it builds without a warning, runs, and has the check level that its project asks for.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

using NativeHeap.Tests;

using Xunit;

namespace NativeHeap.Package.Tests;

public sealed partial class UserProgramTests(Packages packages)
{
    // The level, by what it does: a pool that checks recycles nothing.
    private const string Pools = """
        using NativeHeap;

        internal static class Pools
        {
            public static string Watch()
            {
                using NativeMemoryPool pool = new();
                NativeMemoryOwner first = (NativeMemoryOwner)pool.Rent(64);
                first.Dispose();
                using NativeMemoryOwner second = (NativeMemoryOwner)pool.Rent(64);
                return ReferenceEquals(first, second) ? "recycled" : "watched";
            }
        }
        """;

    // Whether stubs say where they are called.
    private const string Lines = """
        using System.IO;
        using NativeHeap;

        internal static unsafe class Lines
        {
            public static string Find()
            {
                using Heap heap = new(new HeapOptions { Check = CheckLevel.Basic });
                Order* order = Order.Alloc(heap);
                LeakedObjects found = heap.GetLeakReport().Groups[0];
                Order.Free(heap, order);
                return $"{Path.GetFileName(found.File)}:{found.Line}";
            }
        }
        """;

    // A struct with stubs, and an object of it that is never freed.
    private const string Quotes = """
        using NativeHeap;

        internal static unsafe class Quotes
        {
            public static long Leak() => Quote.Alloc(new Quote { Price = 1 })->Price;
        }

        [NativeAllocated]
        internal partial struct Quote
        {
            public long Price;
        }
        """;

    [Fact]
    public void A_debug_build_of_the_README_runs_watches_its_pools_and_knows_its_lines()
    {
        UserProject project = WriteProgram("Debugged");
        string program = project.BuildProgram("Debug");
        Assert.Equal("2\nwatched\nLines.cs:9\n", project.Run(program).Success());
        Assert.Equal("2\nrecycled\nLines.cs:9\n", project.Run(program, ("NATIVEHEAP_CHECK", "Off")).Success());
    }

    [Fact]
    public void A_level_that_there_is_not_is_an_error_that_names_it_and_those_there_are()
    {
        Assert.SkipUnless(LongTests.Enabled, "A build of its own: with NATIVEHEAP_LONG_TESTS=1.");
        UserProject project = WriteProgram("Misspelt", "<NativeHeapCheck>Careful</NativeHeapCheck>");
        Outcome run = project.Run(project.BuildProgram("Release"));
        Assert.NotEqual(0, run.Exit);
        Assert.Contains("NativeHeap.Check", run.Output, StringComparison.Ordinal);
        Assert.Contains("'Careful'", run.Output, StringComparison.Ordinal);
        Assert.Contains("Off, Basic", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void NativeAOT_publishes_it_without_a_warning()
    {
        Assert.SkipUnless(LongTests.Enabled, "NativeAOT takes its time: with NATIVEHEAP_LONG_TESTS=1.");
        UserProject project = WriteProgram("Published");
        Assert.Equal("2\nrecycled\n:0\n", project.Run(project.Publish()).Success());
    }

    [Fact]
    public void The_package_for_AspNetCore_brings_generator_analyzers_and_switches()
    {
        Assert.SkipUnless(LongTests.Enabled, "A build of its own: with NATIVEHEAP_LONG_TESTS=1.");
        UserProject project = packages.New("Served").WriteProject("<ImplicitUsings>enable</ImplicitUsings>", package: "NativeHeap.AspNetCore", sdk: "Microsoft.NET.Sdk.Web");
        project.Write("Program.cs", Assert.Single(UserProject.CodeOf("src", "AspNetCore", "README.md")));
        project.Write("Quotes.cs", Quotes);
        Outcome build = project.Build("Debug");
        Assert.Equal(["Quotes.cs(5): error NH1005"], UserProject.Findings(build).Select(static f => f.ToString()));
        Assert.Equal(["Basic"], CheckLevels(project, "Debug"));
    }

    [Fact]
    public void The_package_for_tests_fails_those_that_leak()
    {
        Assert.SkipUnless(LongTests.Enabled, "A build of its own: with NATIVEHEAP_LONG_TESTS=1.");
        UserProject project = packages.New("Tested").WriteProject("<NoWarn>CA1051;CA1707</NoWarn>", "<PackageReference Include=\"xunit.v3\" Version=\"4.0.2\" />", package: "NativeHeap.Testing");
        string[] blocks = UserProject.CodeOf("src", "Testing", "README.md");
        Assert.Equal(2, blocks.Length);
        project.Write("MatchingTests.cs", blocks[0]);
        project.Write("LeakTests.cs", $$"""
            using NativeHeap;
            using NativeHeap.Testing;
            using Xunit;

            namespace Matching.Tests;

            #pragma warning disable NH1005
            public class LeakTests
            {
                [Fact, NoNativeLeaks]
                public unsafe void Leaks() => Assert.Equal(1, Order.Alloc(new Order { Id = 1 })->Id);

                [Fact]
                public void Clean()
                {
                    {{blocks[1]}}
                }
            }
            """);
        Outcome run = project.Run(project.BuildProgram("Debug"));
        Assert.NotEqual(0, run.Exit);
        Assert.True(run.Output.Contains("Total: 3, Errors: 0, Failed: 1, Skipped: 0", StringComparison.Ordinal), run.Output);
        Assert.Contains("LeakTests.Leaks [FAIL]", run.Output, StringComparison.Ordinal);
        Assert.Contains("The heap 'Shared' holds 1 object, 24 bytes that it did not hold before:", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Debug", "", "", "Basic")]
    [InlineData("Release", "", "", "")]
    [InlineData("Debug", "<NativeHeapCheck>Off</NativeHeapCheck>", "", "Off")]
    [InlineData("Release", "<NativeHeapCheck>Basic</NativeHeapCheck>", "", "Basic")]
    [InlineData("Shipping", "<Optimize>true</Optimize>", "", "")]
    [InlineData("Debug", "", "<RuntimeHostConfigurationOption Include=\"NativeHeap.Check\" Value=\"Off\" />", "Off")]
    public void The_check_level_is_the_project_s_and_Basic_where_nothing_is_optimised(string configuration, string properties, string items, string expected)
    {
        UserProject project = packages.New("Switched").WriteProject(properties, items);
        project.RestoreOnce();
        Assert.Equal(expected.Length == 0 ? [] : [expected], CheckLevels(project, configuration));
    }

    [Fact]
    public void The_hardening_is_the_project_s_alone()
    {
        UserProject project = packages.New("Hardened").WriteProject("<NativeHeapHardening>RandomOrder,ZeroOnFree</NativeHeapHardening>");
        project.RestoreOnce();
        string options = project.Sdk("msbuild", "-p:Configuration=Release", "-getItem:RuntimeHostConfigurationOption").Success();
        Assert.Matches("\"Identity\": \"NativeHeap\\.Hardening\",[^}]*\"Value\": \"RandomOrder,ZeroOnFree\"", options);
    }

    private static IEnumerable<string> CheckLevels(UserProject project, string configuration)
        => CheckOption()
            .Matches(project.Sdk("msbuild", $"-p:Configuration={configuration}", "-getItem:RuntimeHostConfigurationOption").Success())
            .Select(static m => m.Groups["value"].Value);

    private UserProject WriteProgram(string name, string properties = "")
    {
        UserProject project = packages.New(name).WriteProject(properties);
        string[] blocks = UserProject.CodeOf("src", "Package", "README.md");
        Assert.Equal(2, blocks.Length);
        project.Write("Order.cs", blocks[0]);
        project.Write("Program.cs", blocks[1] + "\nConsole.WriteLine(Pools.Watch());\nConsole.WriteLine(Lines.Find());\n");
        project.Write("Pools.cs", Pools);
        project.Write("Lines.cs", Lines);
        return project;
    }

    [GeneratedRegex("\"Identity\": \"NativeHeap\\.Check\",.*?\"Value\": \"(?<value>\\w*)\"", RegexOptions.Singleline)]
    private static partial Regex CheckOption();
}
