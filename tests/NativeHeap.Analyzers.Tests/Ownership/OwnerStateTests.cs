using System.Linq;
using System.Threading.Tasks;

using Xunit;

namespace NativeHeap.Analyzers.Tests.Ownership;

/// <summary>NH1015 and NH1017: owners that are gone when a lambda runs, and owners that cannot note that they are empty.</summary>
public static class OwnerStateTests
{
    public static TheoryData<string, string> Wrong => new()
    {
        { "a list in a lambda", "class C { static Func<int> M() { using var l = new NativeList<int>(); return () => {|NH1015:l|}.Count; } }" },
        { "a list in a lambda of a body", "class C { static Action M() { using var l = new NativeList<int>(); l.Add(1); return () => { {|NH1015:l|}.Clear(); }; } }" },
        { "a using statement's", "class C { static Func<int> M() { using (var l = new NativeList<int>()) { return () => {|NH1015:l|}.Count; } } }" },
        { "through a local", "class C { static Func<int> M() { using var l = new NativeList<int>(); Func<int> f = () => {|NH1015:l|}.Count; l.Add(1); return f; } }" },
        { "with a parameter", "class C { static Func<int, int> M() { using var l = new NativeList<int>(); return i => {|NH1015:l|}[i]; } }" },
        { "a buffer", "class C { static Func<int> M(NativeMemoryPool pool) { using var o = pool.Rent(9); return () => {|NH1015:o|}.Memory.Length; } }" },
        { "a message", "class C { static Func<int> M() { using var m = MessageBuffer.Rent(9); return () => {|NH1015:m|}.Length; } }" },
        { "a heap", "unsafe class C { static Func<nint> M() { using var h = new Heap(); return () => (nint)Order.Alloc({|NH1015:h|}); } }" },
        { "an arena", "unsafe class C { static Func<nint> M() { using var a = new BumpAllocator(); return delegate { return (nint){|NH1015:a|}.Alloc(9); }; } }" },
        { "a table, in a nested lambda", "class C { static Func<Func<int>> M() { using var t = new NativeTable<Order>(); return () => () => {|NH1015:t|}.Count; } }" },
        { "twice", "class C { static Func<int> M() { using var l = new NativeList<int>(); return () => {|NH1015:l|}.Count + {|NH1015:l|}.Capacity; } }" },
        { "as an interface", "class C { static Func<int> M(NativeMemoryPool pool) { using System.Buffers.IMemoryOwner<byte> o = pool.Rent(9); return () => {|NH1015:o|}.Memory.Length; } }" },
        { "of a lambda's own", "class C { static Func<Func<int>> M() => () => { using var l = new NativeList<int>(); return () => {|NH1015:l|}.Count; }; }" },

        { "disposed by in", "class C { static void M(in NativeOwner<Order> o) => {|NH1017:o|}.Dispose(); }" },
        { "disposed by ref readonly", "class C { static void M(ref readonly NativeOwner<Order> o) => {|NH1017:o|}.Dispose(); }" },
        { "moved by in", "class C { static NativeOwner<Order> M(in NativeOwner<Order> o) => {|NH1017:o|}.Move(); }" },
        { "detached by in", "unsafe class C { static Order* M(in NativeOwner<Order> o) => {|NH1017:o|}.Detach(); }" },
        { "a readonly field", "ref struct S { readonly NativeOwner<Order> _o; public S(int n) { _o = Order.Rent(); } public void Dispose() => {|NH1017:_o|}.Dispose(); }" },
        { "in a readonly member", "ref struct S { NativeOwner<Order> _o; public S(int n) { _o = Order.Rent(); } public readonly void Dispose() => {|NH1017:_o|}.Dispose(); }" },
        { "in a readonly struct", "readonly ref struct S { readonly NativeOwner<Order> _o; public S(int n) { _o = Order.Rent(); } public void Dispose() => {|NH1017:_o|}.Dispose(); }" },
        { "a field of what is in", "ref struct S { public NativeOwner<Order> O; static void M(in S s) => {|NH1017:s.O|}.Dispose(); }" },
        { "a ref readonly local", "class C { static void M(ref NativeOwner<Order> o) { ref readonly NativeOwner<Order> r = ref o; {|NH1017:r|}.Dispose(); } }" },
        { "an owner of one's own", "struct Own { bool _gone; [TakesOwnership] public void End() => _gone = true; } class C { readonly Own _own; void M() => {|NH1017:_own|}.End(); }" },
        { "a static field", "struct Own { bool _gone; [TakesOwnership] public void End() => _gone = true; } class C { static readonly Own s_own; static void M() => {|NH1017:s_own|}.End(); }" },
        { "in a lambda", "class C { delegate void D(in NativeOwner<Order> o); static D M() => (in NativeOwner<Order> o) => {|NH1017:o|}.Dispose(); }" },
    };

