// Analyzers run at every keystroke, on code that is half written. Programs are mutilated at random: tokens and lines lost, doubled or swapped, tokens of other programs put in, files cut off where somebody is still typing.
// No analyzer, nor the generator, may throw. Seeded: a failure names its seed and shows its program; NATIVEHEAP_LONG_TESTS=1 tries many times as many.
//
// What the compiler says of such a program is not looked at, nor what the rules say: only that all of them come to an end.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

using Microsoft.CodeAnalysis.CSharp;

using NativeHeap.Analyzers.Tests.Ownership;
using NativeHeap.Analyzers.Tests.Usage;

using Xunit;

namespace NativeHeap.Analyzers.Tests;

public static class BrokenCodeTests
{
    // Methods of the tables, a program's worth: an analysis of one costs mostly what surrounds it.
    private const int MethodsTogether = 4;

    private static readonly string[][] s_programs = [.. Sources().Select(TokensOf)];

    private static readonly int s_variants = Environment.GetEnvironmentVariable("NATIVEHEAP_LONG_TESTS") == "1" ? 250 : 10;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public static async Task Nothing_throws(int seed)
    {
        Random random = new(seed);
        for (int variant = 0; variant < s_variants; variant++)
        {
            string broken = Mutilate(s_programs[random.Next(s_programs.Length)], random);
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
    {
        IEnumerable<string> right = OwnerCopiedTests.Right.Concat(ReferenceEscapesTests.Right).Concat(OwnerStateTests.Right).Concat(FieldTests.Right).Select(static c => c.Data.Item2)
            .Concat(SilenceTests.Right.Concat(ReferenceTests.Right).Select(static c => Snippet.Of(c.Data.Item2)))
            .Concat(SilenceTests.Members.Concat(ReferenceTests.RightMembers).Select(static c => $"unsafe class C : Calls {{ {c.Data.Item2} }}"));
        IEnumerable<string> small = MisuseTests.Ownership.Concat(right).Select(static s => Markup.Parse("", s, []));
        return ValidSources.Names.Select(ValidSources.Read)
            .Concat(MisuseTests.Declarations.Select(static s => Markup.Parse("", s, [])))
            .Concat(small.Chunk(MethodsTogether).Select(static some => string.Join('\n', some.Select(static (s, i) => $"namespace N{i} {{ {s} }}"))));
    }

    internal static string[] TokensOf(string source) => [.. CSharpSyntaxTree.ParseText(source).GetRoot().DescendantTokens().Select(static t => t.ToFullString())];

    internal static string Mutilate(string[] program, Random random)
    {
        List<string> tokens = [.. program];
        for (int wounds = random.Next(1, 6); wounds > 0 && tokens.Count > 2; wounds--)
        {
            int at = random.Next(tokens.Count - 1);
            switch (random.Next(7))
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
                case 4:
                    string[] other = s_programs[random.Next(s_programs.Length)];
                    tokens[at] = other[random.Next(other.Length)];
                    break;
                case 5:
                    Double(tokens, at, random);
                    break;
                default:
                    tokens.RemoveAt(at);
                    break;
            }
        }

        bool isCutOff = random.Next(8) == 0;
        return string.Concat(isCutOff ? tokens.Take(random.Next(1, tokens.Count + 1)) : tokens);
    }

    // A statement or so once more, somewhere else.
    private static void Double(List<string> tokens, int at, Random random)
    {
        List<string> copied = tokens.GetRange(at, Math.Min(random.Next(1, 20), tokens.Count - at));
        tokens.InsertRange(random.Next(tokens.Count), copied);
    }
}
