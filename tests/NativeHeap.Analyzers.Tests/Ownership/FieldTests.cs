using System.Linq;
using System.Threading.Tasks;

using Xunit;

namespace NativeHeap.Analyzers.Tests.Ownership;

/// <summary>NH1016 and NH1018: fields that keep what nobody frees, and annotations left out.</summary>
public static class FieldTests
{
    public static TheoryData<string, string> Wrong => new()
    {
        { "never freed", "public unsafe class K { private Order* {|NH1016:_p|}; public K() { _p = Order.Alloc(); } public long Id => _p->Id; }" },
        { "never freed, by an initialiser", "public unsafe class K { private readonly byte* {|NH1016:_p|} = (byte*)HeapMemory.Alloc(64); public byte this[int i] => _p[i]; }" },
        { "compared and lent", "public unsafe class K { private Order* {|NH1016:_p|}; public void M() { if (_p == null) { _p = Order.Alloc(); } Calls.Read(_p); } }" },
        { "in spite of a Dispose", "public unsafe class K : IDisposable { private Order* {|NH1016:_p|} = Order.Alloc(); public void Dispose() { _p = null; } }" },
        { "a NativePointer", "public unsafe class K { private NativePointer<Order> {|NH1016:_p|} = Order.Alloc(); public long Id => _p.Value.Id; }" },
        { "a buffer", "public class K(NativeMemoryPool pool) { private System.Buffers.IMemoryOwner<byte>? {|NH1016:_o|}; public void M() { _o = pool.Rent(9); _o.Memory.Span.Clear(); } }" },
        { "in parts", "public unsafe partial class K { private Order* {|NH1016:_p|}; public K() { _p = Order.Alloc(); } } public unsafe partial class K { public long Id => _p->Id; }" },

        { "an override", "public abstract unsafe class A { public abstract void End([TakesOwnership] Order* p); } public unsafe class B : A { public override void {|NH1018:End|}(Order* p) => Order.Free(p); }" },
        { "an override of an override", "public abstract unsafe class A { [return: Owned] public virtual Order* Make() => Order.Alloc(); } public unsafe class B : A { public override Order* {|NH1018:Make|}() => Order.Alloc(); }" },
        { "an implementation", "public unsafe interface IA { void End([TakesOwnership] Order* p); } public unsafe class B : IA { public void {|NH1018:End|}(Order* p) => Order.Free(p); }" },
        { "an implementation by a struct", "public unsafe interface IA { [return: Owned] Order* Make(); } public unsafe struct B : IA { public Order* {|NH1018:Make|}() => Order.Alloc(); }" },
        { "lent", "public unsafe interface IA { void Look([Borrowed] Order* p); } public unsafe class B : IA { public void {|NH1018:Look|}(Order* p) { } }" },
        { "given by out", "public unsafe interface IA { bool Make([Owned] out Order* p); } public unsafe class B : IA { public bool {|NH1018:Make|}(out Order* p) { p = Order.Alloc(); return true; } }" },
        { "this", "public interface IA { [TakesOwnership] void Close(); } public class B : IA { public void {|NH1018:Close|}() { } }" },
        { "of a generic interface", "public unsafe interface IA<T> where T : unmanaged { void End([TakesOwnership] T* p); } public unsafe class B : IA<Order> { public void {|NH1018:End|}(Order* p) => Order.Free(p); }" },
    };

    public static TheoryData<string, string> Right => new()
    {
        { "freed in Dispose", "public unsafe class K : IDisposable { private Order* _p = Order.Alloc(); public void Dispose() => Order.Free(_p); }" },
        { "freed by a local", "public unsafe class K : IDisposable { private Order* _p = Order.Alloc(); public void Dispose() { Order* p = _p; _p = null; Order.Free(p); } }" },
        { "freed elsewhere", "public unsafe class K : IDisposable { private Order* _p = Order.Alloc(); public void Dispose() => Closer.Close(_p); } public static unsafe class Closer { public static void Close(Order* p) => Order.Free(p); }" },
        { "exchanged", "public unsafe class K : IDisposable { private nint _p = (nint)Order.Alloc(); public void Dispose() => Order.Free((Order*)System.Threading.Interlocked.Exchange(ref _p, 0)); }" },
        { "given out", "public unsafe class K { private Order* _p = Order.Alloc(); public Order* P => _p; }" },
        { "given out by reference", "public unsafe class K { private Order* _p = Order.Alloc(); public ref Order P => ref *_p; }" },
        { "given out as it is made", "public unsafe class K { private Order* _p; public Order* M() => _p = Order.Alloc(); }" },
        { "seen by others", "public unsafe class K { internal Order* P = Order.Alloc(); }" },
        { "static", "public unsafe class K { private static Order* s_p = Order.Alloc(); public static long Id => s_p->Id; }" },
        { "the only instance", "public unsafe class K { public static readonly K Instance = new(); private readonly Order* _p = Order.Alloc(); private K() { } public long Id => _p->Id; }" },
        { "seen by a nested class", "public unsafe class K { private Order* _p = Order.Alloc(); public class End(K k) { public void Do() => Order.Free(k._p); } }" },
        { "of a heap", "public unsafe class K(Heap heap) { private Order* _p; public long M() { _p = Order.Alloc(heap); return _p->Id; } }" },
        { "freed in a part", "public unsafe partial class K { private Order* _p = Order.Alloc(); } public unsafe partial class K : IDisposable { public void Dispose() => Order.Free(_p); }" },
        { "disposed", "public class K(NativeMemoryPool pool) : IDisposable { private System.Buffers.IMemoryOwner<byte>? _o; public void M() => _o = pool.Rent(9); public void Dispose() => _o?.Dispose(); }" },
        { "borrowed", "public unsafe class K(Order* p) { private readonly Order* _p = p; public long Id => _p->Id; }" },

        { "an override with all", "public abstract unsafe class A { [return: Owned] public abstract Order* Change([TakesOwnership] Order* p); } public unsafe class B : A { [return: Owned] public override Order* Change([TakesOwnership] Order* p) => p; }" },
        { "an explicit implementation", "public unsafe interface IA { void End([TakesOwnership] Order* p); } public unsafe class B : IA { void IA.End(Order* p) => Order.Free(p); }" },
        { "an implementation by the base", "public unsafe interface IA { void End([TakesOwnership] Order* p); } public unsafe class A { public void End([TakesOwnership] Order* p) => Order.Free(p); } public unsafe class B : A, IA { }" },
        { "an implementation that says more", "public unsafe interface IA { void End(Order* p); } public unsafe class B : IA { public void End([TakesOwnership] Order* p) => Order.Free(p); }" },
        { "of others", "public class B : IDisposable, IEquatable<B> { public void Dispose() { } public bool Equals(B? other) => false; public override bool Equals(object? o) => false; public override int GetHashCode() => 0; }" },
    };

    [Fact]
    public static Task Reports() => Snippet.VerifyAllAsync(Wrong.Select(static c => (c.Data.Item1, c.Data.Item2)));

    [Fact]
    public static Task Is_silent() => Snippet.VerifyAllAsync(Right.Select(static c => (c.Data.Item1, c.Data.Item2)));
}
