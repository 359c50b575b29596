using System.Threading.Tasks;

using Xunit;

namespace NativeHeap.Analyzers.Tests.Declaration;

public static class NotPartialTests
{
    public static TheoryData<string, string, string> Wrong => new()
    {
        { "a struct", "[NativeAllocated] public struct {|NH0001:Order|} { public long Id; }", "'Order' must be partial" },
        { "a record struct", "[NativeAllocated] public record struct {|NH0001:Order|}(long Id);", "'Order' must be partial" },
        { "a class around it", "public class {|NH0001:Book|} { [NativeAllocated] public partial struct Order { public long Id; } }", "'Book' must be partial for allocation stubs to be generated into 'Order'" },
        { "the second of three around it", "partial class A { record {|NH0001:B|} { partial struct C { [NativeAllocated] partial struct D { public int X; } } } }", "'B' must" },
        { "two at once", "class {|NH0001:A|} { [NativeAllocated] internal struct {|NH0001:D|} { public int X; } }", "'A' must" },
        { "an interface around it", "interface {|NH0001:IA|} { [NativeAllocated] partial struct D { public int X; } }", "'IA' must" },
        { "a generic one", "[NativeAllocated] struct {|NH0001:Pair|}<T> where T : unmanaged { public T A, B; }", "'Pair' must" },
        {
            "in complex surroundings",
            """
            #nullable disable
            namespace Trading.Core
            {
                [Serializable, NativeAllocated(Alignment = 64)]
                [StructLayout(LayoutKind.Sequential)]
                public readonly struct {|NH0001:Order|} : IEquatable<Order>
                {
                    public readonly long Id;
                    public bool Equals(Order other) => Id == other.Id;
                }
            }
            """,
            "'Order' must"
        },
    };

    public static TheoryData<string, string> Right => new()
    {
        { "a partial struct", "[NativeAllocated] public partial struct Order { public long Id; }" },
        { "all levels partial", "partial class A { partial interface IB { partial record C { [NativeAllocated] partial struct D { public int X; } } } }" },
        { "two parts", "[NativeAllocated] partial struct D { public int X; } partial struct D { public readonly int Y => X; }" },
        { "no attribute", "public struct Order { public long Id; }" },
        { "another attribute of that name", "namespace Mine { [AttributeUsage(AttributeTargets.Struct)] class NativeAllocatedAttribute : Attribute; [NativeAllocated] struct D { public int X; } }" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public static Task Reports(string name, string source, string message) => new TestProgram(source) { Messages = [message] }.VerifyAsync(name);

    [Theory]
    [MemberData(nameof(Right))]
    public static Task Is_silent(string name, string source) => new TestProgram(source).VerifyAsync(name);
}
