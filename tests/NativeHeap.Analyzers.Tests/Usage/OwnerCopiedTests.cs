using System.Linq;
using System.Threading.Tasks;

using Xunit;

namespace NativeHeap.Analyzers.Tests.Usage;

public static class OwnerCopiedTests
{
    private const string Order = "[NativeAllocated] public partial struct Order { public long Id; public long Price; public int Quantity; }";

    public static TheoryData<string, string, string> Wrong => new()
    {
        { "returned", "class C { static NativeOwner<Order> M() { using var o = Order.Rent(); return {|NH1022:o|}; } }", "the copy that is returned here owns freed memory: use 'o.Move()'" },
        { "returned from a using statement", "class C { static NativeOwner<Order> M() { using (var o = Order.Rent()) { return {|NH1022:o|}; } } }", "returned" },
        { "returned from a statement with two owners", "class C { static NativeOwner<Order> M() { using (NativeOwner<Order> a = Order.Rent(), b = Order.Rent()) return {|NH1022:b|}; } }", "'b' is disposed" },
        { "returned on one path", "class C { static NativeOwner<Order> M(bool move) { using var o = Order.Rent(); if (move) { return o.Move(); } return {|NH1022:o|}; } }", "returned" },
        { "returned by ?:", "class C { static NativeOwner<Order> M(bool b) { using var o = Order.Rent(); return b ? {|NH1022:o|} : default; } }", "returned" },
        { "returned by a switch expression", "class C { static NativeOwner<Order> M(int n) { using var o = Order.Rent(); return n switch { 0 => {|NH1022:o|}, 1 => ({|NH1022:o|}), _ => o.Move() }; } }", "returned" },
        { "returned from try", "class C { static NativeOwner<Order> M() { using var o = Order.Rent(); try { o.Value.Id = 1; return {|NH1022:o|}; } catch (Exception) { throw; } finally { GC.KeepAlive(null); } } }", "returned" },
        { "returned from a local function", "class C { static void M() { static NativeOwner<Order> F() { using var o = Order.Rent(); return {|NH1022:o|}; } F().Dispose(); } }", "returned" },
        { "returned from a lambda", "delegate NativeOwner<Order> D(); class C { static D M() => () => { using var o = Order.Rent(); return {|NH1022:o|}; }; }", "returned" },
        { "copied to a variable", "class C { static void M() { using var o = Order.Rent(); var copy = {|NH1022:o|}; copy.Dispose(); } }", "assigned to 'copy'" },
        { "copied to a second using", "class C { static void M() { using var o = Order.Rent(); using var copy = {|NH1022:o|}; } }", "assigned to 'copy'" },
        { "copied by a second using statement", "class C { static void M() { using var o = Order.Rent(); using ({|NH1022:o|}) { } } }", "disposed by a second using" },
        { "copied by assignment", "class C { static void M() { NativeOwner<Order> copy; using var o = Order.Rent(); copy = {|NH1022:o|}; copy.Dispose(); } }", "assigned to 'copy'" },
        { "copied to a ref parameter", "class C { static void M(ref NativeOwner<Order> to) { using var o = Order.Rent(); to = {|NH1022:o|}; } }", "assigned to 'to'" },
        { "copied to an out parameter", "class C { static void M(out NativeOwner<Order> to) { using var o = Order.Rent(); to = {|NH1022:o|}; } }", "assigned to 'to'" },
        { "copied to a field of a ref struct", "ref struct Scope { public NativeOwner<Order> First; void M() { using var o = Order.Rent(); First = {|NH1022:o|}; } }", "assigned to 'First'" },
        { "copied in an initialiser", "ref struct Scope { public NativeOwner<Order> First; static Scope M() { using var o = Order.Rent(); return new Scope { First = {|NH1022:o|} }; } }", "assigned to 'First'" },
        { "copied to a constructor", "ref struct Scope(NativeOwner<Order> first) { public NativeOwner<Order> First = first; static void M() { using var o = Order.Rent(); var s = new Scope({|NH1022:o|}); } }", "passed by value" },
        { "passed by value", "class C { static void Keep(NativeOwner<Order> o) => o.Dispose(); static void M() { using var o = Order.Rent(); Keep({|NH1022:o|}); } }", "passed by value to 'Keep'" },
        { "passed to a taker", "class C { static void Keep([TakesOwnership] NativeOwner<Order> o) => o.Dispose(); static void M() { using var o = Order.Rent(); Keep(o: {|NH1022:o|}); } }", "passed by value to 'Keep'" },
        { "passed as a type parameter", "class C { static void Keep<T>(T o) where T : allows ref struct { } static void M() { using var o = Order.Rent(); Keep({|NH1022:o|}); } }", "passed by value to 'Keep'" },
        { "passed as this", "static class X { public static void Keep(this NativeOwner<Order> o) => o.Dispose(); static void M() { using var o = Order.Rent(); {|NH1022:o|}.Keep(); } }", "passed by value to 'Keep'" },
        { "emptied only perhaps", "class C { static NativeOwner<Order> M(bool b) { using var o = Order.Rent(); if (b) { o.Dispose(); } return {|NH1022:o|}; } }", "returned" },
        { "emptied only afterwards", "class C { static void M() { using var o = Order.Rent(); var copy = {|NH1022:o|}; o.Dispose(); } }", "assigned" },
        { "of a generic struct", "class C { static NativeOwner<Box<int>> M() { using NativeOwner<Box<int>> o = Box<int>.Rent(); return {|NH1022:o|}; } } [NativeAllocated] partial struct {|NH0006:Box|}<T> where T : unmanaged { public T Value; }", "returned" },
        { "in a generic method", "class C { static NativeOwner<T> M<T>(NativeOwner<T> from) where T : unmanaged, INativeAllocated<T> { using var o = from; return {|NH1022:o|}; } }", "returned" },
        { "in a property", "class C { NativeOwner<Order> P { get { using var o = Order.Rent(); return {|NH1022:o|}; } } }", "returned" },
        { "in a loop", "class C { static void M(ref NativeOwner<Order> last) { for (int i = 0; i < 9; i++) { using var o = Order.Rent(); if (i == 8) { last = {|NH1022:o|}; } } } }", "assigned" },
    };

