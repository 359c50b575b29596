using System.Threading.Tasks;

using Xunit;

namespace NativeHeap.Analyzers.Tests.Usage;

public static class ReferenceEscapesTests
{
    private const string Order = """
        [NativeAllocated] public partial struct Order { public long Id; public long Price; public int Quantity; }
        [NativeAllocated] public unsafe partial struct Text { public fixed byte Bytes[16]; public Four Four; }
        [InlineArray(4)] public struct Four { private int _e; }
        public ref struct View { public ref Order Order; }
        """;

    public static TheoryData<string, string> Wrong => new()
    {
        { "Value returned by reference", "unsafe class C { static ref Order M() { using var o = Order.Rent(); return ref {|NH1023:o.Value|}; } }" },
        { "a field of it", "class C { static unsafe ref long M() { using var o = Order.Rent(); return ref {|NH1023:o.Value.Id|}; } }" },
        { "an inline array's element", "class C { static unsafe ref int M() { using var o = Text.Rent(); return ref {|NH1023:o.Value.Four[1]|}; } }" },
        { "in an unsafe block", "class C { static ref Order M() { using var o = Order.Rent(); unsafe { return ref {|NH1023:o.Value|}; } } }" },
        { "through a ref local", "unsafe class C { static ref Order M() { using var o = Order.Rent(); ref Order r = ref o.Value; r.Id = 1; r = default; return ref {|NH1023:r|}; } }" },
        { "through two ref locals", "unsafe class C { static ref long M() { using var o = Order.Rent(); ref Order r = ref o.Value; ref long id = ref r.Id; return ref {|NH1023:id|}; } }" },
        { "from a using statement", "unsafe class C { static ref Order M() { using (var o = Order.Rent()) { return ref {|NH1023:o.Value|}; } } }" },
        { "a ref struct around it", "unsafe class C { static View M() { using var o = Order.Rent(); return {|NH1023:new View { Order = ref o.Value }|}; } }" },
        { "a ref field of this", "unsafe ref struct S { ref Order _order; void M() { using var o = Order.Rent(); _order = ref {|NH1023:o.Value|}; } }" },
        { "a ref field of a parameter", "unsafe class C { static void M(ref View v) { using var o = Order.Rent(); v.Order = ref {|NH1023:o.Value|}; } }" },
        { "a span by constructor", "unsafe class C { static Span<Order> M() { using var o = Order.Rent(); return {|NH1023:new Span<Order>(ref o.Value)|}; } }" },
        { "a span by MemoryMarshal, in safe code", "class C { static Span<Order> M() { using var o = Order.Rent(); return {|NH1023:MemoryMarshal.CreateSpan(ref o.Value, 1)|}; } }" },
        { "a reference by AsRef, in safe code", "class C { static ref Order M() { using var o = Order.Rent(); return ref {|NH1023:Unsafe.AsRef(in o.Value)|}; } }" },
        { "a pointer", "unsafe class C { static Order* M() { using var o = Order.Rent(); return {|NH1023:o.DangerousGetPointer()|}; } }" },
        { "a pointer in a local", "unsafe class C { static Order* M() { using var o = Order.Rent(); Order* p = o.DangerousGetPointer(); p->Id = 1; return {|NH1023:p|}; } }" },
        { "a pointer assigned later", "unsafe class C { static Order* M() { Order* p; using (var o = Order.Rent()) { p = o.DangerousGetPointer(); } return {|NH1023:p|}; } }" },
        { "a pointer to a field", "unsafe class C { static long* M() { using var o = Order.Rent(); var p = o.DangerousGetPointer(); return {|NH1023:&p->Price|}; } }" },
        { "a pointer cast and moved", "unsafe class C { static void* M() { using var o = Order.Rent(); return {|NH1023:(byte*)o.DangerousGetPointer() + 8|}; } }" },
        { "a reference through a pointer", "unsafe class C { static ref Order M() { using var o = Order.Rent(); Order* p = o.DangerousGetPointer(); return ref {|NH1023:*p|}; } }" },
        { "a reference through an index", "unsafe class C { static ref long M() { using var o = Order.Rent(); Order* p = o.DangerousGetPointer(); return ref {|NH1023:p[0].Id|}; } }" },
        { "a pointer by AsPointer", "unsafe class C { static Order* M() { using var o = Order.Rent(); return {|NH1023:(Order*)Unsafe.AsPointer(ref o.Value)|}; } }" },
        { "a pointer by fixed", "unsafe class C { static Order* M() { using var o = Order.Rent(); fixed (Order* p = &o.Value) { return {|NH1023:p|}; } } }" },
        { "a fixed buffer", "unsafe class C { static byte* M() { using var o = Text.Rent(); fixed (byte* p = o.Value.Bytes) { return {|NH1023:p|}; } } }" },
        { "a NativePointer", "unsafe class C { static NativePointer<Order> M() { using var o = Order.Rent(); return {|NH1023:o.DangerousGetPointer()|}; } }" },
        { "a NativePointer constructed", "unsafe class C { static NativePointer<Order> M() { using var o = Order.Rent(); var p = new NativePointer<Order>(o.DangerousGetPointer()); return {|NH1023:p|}; } }" },
        { "a NativePointer's reference", "unsafe class C { static ref Order M() { using var o = Order.Rent(); NativePointer<Order> p = o.DangerousGetPointer(); return ref {|NH1023:p.Value|}; } }" },
        { "a span over a pointer", "unsafe class C { static Span<byte> M() { using var o = Order.Rent(); return {|NH1023:new Span<byte>(o.DangerousGetPointer(), 20)|}; } }" },
        { "an out parameter", "unsafe class C { static void M(out Order* p) { using var o = Order.Rent(); p = {|NH1023:o.DangerousGetPointer()|}; } }" },
        { "a ref parameter", "unsafe class C { static bool M(ref NativePointer<Order> p) { using var o = Order.Rent(); p = {|NH1023:o.DangerousGetPointer()|}; return true; } }" },
        { "a static field", "unsafe class C { static Order* s_last; static void M() { using var o = Order.Rent(); s_last = {|NH1023:o.DangerousGetPointer()|}; } }" },
        { "a field of this", "unsafe class C { NativePointer<Order> _last; void M() { Console.WriteLine(); using var o = Order.Rent(); this._last = {|NH1023:o.DangerousGetPointer()|}; o.Value.Id = 2; } }" },
        { "a field of a parameter", "unsafe class Book { public Order* Top; static void M(Book book) { using var o = Order.Rent(); book.Top = {|NH1023:o.DangerousGetPointer()|}; } }" },
        { "a field in a field", "unsafe struct Slot { public Order* P; } unsafe class C { Slot _slot; void M() { using var o = Order.Rent(); var p = o.DangerousGetPointer(); _slot.P = {|NH1023:p|}; } }" },
        { "disposed in a finally", "unsafe class C { static ref Order M() { var o = Order.Rent(); try { return ref {|NH1023:o.Value|}; } finally { o.Dispose(); } } }" },
        { "disposed before the return", "unsafe class C { static Order* M() { var o = Order.Rent(); Order* p = o.DangerousGetPointer(); o.Dispose(); return {|NH1023:p|}; } }" },
        { "disposed early as well", "unsafe class C { static Order* M() { using var o = Order.Rent(); Order* p = o.DangerousGetPointer(); o.Dispose(); return {|NH1023:p|}; } }" },
        { "lent by in meanwhile", "unsafe class C { static void Use(in NativeOwner<Order> o) { } static Order* M() { using var o = Order.Rent(); Use(in o); return {|NH1023:o.DangerousGetPointer()|}; } }" },
        { "in a local function", "unsafe class C { static void M() { static Order* F() { using var o = Order.Rent(); return {|NH1023:o.DangerousGetPointer()|}; } F(); } }" },
        { "in a generic method", "unsafe class C { static T* M<T>(NativeOwner<T> from) where T : unmanaged, INativeAllocated<T> { using var o = from; return {|NH1023:o.DangerousGetPointer()|}; } }" },
        { "in a property", "unsafe class C { ref Order P { get { using var o = Order.Rent(); return ref {|NH1023:o.Value|}; } } }" },
    };

