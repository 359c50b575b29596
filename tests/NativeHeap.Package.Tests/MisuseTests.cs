// What goes wrong in a user's program is said in its build, where it happens, as loud as the project wants it.

using System;
using System.Collections.Generic;
using System.Linq;

using NativeHeap.Tests;

using Xunit;

namespace NativeHeap.Package.Tests;

public sealed class MisuseTests(Packages packages)
{
    // Lines 8, 15 and 25 are wrong: an object never freed, one freed twice, one that may be freed twice.
    private const string Misuse = """
        using NativeHeap;

        internal static unsafe class Misuse
        {
            // It says so where the object was allocated.
            public static long Leak()
            {
                Order* order = Order.Alloc(new Order { Id = 1 });
                return order->Id;
            }

            public static void FreeTwice(Order* order)
            {
                Order.Free(order);
                Order.Free(order);
            }

            public static void MayFreeTwice(Order* order, bool early)
            {
                if (early)
                {
                    Order.Free(order);
                }

                Order.Free(order);
            }
        }

        [NativeAllocated]
        internal partial struct Order
        {
            public long Id;
        }
        """;

    [Theory]
    [InlineData("", "", "warning NH1005", "warning NH1001", "")]
    [InlineData("Default", "", "warning NH1005", "warning NH1001", "")]
    [InlineData("relaxed", "", "", "warning NH1001", "")]
    [InlineData("Strict", "", "error NH1005", "error NH1001", "warning NH1002")]
    [InlineData("Strict", "dotnet_diagnostic.NH1001.severity = none\ndotnet_diagnostic.NH1002.severity = error", "error NH1005", "", "error NH1002")]
    public void It_is_reported_where_it_is_as_loud_as_the_mode_and_editorconfig_say(string mode, string editorconfig, string leak, string twice, string perhaps)
    {
        Assert.SkipUnless(LongTests.Enabled || mode.Length == 0, "A build for each mode: with NATIVEHEAP_LONG_TESTS=1.");
        UserProject project = WriteProgram(mode);
        project.Write(".editorconfig", $"[*.cs]\n{editorconfig}\n");
        IReadOnlyList<Finding> findings = UserProject.Findings(project.Build("Debug"));
        string[] expected = [Expected(8, leak), Expected(15, twice), Expected(25, perhaps)];
        Assert.Equal(expected.Where(static e => e.Length > 0), findings.Select(static f => f.ToString()));
    }

    [Fact]
    public void A_mode_that_there_is_not_is_an_error_that_names_it_and_those_there_are()
    {
        Assert.SkipUnless(LongTests.Enabled, "A build of its own: with NATIVEHEAP_LONG_TESTS=1.");
        Outcome build = WriteProgram("Severe").Build("Debug");
        Assert.NotEqual(0, build.Exit);
        Assert.Contains("NativeHeapAnalysisMode is 'Severe'. It must be Relaxed, Default or Strict, or not set.", build.Output, StringComparison.Ordinal);
    }

    private static string Expected(int line, string report) => report.Length == 0 ? "" : $"Misuse.cs({line}): {report}";

    private UserProject WriteProgram(string mode)
    {
        UserProject project = packages.New("Misused")
            .WriteProject($"<TreatWarningsAsErrors>false</TreatWarningsAsErrors><NativeHeapAnalysisMode>{mode}</NativeHeapAnalysisMode>");
        project.Write("Misuse.cs", Misuse);
        project.Write("Program.cs", "System.Console.WriteLine(Misuse.Leak());\n");
        return project;
    }
}
