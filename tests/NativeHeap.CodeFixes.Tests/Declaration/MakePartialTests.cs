using System.Linq;
using System.Threading.Tasks;

using NativeHeap.CodeFixes.Declaration;

using Xunit;

namespace NativeHeap.CodeFixes.Tests.Declaration;

public static class MakePartialTests
{
    public static TheoryData<string, string, string> Cases => new()
    {
        { "a struct", "[NativeAllocated] public struct {|NH0001:Order|} { public long Id; }", "[NativeAllocated] public partial struct Order { public long Id; }" },
        { "without modifiers", "[NativeAllocated] struct {|NH0001:Order|} { public long Id; }", "[NativeAllocated] partial struct Order { public long Id; }" },
        { "a record", "[NativeAllocated] public readonly record struct {|NH0001:Order|}(long Id);", "[NativeAllocated] public readonly partial record struct Order(long Id);" },
        {
            "with comments",
            """
            // What a customer wants.
            [NativeAllocated] // and gets
            struct /* the */ {|NH0001:Order|}
            {
                public long Id; // unique
            }
            """,
            """
            // What a customer wants.
            [NativeAllocated] // and gets
            partial struct /* the */ Order
            {
                public long Id; // unique
            }
            """
        },
        {
            "the types around it",
            """
            /// <summary>Of a venue.</summary>
            public static class {|NH0001:Book|}
            {
                /// <summary>Buy or sell.</summary>
                internal interface {|NH0001:ISide|}
                {
                    [NativeAllocated]
                    public struct {|NH0001:Order|} { public long Id; }
                }
            }
            """,
            """
            /// <summary>Of a venue.</summary>
            public static partial class Book
            {
                /// <summary>Buy or sell.</summary>
                internal partial interface ISide
                {
                    [NativeAllocated]
                    public partial struct Order { public long Id; }
                }
            }
            """
        },
        {
            "a type around it only",
            "class {|NH0001:Book|} { [NativeAllocated] public partial struct Order { public long Id; } } class Other { }",
            "partial class Book { [NativeAllocated] public partial struct Order { public long Id; } } class Other { }"
        },
        {
            "siblings",
            "class {|NH0001:{|NH0001:Book|}|} { [NativeAllocated] struct {|NH0001:A|} { public int X; } [NativeAllocated] struct {|NH0001:B|} { public int X; } }",
            "partial class Book { [NativeAllocated] partial struct A { public int X; } [NativeAllocated] partial struct B { public int X; } }"
        },
    };

    [Fact]
    public static Task Fixes() => FixProgram.VerifyAsync(new MakePartialFix(), Cases.Select(static c => c.Data));
}
