using System.Linq;
using System.Threading.Tasks;

using NativeHeap.Analyzers.Tests.Ownership;
using NativeHeap.CodeFixes.Ownership;

using Xunit;

namespace NativeHeap.CodeFixes.Tests.Ownership;

public static class FreeInFinallyTests
{
    public static TheoryData<string, string, string> Cases => new()
    {
        {
            "an early return",
            """
            unsafe class C : Calls
            {
                static bool M(int n)
                {
                    Work();
                    Order* p = {|NH1006:Order.Alloc()|}; // ours

                    // Nothing to do.
                    if (n == 0)
                    {
                        return false;
                    }

                    Read(p); // it
                    Order.Free(p);
                    return true;
                }
            }
            """,
            """
            unsafe class C : Calls
            {
                static bool M(int n)
                {
                    Work();
                    Order* p = Order.Alloc(); // ours
                    try
                    {
                        // Nothing to do.
                        if (n == 0)
                        {
                            return false;
                        }

                        Read(p); // it
                        return true;
                    }
                    finally
                    {
                        Order.Free(p);
                    }
                }
            }
            """
        },
        {
            "in a loop, freed early and given away",
            """
            unsafe class C : Calls
            {
                static void M(int n)
                {
                    for (int i = 0; i < n; i++)
                    {
                        byte* p = (byte*){|NH1006:HeapMemory.Alloc(64)|};
                        if (i == 1)
                            HeapMemory.Free(p);
                        else if (i == 2)
                        {
                            Take((Order*)p);
                        }

                        Work();
                    }
                }
            }
            """,
            """
            unsafe class C : Calls
            {
                static void M(int n)
                {
                    for (int i = 0; i < n; i++)
                    {
                        byte* p = (byte*)HeapMemory.Alloc(64);
                        try
                        {
                            if (i == 1)
                            {
                                HeapMemory.Free(p);
                                p = null;
                            }
                            else if (i == 2)
                            {
                                Take((Order*)p);
                                p = null;
                            }

                            Work();
                        }
                        finally
                        {
                            HeapMemory.Free(p);
                        }
                    }
                }
            }
            """
        },
        {
            "a try that has none",
            """
            unsafe class C : Calls
            {
                static void M()
                {
                    Order* p = {|NH1006:Order.Alloc()|};
                    try
                    {
                        Work();
                        Order.Free(p);
                    }
                    catch (InvalidOperationException)
                    {
                        s_sum++;
                    }
                }
            }
            """,
            """
            unsafe class C : Calls
            {
                static void M()
                {
                    Order* p = Order.Alloc();
                    try
                    {
                        Work();
                    }
                    catch (InvalidOperationException)
                    {
                        s_sum++;
                    }
                    finally
                    {
                        Order.Free(p);
                    }
                }
            }
            """
        },
        {
            "nothing follows",
            "unsafe class C { static void M() { nint p; p = (nint){|NH1005:HeapMemory.Alloc(9)|}; } }",
            "unsafe class C { static void M() { nint p; p = (nint)HeapMemory.Alloc(9); HeapMemory.Free((void*)p); } }"
        },
        {
            "two, in one declaration",
            """
            unsafe class C : Calls
            {
                static void M()
                {
                    Order* p = {|NH1005:Order.Alloc()|}, q = {|NH1005:Order.Alloc()|};
                    p->Id = q->Id;
                }
            }
            """,
            """
            unsafe class C : Calls
            {
                static void M()
                {
                    Order* p = Order.Alloc(), q = Order.Alloc();
                    try
                    {
                        try
                        {
                            p->Id = q->Id;
                        }
                        finally
                        {
                            Order.Free(p);
                        }
                    }
                    finally
                    {
                        Order.Free(q);
                    }
                }
            }
            """
        },
        {
            "by a helper's counterpart, with a local function behind",
            """
            unsafe class C : Calls
            {
                static void M(bool b)
                {
                    Node* p = {|NH1006:Node.Make()|};
                    if (b)
                    {
                        Node.End(p);
                        return;
                    }

                    s_sum += Id(p);
                    static long Id([Borrowed] Node* node) => node->Id;
                }
            }
            """,
            """
            unsafe class C : Calls
            {
                static void M(bool b)
                {
                    Node* p = Node.Make();
                    try
                    {
                        if (b)
                        {
                            return;
                        }

                        s_sum += Id(p);
                        static long Id([Borrowed] Node* node) => node->Id;
                    }
                    finally
                    {
                        Node.End(p);
                    }
                }
            }
            """
        },
        {
            "of a struct of another assembly",
            "unsafe class C : Calls { static void M() { System.Numerics.Vector4* p = {|NH1005:System.Numerics.Vector4.Alloc()|}; p->X = 1; } }",
            "unsafe class C : Calls { static void M() { System.Numerics.Vector4* p = System.Numerics.Vector4.Alloc(); try { p->X = 1; } finally { System.Numerics.Vector4.Free(p); } } }"
        },
        {
            "of the shared heap by name, known by a second one",
            "unsafe class C : Calls { static void M() { void* p = {|NH1005:Heap.Shared.Alloc(9)|}; long* q = (long*)p; *q = 1; } }",
            "unsafe class C : Calls { static void M() { void* p = Heap.Shared.Alloc(9); try { long* q = (long*)p; *q = 1; } finally { Heap.Shared.Free(p); } } }"
        },
    };

