// A fact stays one when more is around it. Every misuse that the tables mark is put into other code, and must be found again where it was: none lost, and none added.
// (A catch around adds paths, on which a call before the free has thrown: what is not freed there is told as well, which is right and not what is tested here.)

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Threading.Tasks;

using Xunit;

namespace NativeHeap.Analyzers.Tests.Ownership;

public static class SurroundedTests
{
    [Theory]
    [InlineData("if (n > 3) {{ {0} }}")]
    [InlineData("if (n > 3) {{ Work(); }} else {{ {0} }}")]
    [InlineData("try {{ {0} }} finally {{ Work(); }}")]
    [InlineData("try {{ Work(); }} catch (InvalidOperationException) {{ Work(); }} {{ {0} }}")]
    [InlineData("lock (pool) {{ {0} }}")]
    [InlineData("using var around = Order.Rent(); {{ {0} }}")]
    [InlineData("using (Order.Rent()) {{ {0} }}")]
    [InlineData("switch (n) {{ case 1: {{ {0} }} break; case 2: Work(); break; default: break; }}")]
    [InlineData("Order* around = Order.Alloc(); if (around == null) {{ return; }} Order.Free(around); {{ {0} }}")]
    [InlineData("Inner(" + Snippet.Arguments + "); static void Inner(" + Snippet.Parameters + ") {{ {0} }}")]
    [InlineData("Span<long> around = stackalloc long[n]; foreach (long x0 in around) {{ s_sum += x0; }} {{ {0} }}")]
    public static Task Everything_is_found_in(string around) => VerifyAsync(around, All);

    [Theory]
    [InlineData("for (int i0 = 0; i0 < 9; i0++) {{ {0} }}")]
    [InlineData("foreach (string x0 in new string[9]) {{ if (x0.Length == 3) {{ continue; }} {0} }}")]
    [InlineData("do {{ {0} }} while (Environment.TickCount == 3);")]
    [InlineData("Action outer = () => {{ {0} }}; outer();")]
    public static Task Everything_local_is_found_in(string around) => VerifyAsync(around, All.Where(static c => !UsesParameter(c.Body)));

    internal static IEnumerable<(string Name, string Body)> All
        => FreedTests.Wrong.Concat(LeakTests.Wrong).Concat(WrongPointerTests.Wrong).Concat(ReferenceTests.Wrong).Select(static c => (c.Data.Item1, c.Data.Item2));

    // What is freed once a round is freed twice in two; and of a lambda's surroundings nothing is known.
    private static bool UsesParameter(string body)
        => body.Contains("(a", StringComparison.Ordinal) || body.Contains(":a|", StringComparison.Ordinal) || body.Contains("&n", StringComparison.Ordinal);

    private static Task VerifyAsync(string around, IEnumerable<(string Name, string Body)> cases)
    {
        CompositeFormat format = CompositeFormat.Parse(around);
        return Snippet.VerifyAllAsync(cases.Select(c => (c.Name, Snippet.Of(string.Format(CultureInfo.InvariantCulture, format, c.Body)))));
    }
}
