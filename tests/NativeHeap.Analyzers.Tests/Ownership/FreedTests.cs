using System.Linq;
using System.Threading.Tasks;

using Xunit;

namespace NativeHeap.Analyzers.Tests.Ownership;

/// <summary>NH1001 to NH1004, NH1011 and NH1020: objects that are touched again after their end.</summary>
public static class FreedTests
{
    /// <summary>Bodies of methods, with what they do wrong marked.</summary>
    public static TheoryData<string, string> Wrong => new()
    {
        { "freed twice", "Order* p = Order.Alloc(); Order.Free(p); Order.Free({|NH1001:p|});" },
        { "freed twice, of a parameter", "Order.Free(a); Order.Free({|NH1001:a|});" },
        { "freed twice through an alias", "Order* p = Order.Alloc(); Order* q = p; Order.Free(p); Order.Free({|NH1001:q|});" },
        { "freed twice through a cast", "Order* p = Order.Alloc(); void* q = p; Order.Free(p); HeapMemory.Free({|NH1001:q|});" },
        { "freed twice as a number", "nint x = (nint)Order.Alloc(); Order.Free((Order*)x); Order.Free({|NH1001:(Order*)x|});" },
        { "freed twice by name", "Order* p = Order.Alloc(); Order.Free(pointer: p); Order.Free(pointer: {|NH1001:p|});" },
        { "freed on both paths and after", "Order* p = Order.Alloc(); if (b) { Order.Free(p); } else { p->Id = 1; Order.Free(p); } Order.Free({|NH1001:p|});" },
        { "freed in a loop and after it", "Order* p = Order.Alloc(); do { Order.Free(p); break; } while (b); Order.Free({|NH1001:p|});" },
        { "freed in finally and after", "Order* p = Order.Alloc(); try { p->Id = n; } finally { Order.Free(p); } Order.Free({|NH1001:p|});" },
        { "freed in try and in finally", "Order* p = Order.Alloc(); try { Order.Free(p); } finally { Order.Free({|NH1001:p|}); }" },
        { "freed before a try and in its catch", "Order* p = Order.Alloc(); Order.Free(p); try { Work(); } catch (Exception) { Order.Free({|NH1001:p|}); }" },
        { "freed by switch", "Order* p = Order.Alloc(); switch (n) { case 0: Order.Free(p); break; default: Order.Free(p); break; } Order.Free({|NH1001:p|});" },
        { "freed and given away", "Order* p = Order.Alloc(); Take(p); Order.Free({|NH1001:p|});" },
        { "given to a constructor and freed", "Order* p = Order.Alloc(); _ = new Keeper(p); Order.Free({|NH1001:p|});" },
        { "freed and resized", "void* p = HeapMemory.Alloc(9); HeapMemory.Free(p); p = HeapMemory.Realloc({|NH1001:p|}, 10); HeapMemory.Free(p);" },
        { "resized and the old freed", "void* p = HeapMemory.Alloc(9); void* q = HeapMemory.Realloc(p, 10); HeapMemory.Free({|NH1001:p|}); HeapMemory.Free(q);" },
        { "freed twice by a heap", "void* p = heap.Alloc(9); heap.Free(p); heap.Free({|NH1001:p|});" },
        { "freed twice of a heap", "Order* p = Order.Alloc(heap); Order.Free(heap, p); Order.Free(heap, {|NH1001:p|});" },
        { "detached and freed twice", "var o = Order.Rent(); Order* p = o.Detach(); Order.Free(p); Order.Free({|NH1001:p|});" },
        { "in a lambda", "Action f = () => { Order* p = Order.Alloc(); Order.Free(p); Order.Free({|NH1001:p|}); }; f();" },
        { "in a local function", "F(); static void F() { Order* p = Order.Alloc(); Order.Free(p); Order.Free({|NH1001:p|}); }" },
        { "a NativePointer freed twice", "NativePointer<Order> p = Order.Alloc(); Order.Free(p); Order.Free({|NH1001:p|});" },
        { "by a helper of one's own", "Node* p = Node.Make(); Node.End(p); Node.End({|NH1001:p|});" },
        { "chosen and freed twice", "Order* x = Order.Alloc(); Order* p = b ? x : x; Order.Free(p); Order.Free({|NH1001:p|});" },

        { "perhaps freed", "Order* p = Order.Alloc(); if (b) { Order.Free(p); } Order.Free({|NH1002:p|});" },
        { "perhaps freed in a loop", "for (int i = 0; i < n; i++) { Order.Free({|NH1002:a|}); }" },
        { "perhaps freed in a catch", "Order* p = Order.Alloc(); try { Order.Free(p); Work(); } catch (Exception) { p = null; } Order.Free({|NH1002:p|});" },

        { "written after free", "Order* p = Order.Alloc(); Order.Free(p); {|NH1003:p|}->Id = 1;" },
        { "read after free", "Order* p = Order.Alloc(); Order.Free(p); s_sum += {|NH1003:p|}->Id;" },
        { "read by star", "Order* p = Order.Alloc(); Order.Free(p); Order x = *{|NH1003:p|};" },
        { "read by index", "Order* p = Order.Alloc(); Order.Free(p); s_sum += {|NH1003:p|}[0].Id;" },
        { "read through an alias", "Order* p = Order.Alloc(); Order* q = p; Order.Free(p); s_sum += {|NH1003:q|}->Id;" },
        { "read inside", "Order* p = Order.Alloc(); long* q = &p->Price; Order.Free(p); s_sum += *{|NH1003:q|};" },
        { "a parameter", "Order.Free(a); {|NH1003:a|}->Id = 1;" },
        { "the list walked after free", "for (Order* p = a; p != null; p = {|NH1003:p|}->Next) { Order.Free(p); }" },
        { "passed after free", "Order* p = Order.Alloc(); Order.Free(p); Read({|NH1003:p|});" },
        { "passed to a stranger after free", "Order* p = Order.Alloc(); Order.Free(p); Stranger({|NH1003:p|});" },
        { "passed as void* after free", "Order* p = Order.Alloc(); Order.Free(p); StrangerOf({|NH1004:p|});" },
        { "a span over freed memory", "Order* p = Order.Alloc(); var s = new Span<Order>(p, 1); Order.Free(p); {|NH1003:s|}[0].Id = 1;" },
        { "a slice over freed memory", "byte* p = (byte*)HeapMemory.Alloc(9); Span<byte> s = new Span<byte>(p, 9)[1..]; HeapMemory.Free(p); {|NH1003:s|}.Clear();" },
        { "a NativePointer", "NativePointer<Order> p = Order.Alloc(); Order.Free(p); {|NH1003:p|}.Value.Id = 1;" },
        { "after both paths freed", "Order* p = Order.Alloc(); if (b) { Order.Free(p); } else { Order.Free(p); } {|NH1003:p|}->Id = 1;" },
        { "after the finally", "Order* p = Order.Alloc(); try { p->Id = 1; } finally { Order.Free(p); } {|NH1003:p|}->Id = 1;" },
        { "after it was given away", "Order* p = Order.Alloc(); Take(p); {|NH1003:p|}->Id = 1;" },
        { "stored and then freed", "Order* p = Order.Alloc(); s_order = p; Order.Free(p); {|NH1003:p|}->Id = 1;" },
        { "of a disposed owner", "var o = Order.Rent(); o.Dispose(); {|NH1003:o|}.Value.Id = 1;" },
        { "the pointer of a disposed owner", "var o = Order.Rent(); Order* p = o.DangerousGetPointer(); o.Dispose(); {|NH1003:p|}->Id = 1;" },
        { "the pointer of a using statement's owner", "Order* p; using (var o = Order.Rent()) { p = o.DangerousGetPointer(); } {|NH1003:p|}->Id = 1;" },
        { "the span of a released message", "var m = MessageBuffer.Rent(9); Span<byte> s = m.Span; m.Release(); {|NH1003:s|}[0] = 1;" },
        { "a released message", "var m = MessageBuffer.Rent(9); m.Release(); {|NH1003:m|}.Span[0] = 1;" },

        { "perhaps used after free", "Order* p = {|NH1006:Order.Alloc()|}; if (b) { Order.Free(p); } {|NH1004:p|}->Id = 1; if (!b) { Order.Free({|NH1002:p|}); }" },

        { "perhaps used after a loop that frees", "Order* p = Order.Alloc(); for (int i = 0; i < n; i++) { if (i == 3) { Order.Free({|NH1002:p|}); } } {|NH1004:p|}->Id = 1; Order.Free({|NH1002:p|});" },
        { "perhaps given away before it is read", "Order* p = {|NH1006:Order.Alloc()|}; if (b) { Take(p); } Read({|NH1004:p|});" },

        { "disposed by a copy", "var o = Order.Rent(); var copy = o; o.Dispose(); {|NH1020:copy|}.Dispose();" },
        { "a message released twice", "var m = MessageBuffer.Rent(9); m.Release(); {|NH1020:m|}.Release();" },
        { "a message released and disposed", "var m = MessageBuffer.Rent(9); m.Release(); {|NH1020:m|}.Dispose();" },
        { "a buffer disposed twice", "var o = pool.RentExact(9); o.Dispose(); {|NH1020:o|}.Dispose();" },
    };