    public static TheoryData<string, string> Right => new()
    {
        { "called before the end", "class C { static int M() { using var l = new NativeList<int>(); Func<int> f = () => l.Count; return f(); } }" },
        { "passed on", "class C { static void M() { using var l = new NativeList<int>(); Array.Sort([3], (a, b) => l[a] - l[b]); } }" },
        { "returned by what it is passed to", "class C { static int M() { using var l = new NativeList<int>(); return Run(() => l.Count); } static int Run(Func<int> f) => f(); }" },
        { "stored, and called, and cleared", "class C { Action? _f; void M() { using var l = new NativeList<int>(); _f = () => l.Clear(); _f(); _f = null; } }" },
        { "not disposed of here", "class C { static Func<int> M() { var l = new NativeList<int>(); return () => { try { return l.Count; } finally { l.Dispose(); } }; } }" },
        { "a using in the lambda", "class C { static Func<int> M() => () => { using var l = new NativeList<int>(); return l.Count; }; }" },
        { "a parameter", "class C { static Func<int> M(NativeList<int> l) => () => l.Count; }" },
        { "no owner", "class C { static Func<long> M(string f) { using var s = System.IO.File.OpenRead(f); return () => s.Length; } }" },
        { "awaited", "class C { static async System.Threading.Tasks.Task<int> M() { using var l = new NativeList<int>(); return await System.Threading.Tasks.Task.Run(() => l.Count); } }" },
        { "one of two locals", "class C { static Func<int> M(bool b) { using var l = new NativeList<int>(); Func<int> f = () => l.Count; int n = f(); f = () => n; return f; } }" },

        { "by ref", "class C { static void M(ref NativeOwner<Order> o) => o.Dispose(); }" },
        { "by value", "class C { static void M(NativeOwner<Order> o) => o.Dispose(); }" },
        { "a using", "class C { static void M() { using var o = Order.Rent(); o.Dispose(); } }" },
        { "only read by in", "class C { static long M(in NativeOwner<Order> o) => o.Value.Id; }" },
        { "a field", "ref struct S { NativeOwner<Order> _o; public S(int n) { _o = Order.Rent(); } public void Dispose() => _o.Dispose(); }" },
        { "a readonly field in the constructor", "ref struct S { readonly NativeOwner<Order> _o; public S(int n) { _o = Order.Rent(); if (n == 0) { _o.Dispose(); } } }" },
        { "a box", "class C { readonly NativeBox<Order> _b = new(); void M() => _b.Dispose(); }" },
        { "a message by in", "class C { static void M(in MessageBuffer m) => m.Release(); }" },
        { "a list in a readonly field", "class C { readonly NativeList<int> _l = new(); public void Dispose() => _l.Dispose(); }" },
    };

    [Fact]
    public static Task Reports() => Snippet.VerifyAllAsync(Wrong.Select(static c => (c.Data.Item1, c.Data.Item2)));

    [Fact]
    public static Task Is_silent() => Snippet.VerifyAllAsync(Right.Select(static c => (c.Data.Item1, c.Data.Item2)));
}
