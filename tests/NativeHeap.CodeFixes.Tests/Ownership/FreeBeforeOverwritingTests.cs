using System.Linq;
using System.Threading.Tasks;

using NativeHeap.Analyzers.Tests.Ownership;
using NativeHeap.CodeFixes.Ownership;

using Xunit;

namespace NativeHeap.CodeFixes.Tests.Ownership;

public static class FreeBeforeOverwritingTests
{
    public static TheoryData<string, string, string> Cases => new()
    {
        {
            "another value",
            """
            unsafe class C : Calls
            {
                static void M(Order* fallback, bool b)
                {
                    Order* order = Order.Alloc();
                    Read(order);

                    // Not this one.
                    {|NH1008:order|} = fallback; // but that
                    Read(order);
                }
            }
            """,
            """
            unsafe class C : Calls
            {
                static void M(Order* fallback, bool b)
                {
                    Order* order = Order.Alloc();
                    Read(order);

                    // Not this one.
                    Order.Free(order);
                    order = fallback; // but that
                    Read(order);
                }
            }
            """
        },
        {
            "its own next",
            """
            unsafe class C : Calls
            {
                static void M(int next)
                {
                    Order* order = Order.Alloc();
                    {|NH1008:order|} = order->Next;
                    Read(order);
                }
            }
            """,
            """
            unsafe class C : Calls
            {
                static void M(int next)
                {
                    Order* order = Order.Alloc();
                    Order* next2 = order->Next;
                    Order.Free(order);
                    order = next2;
                    Read(order);
                }
            }
            """
        },
        {
            "without braces",
            """
            unsafe class C : Calls
            {
                static void M(Order* fallback, bool b)
                {
                    Order* order = Order.Alloc();
                    if (b)
                        {|NH1008:order|} = fallback;
                    else
                        Order.Free(order);
                }
            }
            """,
            """
            unsafe class C : Calls
            {
                static void M(Order* fallback, bool b)
                {
                    Order* order = Order.Alloc();
                    if (b)
                    {
                        Order.Free(order);
                        order = fallback;
                    }
                    else
                        Order.Free(order);
                }
            }
            """
        },
        {
            "of all kinds",
            """
            unsafe class C : Calls
            {
                static void M(Heap heap, NativeMemoryPool pool)
                {
                    var owner = Order.Rent();
                    {|NH1008:owner|} = Order.Rent();
                    owner.Dispose();
                    System.Buffers.IMemoryOwner<byte> buffer = pool.Rent(1);
                    {|NH1008:buffer|} = pool.Rent(2);
                    buffer.Dispose();
                    nint block = (nint)HeapMemory.Alloc(9);
                    {|NH1008:block|} = 0;
                    var node = Node.Make();
                    {|NH1008:node|} = null;
                }
            }
            """,
            """
            unsafe class C : Calls
            {
                static void M(Heap heap, NativeMemoryPool pool)
                {
                    var owner = Order.Rent();
                    owner.Dispose();
                    owner = Order.Rent();
                    owner.Dispose();
                    System.Buffers.IMemoryOwner<byte> buffer = pool.Rent(1);
                    buffer.Dispose();
                    buffer = pool.Rent(2);
                    buffer.Dispose();
                    nint block = (nint)HeapMemory.Alloc(9);
                    HeapMemory.Free((void*)block);
                    block = 0;
                    var node = Node.Make();
                    Node.End(node);
                    node = null;
                }
            }
            """
        },
    };

    public static TheoryData<string, string> NotOffered => new()
    {
        { "in an expression", "unsafe class C : Calls { static void M(Order* a) { Order* p = Order.Alloc(); Order* q; q = {|NH1008:p|} = a; Read(q); } }" },
        { "in a loop's head", "unsafe class C : Calls { static void M(Order* a, int n) { Order* p = Order.Alloc(); for ({|NH1008:p|} = a; n > 0; n--) { Read(p); } } }" },
        { "nobody knows how", "unsafe struct S { [return: Owned] public static S* Make() => null; } unsafe class C : Calls { static void M(S* a) { S* p = S.Make(); {|NH1008:p|} = a; } }" },
    };

    [Fact]
    public static Task Fixes() => FixProgram.VerifyAsync(new FreeBeforeOverwritingFix(), Cases.Select(static c => c.Data), Snippet.Types);

    [Fact]
    public static Task Is_not_offered() => FixProgram.VerifyNotOfferedAsync(new FreeBeforeOverwritingFix(), NotOffered.Select(static c => c.Data), Snippet.Types);
}