    public static TheoryData<string, string> NotOffered => new()
    {
        { "another value", "unsafe class C { static void M(bool b, Order* a) { Order* p = {|NH1006:Order.Alloc()|}; if (b) { Order.Free(p); p = a; } } }" },
        { "known outside of the scope", "unsafe class C { static long M(bool b) { Order* outer = null; if (b) { Order* p = {|NH1005:Order.Alloc()|}; outer = p; } return outer == null ? 0 : outer->Id; } }" },
        { "seen outside of the scope", "unsafe class C { static long M(bool b) { Span<Order> outer = default; if (b) { Order* p = {|NH1005:Order.Alloc()|}; outer = new Span<Order>(p, 1); } return outer.Length == 0 ? 0 : outer[0].Id; } }" },
        { "freed by another name", "unsafe class C { static void M(bool b) { Order* p = {|NH1006:Order.Alloc()|}; Order* q = p; if (b) { Order.Free(q); } } }" },
        { "in a section", "unsafe class C { static void M(int n) { switch (n) { case 0: Order* p = {|NH1005:Order.Alloc()|}; p->Id = 1; break; } } }" },
        { "of a wider scope", "unsafe class C { static void M(bool b) { Order* p = null; if (b) { p = {|NH1005:Order.Alloc()|}; } p = null; } }" },
        { "labels", "unsafe class C { static void M(int n) { Order* p = {|NH1005:Order.Alloc()|}; again: p->Id = n++; if (n < 9) { goto again; } } }" },
        { "a local function that is called before", "unsafe class C : Calls { static void M() { F(); Order* p = {|NH1005:Order.Alloc()|}; p->Id = 1; static void F() { } } }" },
        { "an owner", "class C { static void M() { var o = {|NH1005:Order.Rent()|}; o.Value.Id = 1; } }" },
        { "handed to an object", "unsafe class C : Calls { static Keeper? M(bool b) { Order* p = {|NH1006:Order.Alloc()|}; if (b) { Order.Free(p); return null; } return b ? null : Keep(new Keeper(p)); } static Keeper Keep(Keeper k) => k; }" },
        { "two that may free it", "unsafe struct S { long _x; [return: Owned] static S* Make() => null; static void A([TakesOwnership] S* s) { } static void B([TakesOwnership] S* s) { } static void M() { S* s = {|NH1005:Make()|}; s->_x = 1; } }" },
        { "given away in the middle of an expression", "unsafe class C : Calls { static void M(bool b) { Order* p = {|NH1006:Order.Alloc()|}; if (b) { Take(p); Take(p = null); } } }" },
    };

    [Fact]
    public static Task Fixes() => FixProgram.VerifyAsync(new FreeInFinallyFix(), Cases.Select(static c => c.Data), Snippet.Types, "[assembly: NativeAllocated(typeof(System.Numerics.Vector4))]");

    [Fact]
    public static Task Is_not_offered() => FixProgram.VerifyNotOfferedAsync(new FreeInFinallyFix(), NotOffered.Select(static c => c.Data), Snippet.Types);
}