    public static TheoryData<string, string> Right => new()
    {
        { "the ordinary transfer", "class C { static NativeOwner<Order> M() { var o = Order.Rent(); o.Value.Id = 1; return o; } }" },
        { "moved", "class C { static NativeOwner<Order> M() { using var o = Order.Rent(); o.Value.Id = 1; return o.Move(); } }" },
        { "moved to a parameter", "class C { static void M(out NativeOwner<Order> to) { using var o = Order.Rent(); to = o.Move(); } }" },
        { "detached", "unsafe class C { static Order* M() { using var o = Order.Rent(); return o.Detach(); } }" },
        { "the value copied", "class C { static Order M() { using var o = Order.Rent(); var copy = o.Value; return o.Value; } }" },
        { "lent by in", "class C { static long Sum(in NativeOwner<Order> o) => o.Value.Id; static long M() { using var o = Order.Rent(); return Sum(in o) + Sum(o); } }" },
        { "lent by ref readonly", "class C { static long Sum(ref readonly NativeOwner<Order> o) => o.Value.Id; static long M() { using var o = Order.Rent(); return Sum(in o); } }" },
        { "lent as this", "static class X { public static long Sum(this in NativeOwner<Order> o) => o.Value.Id; static long M() { using var o = Order.Rent(); return o.Sum(); } }" },
        { "lent by value to a borrower", "class C { static long Sum([Borrowed] NativeOwner<Order> o) => o.Value.Id; static long M() { using var o = Order.Rent(); return Sum(o); } }" },
        { "an alias by reference", "class C { static long M() { using var o = Order.Rent(); ref readonly NativeOwner<Order> alias = ref o; return alias.Value.Id; } }" },
        { "discarded", "class C { static void M() { using var o = Order.Rent(); _ = o; _ = o.IsNull; } }" },
        { "named", "class C { static string M() { using var o = Order.Rent(); return nameof(o); } }" },
        { "matched", "class C { static bool M() { using var o = Order.Rent(); return o is { IsNull: false }; } }" },
        { "disposed early", "class C { static void M() { using var o = Order.Rent(); o.Dispose(); o.Dispose(); } }" },
        { "empty after a move", "class C { static void M() { using var o = Order.Rent(); using var p = o.Move(); var empty = o; } }" },
        { "empty after Dispose", "class C { static NativeOwner<Order> M() { using var o = Order.Rent(); o.Dispose(); { return o; } } }" },
        { "another disposable", "class C { static IDisposable M(System.IO.Stream s) { using var o = s; var copy = o; return o; } }" },
        { "the source of a using is not the using", "class C { static void M(NativeOwner<Order> from) { using var o = from; } }" },
        { "chosen, then lent", "class C { static bool M(bool b) { using var o = Order.Rent(); using var p = Order.Rent(); return (b ? ref o : ref p).IsNull; } }" },
        { "assigned to a field by Move", "ref struct Scope { public NativeOwner<Order> First; void M() { using var o = Order.Rent(); First = o.Move(); } }" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public static Task Reports(string name, string source, string message) => new TestProgram(source, Order) { Messages = [message] }.VerifyAsync(name);

    [Theory]
    [MemberData(nameof(Right))]
    public static Task Is_silent(string name, string source) => new TestProgram(source, Order).VerifyAsync(name);

    [Fact]
    public static Task Each_case_holds_among_all_others()
    {
        string[] sources = [.. Wrong.Select(static c => c.Data.Item2).Concat(Right.Select(static c => c.Data.Item2))];
        return new TestProgram([.. sources.Select(static (s, i) => $"namespace N{i} {{ {s} }}"), Order]).VerifyAsync("all in one program");
    }
}
