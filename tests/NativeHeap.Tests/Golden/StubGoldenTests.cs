// The machine code of the two hot stubs, held in a file: how many instructions, of what kind, and which. Whatever
// makes a stub longer, a change here or another JIT, fails this test and shows as a difference to be read.
// UPDATE_SNAPSHOTS=1 accepts what the JIT has made; the goals below it does not move.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

using Xunit;

namespace NativeHeap.Tests.Golden;

/// <summary>What an inlined stub costs in instructions, from the JIT's listing.</summary>
public sealed partial class StubGoldenTests
{
    private const string Wrappers = "NativeHeap.StubProbe.Wrappers:";
    private const int AllocGoal = 8;
    private const int FreeGoal = 10;

    private static readonly Lazy<(StubCode Alloc, StubCode Free)> s_code = new(() =>
    {
#if DEBUG
        Assert.Skip("Nothing is inlined in a debug build: run the tests with -c Release.");
#endif
        // arm64, and Windows with another way to a thread's storage, come with the work on those platforms.
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64,
            $"There is no golden file for {RuntimeInformation.RuntimeIdentifier}.");
        string listing = JitListing.OfProbe(Wrappers + "*");
        return (
            StubCode.Of(JitListing.LastTierOf(Wrappers + "Alloc()", listing)),
            StubCode.Of(JitListing.LastTierOf(Wrappers + "Free(", listing)));
    });

    [Fact]
    public void Alloc_is_at_most_8_instructions_and_free_10()
    {
        Assert.InRange(s_code.Value.Alloc.FastPath.Count, 1, AllocGoal);
        Assert.InRange(s_code.Value.Free.FastPath.Count, 1, FreeGoal);
    }

    [Fact]
    public void Nothing_is_called_but_the_slow_path()
    {
        Assert.DoesNotContain(s_code.Value.Alloc.FastPath, code => code.Mnemonic == "call");
        Assert.DoesNotContain(s_code.Value.Free.FastPath, code => code.Mnemonic == "call");
        Assert.Equal(["AllocSlow"], CallsOf(s_code.Value.Alloc));
        Assert.Equal(["FreeSlow"], CallsOf(s_code.Value.Free));
    }

    [Fact]
    public void The_size_class_is_a_constant()
    {
        Assert.All(s_code.Value.Alloc.FastPath, code => Assert.True(StubCode.HasPlainAddress(code), code.ToString()));
        Assert.All(s_code.Value.Free.FastPath, code => Assert.True(StubCode.HasPlainAddress(code), code.ToString()));

        // A class that is not folded is an argument in a register that something computed.
        Assert.All(
            s_code.Value.Alloc.SlowPath.Concat(s_code.Value.Free.SlowPath).Where(code => code.Operands.StartsWith("esi,", StringComparison.Ordinal)),
            code => Assert.Matches(@"^esi, \d+$", code.Operands));
    }

    [Fact]
    public void The_code_is_that_of_the_golden_file()
    {
        StringBuilder alloc = new();
        StringBuilder free = new();
        s_code.Value.Alloc.Describe("Order.Alloc()", alloc);
        s_code.Value.Free.Describe("Order.Free(pointer)", free);
        Compare(WithOwnLabels(alloc.ToString()) + WithOwnLabels(free.ToString()), "Stubs.linux-x64");
    }

    [Theory]
    [InlineData("mov      rsi, qword ptr [rdi+0x0700]", "Load", true)]
    [InlineData("mov      rsi, qword ptr [rdi+8*rax+0x10]", "Load", false)]
    [InlineData("mov      eax, dword ptr [reloc @RWD00]", "Load", false)]
    [InlineData("movzx    rax, word  ptr [rdi]", "Load", true)]
    [InlineData("mov      qword ptr [rsi], rbx", "Store", true)]
    [InlineData("mov      rbx, rdi", "Other", true)]
    [InlineData("cmp      qword ptr [rdi+0x0708], rsi", "Compare", true)]
    [InlineData("test     rdi, rdi", "Compare", true)]
    [InlineData("jbe      SHORT G_M000_IG05", "Branch", true)]
    [InlineData("add      rsi, -8", "Arithmetic", true)]
    [InlineData("lea      rbp, [rsp+0x10]", "Arithmetic", true)]
    [InlineData("call     rax", "Other", true)]
    public void Instructions_are_told_apart(string line, string kind, bool plain)
    {
        Instruction code = Assert.Single(JitListing.Parse("       " + line + "\n; a comment\n"));
        Assert.Equal(kind, StubCode.KindOf(code).ToString());
        Assert.Equal(plain, StubCode.HasPlainAddress(code));
    }

    private static IEnumerable<string> CallsOf(StubCode stub)
        => stub.SlowPath.Where(code => code.Mnemonic == "call").Select(code => code.Operands.Split(':', '(') is [_, string name, ..] ? name : code.Operands);

    // The JIT's numbers of blocks differ from run to run with blocks that hold no code; where the jumps lead does not.
    private static string WithOwnLabels(string code)
    {
        List<string> labels = [];
        return Label().Replace(code, match =>
        {
            int index = labels.IndexOf(match.Value);
            if (index < 0)
            {
                index = labels.Count;
                labels.Add(match.Value);
            }

            return $"L{index + 1}";
        });
    }

    [GeneratedRegex(@"\bG_M\w+")]
    private static partial Regex Label();

    private static void Compare(string actual, string name)
    {
        string folder = typeof(StubGoldenTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "GoldenDirectory").Value!;
        string verified = Path.Combine(folder, name + ".verified.txt");
        string received = Path.Combine(folder, name + ".received.txt");
        bool accept = Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1";
        string? expected = File.Exists(verified) ? File.ReadAllText(verified).ReplaceLineEndings("\n") : null;
        if (accept || actual == expected)
        {
            File.Delete(received);
            if (actual != expected)
            {
                File.WriteAllText(verified, actual);
            }

            return;
        }

        File.WriteAllText(received, actual);
        Assert.Fail($"The stubs' code differs from {verified}: compare it with {received}. UPDATE_SNAPSHOTS=1 accepts it.");
    }
}