    public static TheoryData<string, string> Right => new()
    {
        { "used inside", "unsafe class C { static long M() { using var o = Order.Rent(); ref Order r = ref o.Value; Order* p = o.DangerousGetPointer(); p->Id = 1; return p->Id + r.Price + (*p).Quantity; } }" },
        { "values returned", "unsafe class C { static Order M() { using var o = Order.Rent(); Order* p = o.DangerousGetPointer(); return *p; } static Order N() { using var o = Order.Rent(); return o.Value; } }" },
        { "values stored", "unsafe class C { static Order s_last; static long s_id; static void M() { using var o = Order.Rent(); s_last = o.Value; s_id = o.DangerousGetPointer()->Id; } }" },
        { "of an owner not disposed here", "unsafe class C { static Order* M(out NativeOwner<Order> keep) { var o = Order.Rent(); Order* p = o.DangerousGetPointer(); keep = o; return p; } }" },
        { "of a parameter", "unsafe class C { static ref Order M(ref NativeOwner<Order> o) => ref o.Value; static Order* N(NativeOwner<Order> o) => o.DangerousGetPointer(); }" },
        { "of a field", "unsafe ref struct S { NativeOwner<Order> _o; public Order* P => _o.DangerousGetPointer(); }" },
        { "detached before", "unsafe class C { static Order* M() { using var o = Order.Rent(); Order* p = o.DangerousGetPointer(); o.Detach(); return p; } }" },
        { "detached on one path", "unsafe class C { static Order* M(bool keep) { using var o = Order.Rent(); Order* p = o.DangerousGetPointer(); if (keep) { o.Detach(); } return p; } }" },
        { "Detach itself", "unsafe class C { static Order* M() { using var o = Order.Rent(); return o.Detach(); } }" },
        { "moved", "unsafe class C { static Order* M(out NativeOwner<Order> to) { using var o = Order.Rent(); Order* p = o.DangerousGetPointer(); to = o.Move(); return p; } }" },
        { "null after Dispose", "unsafe class C { static Order* M() { using var o = Order.Rent(); o.Dispose(); return o.DangerousGetPointer(); } }" },
        { "a pointer assigned twice", "unsafe class C { static Order* M(Order* other) { using var o = Order.Rent(); Order* p = o.DangerousGetPointer(); p->Id = 1; p = other; return p; } }" },
        { "a pointer of a default", "unsafe class C { static Order* M(bool b) { using var o = Order.Rent(); Order* p = null; if (b) { p = o.DangerousGetPointer(); } return p; } }" },
        { "a pointer changed by ref", "unsafe class C { static void Swap(ref Order* p) { } static Order* M() { using var o = Order.Rent(); Order* p = o.DangerousGetPointer(); Swap(ref p); return p; } }" },
        { "a ref local bound again", "unsafe class C { static ref Order M(ref Order other) { using var o = Order.Rent(); ref Order r = ref o.Value; r.Id = 1; r = ref other; return ref r; } }" },
        { "a field cleared again", "unsafe class C { Order* _current; void M() { using var o = Order.Rent(); _current = o.DangerousGetPointer(); try { Work(); } finally { _current = null; } } void Work() { } }" },
        { "a field lent to a call", "unsafe class C { Order* _current; void M() { using var o = Order.Rent(); _current = o.DangerousGetPointer(); Work(); } void Work() => _current = null; }" },
        { "a field cleared by a setter", "unsafe class C { Order* _current; Order* Current { set => _current = value; } void M() { using var o = Order.Rent(); _current = o.DangerousGetPointer(); Current = null; } }" },
        { "a field cleared by another using", "unsafe class C : IDisposable { Order* _current; public void Dispose() => _current = null; void M() { using var reset = this; using var o = Order.Rent(); _current = o.DangerousGetPointer(); } }" },
        { "a field cleared by a using statement", "unsafe class C : IDisposable { Order* _current; public void Dispose() => _current = null; void M() { using (this) { using var o = Order.Rent(); _current = o.DangerousGetPointer(); } } }" },
        { "an out parameter cleared again", "unsafe class C { static void M(out Order* p) { using var o = Order.Rent(); p = o.DangerousGetPointer(); p->Id = 1; p = null; } }" },
        { "a field of a local", "unsafe struct Slot { public Order* P; } unsafe class C { static long M() { using var o = Order.Rent(); Slot s = default; s.P = o.DangerousGetPointer(); return s.P->Id; } }" },
        { "the address as a number", "unsafe class C { static nint s_n; static string M() { using var o = Order.Rent(); s_n = (nint)o.DangerousGetPointer(); return $\"{(nuint)o.DangerousGetPointer():x}\"; } }" },
        { "a comparison", "unsafe class C { static bool M(Order* other) { using var o = Order.Rent(); return o.DangerousGetPointer() == other; } static long N(Order* other) { using var o = Order.Rent(); return o.DangerousGetPointer() - other; } }" },
        { "a method that is not known", "unsafe class C { static ref Order Pick(ref Order a) => ref s_a[0]; static Order[] s_a = new Order[1]; static Order* Other(Order* p) => null; static ref Order M() { using var o = Order.Rent(); return ref Unsafe.AsRef<Order>(Other(o.DangerousGetPointer())); } }" },
        { "returned from a lambda", "unsafe class C { static void M() { using var o = Order.Rent(); Order* p = o.DangerousGetPointer(); Func<nint> f = () => (nint)p; f(); PointerOf g = () => p; g(); } unsafe delegate Order* PointerOf(); }" },
        { "a span used inside", "class C { static int M() { using var o = Order.Rent(); Span<Order> s = MemoryMarshal.CreateSpan(ref o.Value, 1); s[0].Id = 4; return s.Length; } }" },
        { "passed on", "unsafe class C { static void Use(Order* p) { } static void Use(ref Order r) { } static void M() { using var o = Order.Rent(); Use(o.DangerousGetPointer()); Use(ref o.Value); fixed (Order* p = &o.Value) { Use(p); } } }" },
        { "disposed in the finally of another try", "unsafe class C { static Order* M() { var o = Order.Rent(); Order* p = o.DangerousGetPointer(); try { p->Id = 1; } finally { p->Id = 2; } return p; } }" },
        { "rented anew", "unsafe class C { static Order* M() { var o = Order.Rent(); o.Dispose(); o = Order.Rent(); return o.DangerousGetPointer(); } }" },
        { "another Value", "unsafe class C { class Box { public Order[] Items = new Order[1]; public ref Order Value => ref Items[0]; } static ref Order M() { var b = new Box(); return ref b.Value; } }" },
    };

    public static TheoryData<string, string, string> Safe => new()
    {
        { "returned", "class C { static ref Order M() { using var o = Order.Rent(); return ref o.Value; } }", "CS8168" },
        { "through a ref local", "class C { static ref Order M() { using var o = Order.Rent(); ref Order r = ref o.Value; return ref r; } }", "CS8157" },
        { "a span", "class C { static Span<Order> M() { using var o = Order.Rent(); return new Span<Order>(ref o.Value); } }", "CS8168,CS8347" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public static Task Reports(string name, string source) => new TestProgram(source, Order) { Messages = ["The object of 'o' is freed before"] }.VerifyAsync(name);

    [Theory]
    [MemberData(nameof(Right))]
    public static Task Is_silent(string name, string source) => new TestProgram(source, Order).VerifyAsync(name);

    [Theory]
    [MemberData(nameof(Safe))]
    public static Task Leaves_safe_code_to_the_compiler(string name, string source, string errors)
        => new TestProgram(source, Order) { CompilerErrors = errors.Split(',') }.VerifyAsync(name);
}
