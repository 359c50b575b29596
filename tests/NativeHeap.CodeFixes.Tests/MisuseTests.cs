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
        { new UsingOwnerFix(), 32 },
        { new FreeInFinallyFix(), 26 },
        { new FreeBeforeOverwritingFix(), 8 },
        { new MatchingFreeFix(), 15 },
        { new ImplementDisposableFix(), 7 },
        { new MoveOwnerFix(), 25 },
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
        => FreedTests.Wrong.Concat(LeakTests.Wrong).Concat(WrongPointerTests.Wrong).Select(static c => (c.Data.Item1, Snippet.Of(c.Data.Item2)))
            .Concat(FieldTests.Wrong.Select(static c => c.Data))
            .Concat(OwnerCopiedTests.Wrong.Select(static c => (c.Data.Item1, c.Data.Item2)));

    // The rules that have something to say about each case.
    private static async Task<string[][]> SaidAsync(FixProgram program)
    {
        ImmutableArray<Diagnostic> found = await program.FindingsAsync();
        return await Task.WhenAll(program.Cases.Select(async d => (await FixProgram.HereAsync(found, d)).Select(static f => f.Id).Order().ToArray()));
    }
}
