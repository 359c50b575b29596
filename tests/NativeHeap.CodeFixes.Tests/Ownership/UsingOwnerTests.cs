using System.Linq;
using System.Threading.Tasks;

using NativeHeap.Analyzers.Tests.Ownership;
using NativeHeap.CodeFixes.Ownership;

using Xunit;

namespace NativeHeap.CodeFixes.Tests.Ownership;

public static class UsingOwnerTests
{
    public static TheoryData<string, string, string> Cases => new()
    {
        {
            "a pointer and all its uses",
            """
            unsafe class C : Calls
            {
                static long M(bool b)
                {
                    // What is wanted.
                    Order* order = {|NH1006:Order.Alloc()|}; // by us

                    order->Id = 1;
                    (*order).Price = 2;
                    order[0].Next = null;
                    *order = new Order { Id = order->Id, Price = (*order).Price };
                    if (order == null || order is not null && order->Next != null)
                    {
                        order->Next->Price = 3; // of the next
                    }

                    Read(order);
                    Read((Order*)(void*)order);
                    s_sum += ((Trade*)order)->Id + nameof(order).Length;
                    NativeMemory.Clear(&order->Id, 8);
                    if (b)
                    {
                        return order->Id;
                    }

                    Order.Free(order); // at last
                    return 0;
                }
            }
            """,
            """
            unsafe class C : Calls
            {
                static long M(bool b)
                {
                    // What is wanted.
                    using NativeOwner<Order> order = Order.Rent(); // by us

                    order.Value.Id = 1;
                    order.Value.Price = 2;
                    order.Value.Next = null;
                    order.Value = new Order { Id = order.Value.Id, Price = order.Value.Price };
                    if (order.IsNull || !order.IsNull && order.Value.Next != null)
                    {
                        order.Value.Next->Price = 3; // of the next
                    }

                    Read(order.DangerousGetPointer());
                    Read((Order*)(void*)order.DangerousGetPointer());
                    s_sum += ((Trade*)order.DangerousGetPointer())->Id + nameof(order).Length;
                    NativeMemory.Clear(&order.DangerousGetPointer()->Id, 8);
                    if (b)
                    {
                        return order.Value.Id;
                    }

                    return 0;
                }
            }
            """
        },
        {
            "var stays var",
            "unsafe class C { static void M() { var p = {|NH1005:Order.AllocZeroed()|}; p->Id = 1; } }",
            "unsafe class C { static void M() { using var p = Order.Rent(); p.Value.Id = 1; } }"
        },
        {
            "a copy of a value, called by a longer name",
            "unsafe class C { static void M(in Order o) { Order* @class = {|NH1005:global::Order.Alloc(in o)|}; @class->Id++; } }",
            "unsafe class C { static void M(in Order o) { using NativeOwner<Order> @class = global::Order.Rent(in o); @class.Value.Id++; } }"
        },
        {
            "freed early and given away",
            """
            unsafe class C : Calls
            {
                static void M(int n)
                {
                    Order* p = {|NH1006:Order.Alloc()|};
                    switch (n)
                    {
                        case 0:
                            Order.Free(p);
                            Work();
                            break;
                        case 1:
                            Take(p);
                            break;
                        case 2:
                            Order.Free(p);
                            p = null;
                            break;
                    }

                    Work();
                }
            }
            """,
            """
            unsafe class C : Calls
            {
                static void M(int n)
                {
                    using NativeOwner<Order> p = Order.Rent();
                    switch (n)
                    {
                        case 0:
                            p.Dispose();
                            Work();
                            break;
                        case 1:
                            Take(p.Detach());
                            break;
                        case 2:
                            p.Dispose();
                            break;
                    }

                    Work();
                }
            }
            """
        },
        {
            "two of a method",
            "unsafe class C { static void M() { Order* p = {|NH1005:Order.Alloc()|}; Trade* q = {|NH1005:Trade.Alloc()|}; p->Id = q->Id; } }",
            "unsafe class C { static void M() { using NativeOwner<Order> p = Order.Rent(); using NativeOwner<Trade> q = Trade.Rent(); p.Value.Id = q.Value.Id; } }"
        },
        {
            "an owner, given away on a path",
            "class C { static void Keep([TakesOwnership] NativeOwner<Order> o) => o.Dispose(); static void M(bool b) { NativeOwner<Order> o = {|NH1006:Order.Rent()|}; if (b) { Keep(o); } else { o.Value.Id = 1; } } }",
            "class C { static void Keep([TakesOwnership] NativeOwner<Order> o) => o.Dispose(); static void M(bool b) { using NativeOwner<Order> o = Order.Rent(); if (b) { Keep(o.Move()); } else { o.Value.Id = 1; } } }"
        },
        {
            "a message, released where the scope ends",
            "class C { static int M() { MessageBuffer m = {|NH1006:MessageBuffer.Rent(9)|}; if (m.Length == 3) { return 1; } m.Span.Clear(); m.Dispose(); return 2; } }",
            "class C { static int M() { using MessageBuffer m = MessageBuffer.Rent(9); if (m.Length == 3) { return 1; } m.Span.Clear(); return 2; } }"
        },
        {
            "a buffer of an async method",
            "class C { static async System.Threading.Tasks.Task M(NativeMemoryPool pool) { var o = {|NH1005:pool.RentExact(9)|}; await System.Threading.Tasks.Task.Yield(); o.Span.Clear(); } }",
            "class C { static async System.Threading.Tasks.Task M(NativeMemoryPool pool) { using var o = pool.RentExact(9); await System.Threading.Tasks.Task.Yield(); o.Span.Clear(); } }"
        },
        {
            "discarded, with a name that is taken",
            """
            class C
            {
                static void M(int order)
                {
                    // Warm up.
                    {|NH1007:Order.Rent()|}; // once
                    _ = {|NH1007:MessageBuffer.Rent(order)|};
                }
            }
            """,
            """
            class C
            {
                static void M(int order)
                {
                    // Warm up.
                    using var order2 = Order.Rent(); // once
                    using var messageBuffer = MessageBuffer.Rent(order);
                }
            }
            """
        },
        {
            "handed to an object, through a cast",
            "unsafe class C : Calls { static void M(bool b) { Order* p = {|NH1006:Order.Alloc()|}; if (b) { Take((Order*)(void*)p); } } }",
            "unsafe class C : Calls { static void M(bool b) { using NativeOwner<Order> p = Order.Rent(); if (b) { Take((Order*)(void*)p.Detach()); } } }"
        },
        {
            "discarded in an async method",
            "class C { static async System.Threading.Tasks.Task M(NativeMemoryPool pool) { {|NH1007:pool.RentExact(9)|}; await System.Threading.Tasks.Task.Yield(); } }",
            "class C { static async System.Threading.Tasks.Task M(NativeMemoryPool pool) { using var nativeMemoryOwner = pool.RentExact(9); await System.Threading.Tasks.Task.Yield(); } }"
        },
        {
            "of one's own helpers",
            """
            [NativeAllocated]
            public unsafe partial struct Quote
            {
                public long Bid;

                [return: Owned]
                public static Quote* Make(long bid) => Alloc(new Quote { Bid = bid });

                [return: Owned]
                public static NativeOwner<Quote> Borrow(long bid) => Rent(new Quote { Bid = bid });

                static long M() { Quote* quote = {|NH1005:Make(3)|}; return quote->Bid; }
            }
            """,
            """
            [NativeAllocated]
            public unsafe partial struct Quote
            {
                public long Bid;

                [return: Owned]
                public static Quote* Make(long bid) => Alloc(new Quote { Bid = bid });

                [return: Owned]
                public static NativeOwner<Quote> Borrow(long bid) => Rent(new Quote { Bid = bid });

                static long M() { using NativeOwner<Quote> quote = Borrow(3); return quote.Value.Bid; }
            }
            """
        },
    };

