// The editor asks for fixes while code is half written. Programs are mutilated at random, and no fix may throw, neither when it is asked for nor when it is made. Seeded: a failure names its seed.

using System;
using System.Linq;
using System.Threading.Tasks;

using NativeHeap.Analyzers.Tests;
using NativeHeap.Analyzers.Tests.Ownership;

using Xunit;

namespace NativeHeap.CodeFixes.Tests;

public static class BrokenCodeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public static async Task No_fix_throws(int seed)
    {
        Random random = new(seed);
        string[] sources = [.. MisuseTests.Misuses.Select(static c => Markup.Parse(string.Empty, c.Source, []))];
        string[] broken = [.. Enumerable.Range(0, 30).Select(_ => Broken([.. Enumerable.Range(0, 4).Select(_ => sources[random.Next(sources.Length)])], random))];
        FixProgram program = FixProgram.OfBroken(broken, Snippet.Types);
        int made = 0;
        foreach (CodeFix fix in FixPageTests.Fixes)
        {
            try
            {
                string[] before = await program.TextsAsync();
                string[] all = await (await program.FixAllAsync(fix)).TextsAsync();
                string[] each = await (await program.FixEachAsync(fix, rounds: 0)).TextsAsync();
                made += before.Zip(all).Count(static pair => pair.First != pair.Second) + before.Zip(each).Count(static pair => pair.First != pair.Second);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Assert.Fail($"seed {seed}, {fix.GetType().Name}: {e}\n{string.Join('\n', broken)}");
            }
        }

        Assert.True(made > 10, $"{made} fixes made: the programs are too broken to tell");
    }

    private static string Broken(string[] sources, Random random)
        => Analyzers.Tests.BrokenCodeTests.Mutilate(
            Analyzers.Tests.BrokenCodeTests.TokensOf(string.Join('\n', sources.Select(static (s, i) => $"namespace N{i} {{ {s} }}"))), random);
}