    /// <summary>Methods that return what they have freed.</summary>
    public static TheoryData<string> WrongMembers =>
    [
        "Order* M(Order* p) { Order.Free(p); return {|NH1011:p|}; }",
        "Order* M() { Order* p = Order.Alloc(); Order.Free(p); return {|NH1011:p|}; }",
        "Order* M(bool b) { Order* p = Order.Alloc(); try { Work(); } finally { Order.Free(p); } return {|NH1011:p|}; }",
        "long* M() { Order* p = Order.Alloc(); Order.Free(p); return {|NH1011:&p->Price|}; }",
        "NativePointer<Order> M() { NativePointer<Order> p = Order.Alloc(); Order.Free(p); return {|NH1011:p|}; }",
        "MessageBuffer M() { var m = MessageBuffer.Rent(9); m.Release(); return {|NH1011:m|}; }",
        "ref long M(Order* p) { ref long x = ref p->Id; Order.Free(p); return ref {|NH1011:x|}; }",
        "Span<Order> M(Order* p) { var s = new Span<Order>(p, 1); Order.Free(p); return {|NH1011:s|}; }",
        "Order* M(Heap heap) { Order* p = Order.Alloc(heap); heap.Reset(); return {|NH1011:p|}; }",
    ];

    [Fact]
    public static Task Reports() => Snippet.VerifyAllAsync(Wrong.Select(static c => (c.Data.Item1, Snippet.Of(c.Data.Item2))));

    [Fact]
    public static Task Reports_in_members() => Snippet.VerifyAllAsync(WrongMembers.Select(static c => (c.Data, $"unsafe class C : Calls {{ {c.Data} }}")));
}
