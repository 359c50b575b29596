// The machine code of the hot stubs, held in a file for each platform: how many instructions, of what kind, and which. Whatever
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
    private const string ForeignWrappers = "NativeHeap.StubProbe.ForeignWrappers:";

    // A stub's name in the golden file, its method in the probe, the most instructions that it may have, its slow path, and which of that one's arguments is the class, if it has it from the stub. A
    // stub of a heap has six instructions more: the heap's index, a test of that, and the loads of the table, the cache and the bin.
    private static readonly Stub[] s_stubs =
    [
        new("Order.Alloc()", "Alloc()", 8, "AllocSlow", null),
        new("Order.Free(pointer)", "Free(", 10, "FreeSlow", 2),
        new("Order.Alloc(heap)", "AllocOfHeap(", 14, "AllocSlow", null),
        new("Order.Free(heap, pointer)", "FreeOfHeap(", 16, "FreeSlow", 3),
    ];

    // The listing of each platform is made once; a platform that cannot be run here skips each test anew.
    private static readonly ConcurrentDictionary<string, string> s_listings = new();

    public static TheoryData<string> Platforms { get; } = [.. ProbeTarget.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Platforms))]
    public void Alloc_is_at_most_8_instructions_and_free_10_and_a_heap_costs_6_more(string platform)
        => Assert.All(CodeOn(platform).Zip(s_stubs), of => Assert.InRange(of.First.FastPath.Count, 1, of.Second.Goal));

    [Theory]
    [MemberData(nameof(Platforms))]
    public void Nothing_is_called_but_the_slow_path(string platform)
    {
        InstructionSet set = InstructionsOf(platform);
        foreach ((StubCode code, Stub stub) in CodeOn(platform).Zip(s_stubs))
        {
            Assert.DoesNotContain(code.FastPath, code => set.KindOf(code) == InstructionKind.Call);
            Instruction call = Assert.Single(code.SlowPath, code => set.KindOf(code) == InstructionKind.Call);
            Assert.Equal(stub.SlowPath, set.CalledMethod(call) ?? stub.SlowPath);
        }
    }

    [Theory]
    [MemberData(nameof(Platforms))]
    public void The_size_class_is_a_constant(string platform)
    {
        InstructionSet set = InstructionsOf(platform);
        foreach ((StubCode code, Stub stub) in CodeOn(platform).Zip(s_stubs))
        {
            // Of a heap's stub, the one address with an index is that of the heap in the table of caches.
            int indexed = code.FastPath.Count(code => !set.HasPlainAddress(code));
            Assert.Equal(stub.IsOfHeap ? 1 : 0, indexed);
            if (stub.ClassArgument is { } argument)
            {
                Assert.Single(code.SlowPath, code => set.SetsArgument(code, argument));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Platforms))]
    public void The_code_is_that_of_the_golden_file(string platform)
    {
        StringBuilder text = new();
        foreach ((StubCode code, Stub stub) in CodeOn(platform).Zip(s_stubs))
        {
            StringBuilder own = new();
            code.Describe(stub.Name, own);
            string listing = WithOwnLabels(own.ToString());
            text.Append(stub.IsOfHeap ? WithoutFieldOffset(listing) : listing);
        }

        Compare(text.ToString(), "Stubs." + platform);
    }

    [Theory]
    [MemberData(nameof(Platforms))]
    public void A_struct_of_another_assembly_has_the_same_code(string platform)
    {
        foreach ((StubCode own, StubCode foreign) in CodeOn(platform).Zip(CodeOn(platform, ForeignWrappers)))
        {
            Assert.Equal(TextOf(own), TextOf(foreign));
        }

        static string TextOf(StubCode code)
        {
            StringBuilder text = new();
            code.Describe("", text);
            return WithOwnLabels(text.ToString());
        }
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

    private static StubCode[] CodeOn(string platform, string wrappers = Wrappers)
    {
        ProbeTarget target = Target(platform);
        string listing = s_listings.GetOrAdd(platform, _ => JitListing.OfProbe(target.Command(), $"{Wrappers}* {ForeignWrappers}*"));
        return [.. s_stubs.Select(stub => StubCode.Of(JitListing.LastTierOf(wrappers + stub.Method, listing), target.Instructions))];
    }

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

    // The first load is of the heap's index, from a place in the object that moves with every other field of Heap.
    private static string WithoutFieldOffset(string code) => FieldOffset().Replace(code, "INDEX", 1);

    [GeneratedRegex(@"(?<=\[\w+(?:\+|, #))0x[0-9A-F]+")]
    private static partial Regex FieldOffset();

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

    private sealed record Stub(string Name, string Method, int Goal, string SlowPath, int? ClassArgument)
    {
        public bool IsOfHeap => Name.Contains("heap", StringComparison.Ordinal);
    }
}
