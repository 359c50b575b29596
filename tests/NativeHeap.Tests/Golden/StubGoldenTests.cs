// The machine code of the two hot stubs, held in a file for each platform: how many instructions, of what kind, and which. Whatever
// makes a stub longer, a change here or another JIT, fails this test and shows as a difference to be read.
// UPDATE_SNAPSHOTS=1 accepts what the JIT has made; the goals below it does not move.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
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

    // The listing of each platform is made once; a platform that cannot be run here skips each test anew.
    private static readonly ConcurrentDictionary<string, (StubCode Alloc, StubCode Free)> s_code = new();

    public static TheoryData<string> Platforms { get; } = [.. ProbeTarget.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Platforms))]
    public void Alloc_is_at_most_8_instructions_and_free_10(string platform)
    {
        (StubCode alloc, StubCode free) = CodeOn(platform);
        Assert.InRange(alloc.FastPath.Count, 1, AllocGoal);
        Assert.InRange(free.FastPath.Count, 1, FreeGoal);
    }

    [Theory]
    [MemberData(nameof(Platforms))]
    public void Nothing_is_called_but_the_slow_path(string platform)
    {
        (StubCode alloc, StubCode free) = CodeOn(platform);
        InstructionSet set = InstructionsOf(platform);
        Assert.DoesNotContain(alloc.FastPath, code => set.KindOf(code) == InstructionKind.Call);
        Assert.DoesNotContain(free.FastPath, code => set.KindOf(code) == InstructionKind.Call);
        Assert.Equal("AllocSlow", CalledBy(alloc) ?? "AllocSlow");
        Assert.Equal("FreeSlow", CalledBy(free) ?? "FreeSlow");

        string? CalledBy(StubCode stub) => set.CalledMethod(Assert.Single(stub.SlowPath, code => set.KindOf(code) == InstructionKind.Call));
    }

    [Theory]
    [MemberData(nameof(Platforms))]
    public void The_size_class_is_a_constant(string platform)
    {
        (StubCode alloc, StubCode free) = CodeOn(platform);
        InstructionSet set = InstructionsOf(platform);
        Assert.All(alloc.FastPath, code => Assert.True(set.HasPlainAddress(code), code.ToString()));
        Assert.All(free.FastPath, code => Assert.True(set.HasPlainAddress(code), code.ToString()));

        // AllocSlow takes the class first, FreeSlow after the pointer.
        Assert.Single(alloc.SlowPath, code => set.SetsArgument(code, 0));
        Assert.Single(free.SlowPath, code => set.SetsArgument(code, 1));
    }

    [Theory]
    [MemberData(nameof(Platforms))]
    public void The_code_is_that_of_the_golden_file(string platform)
    {
        (StubCode alloc, StubCode free) = CodeOn(platform);
        StringBuilder allocText = new();
        StringBuilder freeText = new();
        alloc.Describe("Order.Alloc()", allocText);
        free.Describe("Order.Free(pointer)", freeText);
        Compare(WithOwnLabels(allocText.ToString()) + WithOwnLabels(freeText.ToString()), "Stubs." + platform);
    }

    [Theory]
    [InlineData("linux-x64", "mov      rsi, qword ptr [rdi+0x0700]", "Load", true)]
    [InlineData("linux-x64", "mov      rsi, qword ptr [rdi+8*rax+0x10]", "Load", false)]
    [InlineData("linux-x64", "mov      eax, dword ptr [reloc @RWD00]", "Load", false)]
    [InlineData("linux-x64", "movzx    rax, word  ptr [rdi]", "Load", true)]
    [InlineData("linux-x64", "mov      qword ptr [rsi], rbx", "Store", true)]
    [InlineData("linux-x64", "mov      rbx, rdi", "Other", true)]
    [InlineData("linux-x64", "cmp      qword ptr [rdi+0x0708], rsi", "Compare", true)]
    [InlineData("linux-x64", "test     rdi, rdi", "Compare", true)]
    [InlineData("linux-x64", "jbe      SHORT G_M000_IG05", "Branch", true)]
    [InlineData("linux-x64", "add      rsi, -8", "Arithmetic", true)]
    [InlineData("linux-x64", "lea      rbp, [rsp+0x10]", "Arithmetic", true)]
    [InlineData("linux-x64", "call     rax", "Call", true)]
    [InlineData("linux-arm64", "     ldr     x1, [x0, #0x700]", "Load", true)]
    [InlineData("linux-arm64", "     ldr     x1, [x0, x2, LSL #3]", "Load", false)]
    [InlineData("linux-arm64", "     ldrb    w1, [x0, w2, UXTW]", "Load", false)]
    [InlineData("linux-arm64", "     ldr     w1, [@RWD00]", "Load", false)]
    [InlineData("linux-arm64", "     str     x19, [x1], #0x08", "Store", true)]
    [InlineData("linux-arm64", "     stp     fp, lr, [sp, #-0x20]!", "Store", true)]
    [InlineData("linux-arm64", "     mov     x19, x0", "Other", true)]
    [InlineData("linux-arm64", "     cmp     x1, x2", "Compare", true)]
    [InlineData("linux-arm64", "     cbz     x19, G_M000_IG04", "Branch", true)]
    [InlineData("linux-arm64", "     bhs     G_M000_IG05", "Branch", true)]
    [InlineData("linux-arm64", "     bic     x1, x1, #7", "Arithmetic", true)]
    [InlineData("linux-arm64", "     sub     x1, x1, #8", "Arithmetic", true)]
    [InlineData("linux-arm64", "     bl      CORINFO_HELP_CHECKED_ASSIGN_REF", "Call", true)]
    [InlineData("linux-arm64", "     blr     x3", "Call", true)]
    public void Instructions_are_told_apart(string platform, string line, string kind, bool plain)
    {
        InstructionSet set = InstructionsOf(platform);
        Instruction code = Assert.Single(set.Normalize(JitListing.Parse("       " + line + "\n; a comment\n")));
        Assert.Equal(kind, set.KindOf(code).ToString());
        Assert.Equal(plain, set.HasPlainAddress(code));
    }

    [Theory]
    [InlineData("movz x0, #0xD1FFAB1E|movk x0, #0xD1FFAB1E LSL #16|movk x0, #85 LSL #32|bl CORINFO_HELP_X|ldr x0, [x0, #0x10]|ret lr")]
    [InlineData("movz x0, #0xD1FFAB1E|movz x1, #0xD1FFAB1E|movk x1, #0xD1FFAB1E LSL #16|ldr x1, [x1]|blr x1|ldr x0, [x0, #0x10]|ret lr")]
    public void The_forms_of_arm64_for_a_thread_static_are_one(string listing)
    {
        string lines = string.Concat(listing.Split('|').Select(line => $"            {line}\n"));
        string[] expected = ["mov      x0, constant", "call     THREADSTATIC_BASE", "ldr      x0, [x0, #0x10]", "ret      lr"];
        Assert.Equal(expected, InstructionsOf("linux-arm64").Normalize(JitListing.Parse(lines)).Select(code => code.ToString()));
    }

    private static ProbeTarget Target(string platform) => ProbeTarget.All.Single(target => target.Name == platform);

    private static InstructionSet InstructionsOf(string platform) => Target(platform).Instructions;

    private static (StubCode Alloc, StubCode Free) CodeOn(string platform)
        => s_code.GetOrAdd(platform, static name =>
        {
            ProbeTarget target = Target(name);
            string listing = JitListing.OfProbe(target.Command(), Wrappers + "*");
            return (
                StubCode.Of(JitListing.LastTierOf(Wrappers + "Alloc()", listing), target.Instructions),
                StubCode.Of(JitListing.LastTierOf(Wrappers + "Free(", listing), target.Instructions));
        });

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
