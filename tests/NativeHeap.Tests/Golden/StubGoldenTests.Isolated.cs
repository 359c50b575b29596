// The stubs of isolated types, in a file of their own beside the others': no longer than those of a heap, and the type's number a constant.

using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Text;

using Xunit;

namespace NativeHeap.Tests.Golden;

public sealed partial class StubGoldenTests
{
    private const string IsolatedWrappers = "NativeHeap.StubProbe.IsolatedWrappers:";

    // The table of bins has one more load and one more test than the shared heap's bins, which lie in the record: two less than a heap's, whose index is no constant.
    private static readonly (string Name, string Method, int Goal)[] s_isolated = [("Secret.Alloc()", "Alloc()", 12), ("Secret.Free(pointer)", "Free(", 14)];

    private static readonly ConcurrentDictionary<string, string> s_isolatedListings = new();

    [Theory]
    [MemberData(nameof(Platforms))]
    public void An_isolated_types_stubs_are_shorter_than_those_of_a_heap(string platform)
    {
        InstructionSet set = InstructionsOf(platform);
        Assert.All(IsolatedCodeOn(platform).Zip(s_isolated), of =>
        {
            Assert.InRange(of.First.FastPath.Count, 1, of.Second.Goal);
            Assert.All(of.First.FastPath, code => Assert.True(set.HasPlainAddress(code) && set.KindOf(code) != InstructionKind.Call, code.ToString()));
        });
    }

    [Theory]
    [MemberData(nameof(Platforms))]
    public void An_isolated_types_code_is_that_of_the_golden_file(string platform)
    {
        StringBuilder text = new();
        foreach ((StubCode code, (string name, _, _)) in IsolatedCodeOn(platform).Zip(s_isolated))
        {
            StringBuilder own = new();
            code.Describe(name, own);
            text.Append(WithOwnLabels(own.ToString()));
        }

        Compare(text.ToString(), "Isolated." + platform);
    }

    private static IEnumerable<StubCode> IsolatedCodeOn(string platform)
    {
        ProbeTarget target = Target(platform);
        string listing = s_isolatedListings.GetOrAdd(platform, _ => JitListing.OfProbe(target.Command(), IsolatedWrappers + "*"));
        return s_isolated.Select(stub => StubCode.Of(JitListing.LastTierOf(IsolatedWrappers + stub.Method, listing), target.Instructions));
    }
}
