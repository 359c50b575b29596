using System.Linq;
using System.Threading.Tasks;

using Xunit;

namespace NativeHeap.Analyzers.Tests.Ownership;

/// <summary>NH1005 to NH1008: objects that nothing can free any more.</summary>
public static class LeakTests
{
    public static TheoryData<string, string> Wrong => new()
    {
        { "never freed", "Order* p = {|NH1005:Order.Alloc()|}; p->Id = 1;" },
        { "never freed, zeroed", "Order* p = {|NH1005:Order.AllocZeroed()|}; s_sum += p->Id;" },
        { "never freed, a copy", "Order* p = {|NH1005:Order.Alloc(new Order { Id = 1 })|}; s_sum += p->Id;" },
        { "never freed, untyped", "byte* p = (byte*){|NH1005:HeapMemory.Alloc(9)|}; *p = 1;" },
        { "never freed, of a helper", "Node* p = {|NH1005:Node.Make()|}; p->Id = 1;" },
        { "never freed, of the shared heap by name", "void* p = {|NH1005:Heap.Shared.Alloc(9)|}; *(long*)p = 1;" },
        { "an owner never disposed", "var o = {|NH1005:Order.Rent()|}; o.Value.Id = 1;" },
        { "a message never released", "var m = {|NH1005:MessageBuffer.Rent(9)|}; m.Span.Clear();" },
        { "a buffer never disposed", "var o = {|NH1005:pool.RentExact(9)|}; o.Memory.Span.Clear();" },
        { "a buffer behind its interface", "System.Buffers.IMemoryOwner<byte> o = {|NH1005:pool.Rent(9)|}; o.Memory.Span.Clear();" },
        { "two of which one is freed", "Order* p = Order.Alloc(); Order* q = {|NH1005:Order.Alloc()|}; q->Id = p->Id; Order.Free(p);" },
        { "used in place", "{|NH1005:Order.Alloc()|}->Id = 1;" },
        { "an owner used in place", "{|NH1005:Order.Rent()|}.Value.Id = 1;" },
        { "in a loop", "for (int i = 0; i < n; i++) { Order* p = {|NH1005:Order.Alloc()|}; p->Id = i; }" },
        { "in a loop without a variable", "while (b) { {|NH1005:Order.Alloc()|}->Id = 1; }" },
        { "on every path", "Order* p = {|NH1005:Order.Alloc()|}; if (b) { p->Id = 1; return; } p->Id = 2;" },
        { "on the only path that has it", "if (b) { Order* p = {|NH1005:Order.Alloc()|}; p->Id = 1; }" },
        { "lent only", "Order* p = {|NH1005:Order.Alloc()|}; Read(p);" },
        { "seen only", "Order* p = {|NH1005:Order.Alloc()|}; var s = new Span<Order>(p, 1); s.Clear(); s[0].Id = 1;" },
        { "compared only", "Order* p = {|NH1005:Order.Alloc()|}; if (p == a || p > a) { Work(); }" },
        { "copied from", "byte* p = (byte*){|NH1005:HeapMemory.Alloc(9)|}; NativeMemory.Clear(p, 9); Buffer.MemoryCopy(p, a, 9, 9);" },
        { "detached and left", "using var o = Order.Rent(); Order* p = {|NH1005:o.Detach()|}; p->Id = 1;" },
        { "moved and left", "using var o = Order.Rent(); var q = {|NH1005:o.Move()|}; q.Value.Id = 1;" },
        { "resized and left", "void* p = HeapMemory.Alloc(9); p = {|NH1005:HeapMemory.Realloc(p, 10)|};" },
        { "handed out by out", "if (Heap.Shared.TryAlloc(9, {|NH1005:out void* p|})) { *(long*)p = 1; }" },
        { "handed out by out, after a return", "if (!Heap.Shared.TryAlloc(9, {|NH1005:out void* p|})) { return; } *(long*)p = 1;" },
        { "in a lambda", "Action f = () => { Order* p = {|NH1005:Order.Alloc()|}; p->Id = 1; }; f();" },
        { "in a try", "try { Order* p = {|NH1005:Order.Alloc()|}; p->Id = 1; } finally { Work(); }" },
        { "in a using's body", "using var o = Order.Rent(); Order* p = {|NH1005:Order.Alloc()|}; p->Id = o.Value.Id;" },
        { "after a null check", "Order* p = {|NH1005:Order.Alloc()|}; if (p == null) { throw new OutOfMemoryException(); } p->Id = 1;" },

        { "not freed on one path", "Order* p = {|NH1006:Order.Alloc()|}; if (b) { Order.Free(p); }" },
        { "an early return", "Order* p = {|NH1006:Order.Alloc()|}; if (p->Id == 0) { return; } Order.Free(p);" },
        { "not freed in one case", "Order* p = {|NH1006:Order.Alloc()|}; switch (n) { case 0: Order.Free(p); break; case 1: Order.Free(p); break; default: break; }" },
        { "a break before the free", "while (b) { Order* p = {|NH1006:Order.Alloc()|}; if (p->Id == 0) { break; } Order.Free(p); }" },
        { "a continue before the free", "for (int i = 0; i < n; i++) { Order* p = {|NH1006:Order.Alloc()|}; if (p->Id == i) { continue; } Order.Free(p); }" },
        { "a swallowed exception", "Order* p = {|NH1006:Order.Alloc()|}; try { Work(); Order.Free(p); } catch (Exception) { }" },
        { "an owner not disposed on one path", "var o = {|NH1006:Order.Rent()|}; if (b) { o.Dispose(); }" },
        { "freed and forgotten on one path", "Order* p = {|NH1006:Order.Alloc()|}; if (b) { Order.Free(p); p = null; }" },

        { "discarded", "{|NH1007:Order.Alloc()|};" },
        { "discarded by name", "_ = {|NH1007:Order.Alloc()|};" },
        { "an owner discarded", "{|NH1007:Order.Rent()|};" },
        { "of a helper discarded", "{|NH1007:Node.Make()|};" },
        { "a message discarded", "_ = {|NH1007:MessageBuffer.CopyFrom([1])|};" },
        { "a buffer discarded", "{|NH1007:pool.Rent(9)|};" },
        { "resized and discarded", "void* p = HeapMemory.Alloc(9); {|NH1007:HeapMemory.Realloc(p, 9)|};" },
        { "out discarded", "if (Heap.Shared.TryAlloc(9, out {|NH1007:_|})) { Work(); }" },

        { "overwritten by another", "Order* p = Order.Alloc(); {|NH1008:p|} = Order.Alloc(); Order.Free(p);" },
        { "overwritten by null", "Order* p = Order.Alloc(); p->Id = 1; {|NH1008:p|} = null;" },
        { "overwritten by a parameter", "Order* p = Order.Alloc(); {|NH1008:p|} = a; s_sum += p->Id;" },
        { "overwritten on a path", "Order* p = Order.Alloc(); if (b) { {|NH1008:p|} = a; } else { Order.Free(p); }" },
        { "overwritten by its own next", "Order* p = Order.Alloc(); {|NH1008:p|} = p->Next; s_sum += p->Id;" },
        { "overwritten after the alias", "Order* p = Order.Alloc(); Order* q = p; p = null; {|NH1008:q|} = a; s_sum += q->Id;" },
        { "an owner overwritten", "var o = Order.Rent(); {|NH1008:o|} = Order.Rent(); o.Dispose();" },
        { "a message overwritten", "var m = MessageBuffer.Rent(1); {|NH1008:m|} = MessageBuffer.Rent(2); m.Release();" },
    };

    [Fact]
    public static Task Reports() => Snippet.VerifyAllAsync(Wrong.Select(static c => (c.Data.Item1, Snippet.Of(c.Data.Item2))));
}
