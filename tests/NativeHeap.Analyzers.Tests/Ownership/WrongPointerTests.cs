using System.Linq;
using System.Threading.Tasks;

using Xunit;

namespace NativeHeap.Analyzers.Tests.Ownership;

/// <summary>NH1009, NH1010, NH1012, NH1013 and NH1019: pointers that cannot be freed, or not so.</summary>
public static class WrongPointerTests
{
    public static TheoryData<string, string> Wrong => new()
    {
        { "the second", "Order* p = Order.Alloc(); Order.Free({|NH1009:p + 1|});" },
        { "past a header", "byte* p = (byte*)HeapMemory.Alloc(64); byte* q = p + 16; HeapMemory.Free({|NH1009:q|});" },
        { "an element", "Order* p = (Order*)HeapMemory.Alloc(640); HeapMemory.Free({|NH1009:&p[2]|});" },
        { "a field", "Order* p = Order.Alloc(); HeapMemory.Free({|NH1009:&p->Price|});" },
        { "after a step", "Order* p = (Order*)HeapMemory.Alloc(640); p++; HeapMemory.Free({|NH1009:p|});" },
        { "after a leap", "Order* p = (Order*)HeapMemory.Alloc(640); p += 2; HeapMemory.Free({|NH1009:p|});" },

        { "a local's address", "Order x = default; Order.Free({|NH1010:&x|});" },
        { "a local's field", "Order x = default; HeapMemory.Free({|NH1010:&x.Price|});" },
        { "stackalloc", "Order* p = stackalloc Order[2]; Order.Free({|NH1010:p|});" },
        { "stackalloc as bytes", "byte* p = stackalloc byte[64]; HeapMemory.Free({|NH1010:p|});" },
        { "a parameter's address", "HeapMemory.Free({|NH1010:&n|});" },
        { "the stack on both paths", "Order x = default; Order y = default; Order* p = b ? &x : &y; Order.Free({|NH1010:p|});" },

        { "ours to NativeMemory", "Order* p = Order.Alloc(); NativeMemory.Free({|NH1012:p|});" },
        { "ours to NativeMemory, aligned", "void* p = HeapMemory.AlignedAlloc(64, 64); NativeMemory.AlignedFree({|NH1012:p|});" },
        { "ours to Realloc", "void* p = HeapMemory.Alloc(64); p = NativeMemory.Realloc({|NH1012:p|}, 128);" },
        { "ours to Marshal", "nint p = (nint)HeapMemory.Alloc(64); Marshal.FreeHGlobal({|NH1012:p|});" },
        { "NativeMemory's to a stub", "Order* p = (Order*)NativeMemory.Alloc(64); Order.Free({|NH1012:p|});" },
        { "NativeMemory's to ours", "void* p = NativeMemory.AllocZeroed(64); HeapMemory.Free({|NH1012:p|});" },
        { "Marshal's to ours", "nint p = Marshal.AllocHGlobal(64); HeapMemory.Free({|NH1012:(void*)p|});" },
        { "NativeMemory's resized by ours", "void* p = NativeMemory.Alloc(64); p = HeapMemory.Realloc({|NH1012:p|}, 128); HeapMemory.Free(p);" },

        { "an arena's to a stub", "Order* p = arena.Alloc<Order>(); Order.Free({|NH1012:p|});" },
        { "an arena's to a heap", "void* p = arena.Alloc(64); p = HeapMemory.Realloc({|NH1012:p|}, 128); HeapMemory.Free(p);" },
        { "a pool's to a stub", "using var some = new NativePool<Order>(); some.Add(out h); Order* p = some.GetPointerOrNull(h); Order.Free({|NH1012:p|});" },
        { "a box's to a stub", "var box = new NativeBox<Order>(); Order.Free({|NH1012:box.DangerousGetPointer()|});" },

        { "as a smaller type", "Order* p = Order.Alloc(); Trade.Free({|NH1013:(Trade*)p|});" },
        { "as a larger type", "Trade* p = Trade.Alloc(); Order.Free({|NH1013:(Order*)p|});" },
        { "as a smaller type through void*", "void* p = Order.Alloc(); Trade.Free({|NH1013:(Trade*)p|});" },

        { "as a smaller type through a NativePointer", "NativePointer<Order> p = Order.Alloc(); Trade.Free({|NH1013:(Trade*)p.ToPointer()|});" },
        { "as a larger type in finally", "Trade* p = Trade.Alloc(); try { Work(); } finally { Order.Free({|NH1013:(Order*)p|}); }" },

        { "to the shared heap", "Order* p = Order.Alloc(heap); Order.Free({|NH1019:p|});" },
        { "from the shared heap to another", "Order* p = Order.Alloc(); Order.Free(heap, {|NH1019:p|});" },
        { "untyped to the shared heap", "void* p = heap.Alloc(9); HeapMemory.Free({|NH1019:p|});" },
        { "from the shared heap, untyped", "void* p = HeapMemory.Alloc(9); heap.Free({|NH1019:p|});" },
        { "between two new heaps", "using var x = new Heap(); using var y = new Heap(); Order* p = Order.Alloc(x); Order.Free(y, {|NH1019:p|});" },
        { "between two new heaps whose type is on the left", "using Heap x = new(); using Heap y = new(); Order* p = Order.Alloc(x); Order.Free(y, {|NH1019:p|});" },
        { "from a new heap to the shared by name", "using var x = new Heap(); void* p = x.Alloc(9); Heap.Shared.Free({|NH1019:p|});" },
    };

    [Fact]
    public static Task Reports() => Snippet.VerifyAllAsync(Wrong.Select(static c => (c.Data.Item1, Snippet.Of(c.Data.Item2))));
}
