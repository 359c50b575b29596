// Analyzers run at every keystroke, on code that is half written. Programs are mutilated at random, tokens and lines lost, doubled or
// swapped, and no analyzer, nor the generator, may throw. Seeded: a failure names its seed and shows its program.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

using Microsoft.CodeAnalysis.CSharp;

using NativeHeap.Analyzers.Tests.Declaration;
using NativeHeap.Analyzers.Tests.Ownership;
using NativeHeap.Analyzers.Tests.Usage;

using Xunit;

namespace NativeHeap.Analyzers.Tests;

public static class BrokenCodeTests
{
    [Theory]
    [InlineData(1, 60)]
    [InlineData(2, 60)]
    [InlineData(3, 60)]
    [InlineData(4, 60)]
    [InlineData(5, 60)]
    public static async Task No_analyzer_throws(int seed, int variants)
    {
        Random random = new(seed);
        string[] sources = [.. Sources().Select(static s => Markup.Parse("", s, []))];
        for (int variant = 0; variant < variants; variant++)
        {
            string broken = Mutilate(sources[random.Next(sources.Length)], random);
            try
            {
                await TestProgram.AnalyzeAsync(new TestProgram(broken, Snippet.Types).Compile());
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Assert.Fail($"seed {seed}, variant {variant}:\n{broken}\n{e}");
            }
        }
    }

    private static IEnumerable<string> Sources()
        => ValidSources.Names.Select(ValidSources.Read)
            .Concat(NotPartialTests.Wrong.Select(static c => c.Data.Item2))
            .Concat(NotUnmanagedTests.Wrong.Select(static c => c.Data.Item2))
            .Concat(DeclarationTests.Wrong.Select(static c => c.Data.Item2))
            .Concat(ForeignTests.Wrong.Select(static c => c.Data.Item2))
            .Concat(LayoutTests.Wrong.Select(static c => c.Data.Item2))
            .Concat(OwnerCopiedTests.Wrong.Select(static c => c.Data.Item2))
            .Concat(ReferenceEscapesTests.Wrong.Select(static c => c.Data.Item2))
            .Concat(ReferenceEscapesTests.Right.Select(static c => c.Data.Item2))
            .Concat(FreedTests.Wrong.Concat(LeakTests.Wrong).Concat(WrongPointerTests.Wrong).Concat(ReferenceTests.Wrong).Concat(ReferenceTests.Right).Concat(SilenceTests.Right).Select(static c => Snippet.Of(c.Data.Item2)));

    private static string Mutilate(string source, Random random)
    {
        List<string> tokens = [.. CSharpSyntaxTree.ParseText(source).GetRoot().DescendantTokens().Select(static t => t.ToFullString())];
        for (int wounds = random.Next(1, 6); wounds > 0 && tokens.Count > 2; wounds--)
        {
            int at = random.Next(tokens.Count - 1);
            switch (random.Next(5))
            {
                case 0:
                    tokens.Insert(at, tokens[at]);
                    break;
                case 1:
                    (tokens[at], tokens[at + 1]) = (tokens[at + 1], tokens[at]);
                    break;
                case 2:
                    tokens.RemoveRange(at, Math.Min(random.Next(1, 8), tokens.Count - at));
                    break;
                case 3:
                    tokens[at] = tokens[random.Next(tokens.Count)];
                    break;
                default:
                    tokens.RemoveAt(at);
                    break;
            }
        }

        return string.Concat(tokens);
    }
}