    public static TheoryData<string, string> NotOffered => new()
    {
        { "another value", "unsafe class C { static void M(bool b, Order* a) { Order* p = {|NH1006:Order.Alloc()|}; if (b) { Order.Free(p); p = a; } } }" },
        { "another name", "unsafe class C { static void M() { Order* p = {|NH1005:Order.Alloc()|}; Order* q = p; q->Id = p->Id; } }" },
        { "seen outside of the scope", "unsafe class C { static long M(bool b) { Span<Order> outer = default; if (b) { Order* p = {|NH1005:Order.Alloc()|}; outer = new Span<Order>(p, 1); } return outer.Length == 0 ? 0 : outer[0].Id; } }" },
        { "another element", "unsafe class C { static void M() { Order* p = {|NH1005:Order.Alloc()|}; long* id = &p->Id; *id = 3; } }" },
        { "no owner of that", "unsafe class C { static void M() { void* p = {|NH1005:HeapMemory.Alloc(9)|}; *(long*)p = 1; } }" },
        { "in a section", "unsafe class C { static void M(int n) { switch (n) { case 0: Order* p = {|NH1005:Order.Alloc()|}; p->Id = 1; break; } } }" },
        { "several declarators", "unsafe class C { static void M() { Order* p = {|NH1005:Order.Alloc()|}, q = null; p->Id = 1; } }" },
        { "used in place", "unsafe class C { static void M() { {|NH1005:Order.Alloc()|}->Id = 1; } }" },
        { "discarded in a lambda", "unsafe class C { static Action M(bool b) => () => { if (b) {|NH1007:Order.Alloc()|}; }; }" },
        { "jumped over", "unsafe class C { static void M(bool b) { if (b) { goto end; } Order* p = {|NH1005:Order.Alloc()|}; p->Id = 1; end: return; } }" },
        { "waiting in its scope", "class C { static IEnumerable<int> M() { { {|NH1007:Order.Rent()|}; yield return 1; } } }" },
        { "a message released early", "class C : Calls { static void M(bool b) { var m = {|NH1006:MessageBuffer.Rent(9)|}; if (b) { m.Release(); } Work(); } }" },
        { "of a heap, whose end it is", "unsafe class C { static void M(Heap heap) { Order* p = Order.Alloc(heap); p->Id = 1; } }" },
    };

    [Fact]
    public static Task Fixes_the_top_level()
        => FixProgram.VerifyTopLevelAsync(
            new UsingOwnerFix(),
            """
            // A program.
            var order = {|NH1005:Order.Rent()|};
            order.Value.Id = args.Length;
            {|NH1007:Trade.Rent()|};

            static async System.Threading.Tasks.Task WaitAsync() => await System.Threading.Tasks.Task.Yield();
            """,
            """
            // A program.
            using var order = Order.Rent();
            order.Value.Id = args.Length;
            using var trade = Trade.Rent();

            static async System.Threading.Tasks.Task WaitAsync() => await System.Threading.Tasks.Task.Yield();
            """,
            Snippet.Types);

    [Fact]
    public static Task Fixes() => FixProgram.VerifyAsync(new UsingOwnerFix(), Cases.Select(static c => c.Data), Snippet.Types);

    [Fact]
    public static Task Is_not_offered() => FixProgram.VerifyNotOfferedAsync(new UsingOwnerFix(), NotOffered.Select(static c => c.Data), Snippet.Types);
}
