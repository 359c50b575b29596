using System.Linq;
using System.Threading.Tasks;

using NativeHeap.CodeFixes.Ownership;

using Xunit;

namespace NativeHeap.CodeFixes.Tests.Ownership;

public static class MoveOwnerTests
{
    private const string Order = "[NativeAllocated] public partial struct Order { public long Id; }";

    public static TheoryData<string, string, string> Cases => new()
    {
        {
            "returned",
            "class C { static NativeOwner<Order> M() { using var o = Order.Rent(); return {|NH1022:o|}; } }",
            "class C { static NativeOwner<Order> M() { using var o = Order.Rent(); return o.Move(); } }"
        },
        {
            "with comments",
            "class C { static NativeOwner<Order> M() { using var o = Order.Rent(); return /* it */ {|NH1022:o|} /* is */; } }",
            "class C { static NativeOwner<Order> M() { using var o = Order.Rent(); return /* it */ o.Move() /* is */; } }"
        },
        {
            "chosen and in parentheses",
            "class C { static NativeOwner<Order> M(int n) { using var o = Order.Rent(); return n switch { 0 => {|NH1022:o|}, 1 => ({|NH1022:o|}), _ => default }; } }",
            "class C { static NativeOwner<Order> M(int n) { using var o = Order.Rent(); return n switch { 0 => o.Move(), 1 => (o.Move()), _ => default }; } }"
        },
        {
            "passed by name",
            "class C { static void Keep([TakesOwnership] NativeOwner<Order> o) => o.Dispose(); static void M() { using var @base = Order.Rent(); Keep(o: {|NH1022:@base|}); } }",
            "class C { static void Keep([TakesOwnership] NativeOwner<Order> o) => o.Dispose(); static void M() { using var @base = Order.Rent(); Keep(o: @base.Move()); } }"
        },
        {
            "passed as this",
            "static class X { public static void Keep(this NativeOwner<Order> o) => o.Dispose(); static void M() { using var o = Order.Rent(); {|NH1022:o|}.Keep(); } }",
            "static class X { public static void Keep(this NativeOwner<Order> o) => o.Dispose(); static void M() { using var o = Order.Rent(); o.Move().Keep(); } }"
        },
        {
            "in an initialiser",
            "ref struct Scope { public NativeOwner<Order> First; static Scope M() { using var o = Order.Rent(); return new Scope { First = {|NH1022:o|} }; } }",
            "ref struct Scope { public NativeOwner<Order> First; static Scope M() { using var o = Order.Rent(); return new Scope { First = o.Move() }; } }"
        },
        {
            "a second using",
            "class C { static void M() { using var o = Order.Rent(); using ({|NH1022:o|}) { } using var p = Order.Rent(); using var q = {|NH1022:p|}; } }",
            "class C { static void M() { using var o = Order.Rent(); using (o.Move()) { } using var p = Order.Rent(); using var q = p.Move(); } }"
        },
        {
            "disposed with its copy",
            "class C { static void M() { var o = Order.Rent(); o.Value.Id = 1; NativeOwner<Order> copy = o; copy.Value.Id = 2; o.Dispose(); {|NH1020:copy|}.Dispose(); } }",
            "class C { static void M() { var o = Order.Rent(); o.Value.Id = 1; NativeOwner<Order> copy = o.Move(); copy.Value.Id = 2; o.Dispose(); copy.Dispose(); } }"
        },
        {
            "the copy of a copy",
            "class C { static void M() { var o = Order.Rent(); var copy = o; var third = copy; copy.Dispose(); {|NH1020:third|}.Dispose(); } }",
            "class C { static void M() { var o = Order.Rent(); var copy = o; var third = copy.Move(); copy.Dispose(); third.Dispose(); } }"
        },
        {
            "disposed before its original",
            "class C { static void M() { var o = Order.Rent(); var copy = o; copy.Dispose(); {|NH1020:o|}.Dispose(); } }",
            "class C { static void M() { var o = Order.Rent(); var copy = o.Move(); copy.Dispose(); o.Dispose(); } }"
        },
        {
            "matched into a variable",
            "class C { static void M() { using var o = Order.Rent(); if ({|NH1022:o|} is var copy) { copy.Dispose(); } } }",
            "class C { static void M() { using var o = Order.Rent(); if (o.Move() is var copy) { copy.Dispose(); } } }"
        },
    };

    public static TheoryData<string, string> NotOffered => new()
    {
        { "a copy that nobody disposes of", "class C { static long M() { using var o = Order.Rent(); var copy = {|NH1022:o|}; return copy.Value.Id; } }" },
        { "an original that is used", "class C { static void M() { var o = Order.Rent(); var copy = o; copy.Value.Id = o.Value.Id; copy.Dispose(); {|NH1020:o|}.Dispose(); } }" },
        { "one of three", "class C { static void M() { var o = Order.Rent(); var copy = o; var third = o; copy.Dispose(); {|NH1020:o|}.Dispose(); {|NH1020:third|}.Dispose(); } }" },
        { "a message", "class C { static void M() { var m = MessageBuffer.Rent(9); m.Release(); {|NH1020:m|}.Release(); } }" },
    };

    [Fact]
    public static Task Is_not_offered() => FixProgram.VerifyNotOfferedAsync(new MoveOwnerFix(), NotOffered.Select(static c => c.Data), Order);

    [Fact]
    public static Task Fixes() => FixProgram.VerifyAsync(new MoveOwnerFix(), Cases.Select(static c => c.Data), Order);
}
