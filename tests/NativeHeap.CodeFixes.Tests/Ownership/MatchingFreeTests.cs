using System.Linq;
using System.Threading.Tasks;

using NativeHeap.Analyzers.Tests.Ownership;
using NativeHeap.CodeFixes.Ownership;

using Xunit;

namespace NativeHeap.CodeFixes.Tests.Ownership;

public static class MatchingFreeTests
{
    public static TheoryData<string, string, string> Cases => new()
    {
        {
            "of another allocator",
            """
            unsafe class C
            {
                static void M(bool b)
                {
                    Order* order = Order.Alloc();
                    NativeMemory.Free({|NH1012:order|}); // done
                    nint block = (nint)HeapMemory.Alloc(9);
                    Marshal.FreeHGlobal({|NH1012:block|});
                    var others = (Order*)NativeMemory.AlignedAlloc(64, 64);
                    if (b)
                        Order.Free({|NH1012:others|});
                    nint text = Marshal.AllocCoTaskMem(9);
                    HeapMemory.Free({|NH1012:(void*)text|});
                }
            }
            """,
            """
            unsafe class C
            {
                static void M(bool b)
                {
                    Order* order = Order.Alloc();
                    Order.Free(order); // done
                    nint block = (nint)HeapMemory.Alloc(9);
                    HeapMemory.Free((void*)block);
                    var others = (Order*)NativeMemory.AlignedAlloc(64, 64);
                    if (b)
                        NativeMemory.AlignedFree(others);
                    nint text = Marshal.AllocCoTaskMem(9);
                    Marshal.FreeCoTaskMem(text);
                }
            }
            """
        },
        {
            "as another type",
            "unsafe class C { static void M() { Order* p = Order.Alloc(); Trade.Free({|NH1013:(Trade*)p|}); void* q = Trade.Alloc(); Order.Free({|NH1013:(Order*)(q)|}); } }",
            "unsafe class C { static void M() { Order* p = Order.Alloc(); Order.Free(p); void* q = Trade.Alloc(); Trade.Free((Trade*)q); } }"
        },
        {
            "to another heap",
            """
            unsafe class C(Heap level)
            {
                private readonly Heap _level = level;

                void M(Heap heap)
                {
                    Order* p = Order.Alloc(heap);
                    Order.Free({|NH1019:p|});
                    Order* q = Order.AllocZeroed(this._level);
                    Order.Free({|NH1019:q|});
                    Order* r = Order.Alloc();
                    Order.Free(heap, {|NH1019:r|});
                    void* s = heap.Alloc(9);
                    HeapMemory.Free({|NH1019:s|});
                    void* t = HeapMemory.Alloc(9);
                    heap.Free({|NH1019:t|});
                }
            }
            """,
            """
            unsafe class C(Heap level)
            {
                private readonly Heap _level = level;

                void M(Heap heap)
                {
                    Order* p = Order.Alloc(heap);
                    Order.Free(heap, p);
                    Order* q = Order.AllocZeroed(this._level);
                    Order.Free(this._level, q);
                    Order* r = Order.Alloc();
                    Order.Free(r);
                    void* s = heap.Alloc(9);
                    heap.Free(s);
                    void* t = HeapMemory.Alloc(9);
                    HeapMemory.Free(t);
                }
            }
            """
        },
        {
            "in a lambda with a result of none",
            "unsafe class C { static Action M() => () => { Order* p = Order.Alloc(); Action free = static () => { }; free(); Trade.Free({|NH1013:(Trade*)p|}); }; }",
            "unsafe class C { static Action M() => () => { Order* p = Order.Alloc(); Action free = static () => { }; free(); Order.Free(p); }; }"
        },
    };

    public static TheoryData<string, string> NotOffered => new()
    {
        { "resized", "unsafe class C { static void M() { void* p = HeapMemory.Alloc(64); p = NativeMemory.Realloc({|NH1012:p|}, 128); } }" },
        { "a heap that is another by now", "unsafe class C { static void M(Heap heap, Heap other) { Order* p = Order.Alloc(heap); heap = other; Order.Free({|NH1019:p|}); } }" },
        { "a heap that nothing names here", "unsafe class C { static void M(Heap[] heaps, Heap other) { Order* p; { var heap = new Heap(); p = Order.Alloc(heap); } Order.Free({|NH1019:p|}); } }" },
    };

    [Fact]
    public static Task Fixes() => FixProgram.VerifyAsync(new MatchingFreeFix(), Cases.Select(static c => c.Data), Snippet.Types);

    [Fact]
    public static Task Is_not_offered() => FixProgram.VerifyNotOfferedAsync(new MatchingFreeFix(), NotOffered.Select(static c => c.Data), Snippet.Types);
}
