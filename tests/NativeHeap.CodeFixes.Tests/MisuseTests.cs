// Every misuse that the tests of the rules mark, mended by every fix that is for it. They were not written with fixes in mind, and some cannot be mended; but where a fix is offered the
// program must compile, the diagnostic must be gone, and no rule may have anything new to say. The counts hold that most are mended.

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Threading.Tasks;

using Microsoft.CodeAnalysis;

using NativeHeap.Analyzers.Tests.Ownership;
using NativeHeap.Analyzers.Tests.Usage;
using NativeHeap.CodeFixes.Ownership;

using Xunit;

namespace NativeHeap.CodeFixes.Tests;

public static class MisuseTests
{
    public static TheoryData<CodeFix, int> Fixes => new()
    {
        { new UsingOwnerFix(), 68 },
        { new FreeInFinallyFix(), 56 },
        { new FreeBeforeOverwritingFix(), 16 },
        { new MatchingFreeFix(), 32 },
        { new ImplementDisposableFix(), 7 },
        { new MoveOwnerFix(), 31 },
    };

    [Theory]
    [MemberData(nameof(Fixes))]
    public static async Task Is_mended_or_left_alone(CodeFix fix, int least)
    {
        (string Name, string Source)[] cases = [.. Misuses.Where(c => fix.FixableDiagnosticIds.Any(id => c.Source.Contains(id, StringComparison.Ordinal)))];
        FixProgram before = await FixProgram.OfAsync(cases, Snippet.Types);
        FixProgram after = await before.FixAllAsync(fix);
        await after.CompileAsync();
        string[] texts = await before.TextsAsync();
        string[] changed = await after.TextsAsync();
        string[][] was = await SaidAsync(before);
        string[][] now = await SaidAsync(after);
        int mended = 0;
        for (int i = 0; i < cases.Length; i++)
        {
            bool isMended = texts[i] != changed[i];
            mended += isMended ? 1 : 0;
            Assert.True(
                isMended ? now[i].Length < was[i].Length && now[i].All(was[i].Contains) : now[i].SequenceEqual(was[i]),
                $"{string.Join(' ', was[i])} became {string.Join(' ', now[i])} in\n{changed[i]}");
        }

        Assert.True(mended >= least, $"{mended} of {cases.Length}");
    }

    internal static IEnumerable<(string Name, string Source)> Misuses
        => Bodies.Select(static c => (c.Name, Snippet.Of(c.Body)))
            .Concat(Bodies.Where(static c => !UsesParameter(c.Body)).Select(static c => (c.Name + ", in a loop", Snippet.Of($"for (int i0 = 0; i0 < 9; i0++) {{ {c.Body} Work(); s_sum++; }}"))))
            .Concat(FieldTests.Wrong.Select(static c => c.Data))
            .Concat(OwnerCopiedTests.Wrong.Select(static c => (c.Data.Item1, c.Data.Item2)));

    private static IEnumerable<(string Name, string Body)> Bodies => FreedTests.Wrong.Concat(LeakTests.Wrong).Concat(WrongPointerTests.Wrong).Select(static c => c.Data);

    // What is freed once a round is freed twice in two.
    private static bool UsesParameter(string body)
        => body.Contains("(a", StringComparison.Ordinal) || body.Contains(":a|", StringComparison.Ordinal) || body.Contains("&n", StringComparison.Ordinal) || body.Contains("heap", StringComparison.Ordinal);

    // The rules that have something to say about each case.
    private static async Task<string[][]> SaidAsync(FixProgram program)
    {
        ImmutableArray<Diagnostic> found = await program.FindingsAsync();
        return await Task.WhenAll(program.Cases.Select(async d => (await FixProgram.HereAsync(found, d)).Select(static f => f.Id).Order().ToArray()));
    }
}
