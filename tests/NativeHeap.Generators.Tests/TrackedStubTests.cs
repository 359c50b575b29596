// The overloads that say where they are called (NativeHeapTrackSites): which of them the compiler takes for each form of call, and that a project gets along without them where its language has none.

using Microsoft.CodeAnalysis.CSharp;

using NativeHeap.Generators.Tests.Harness;

using Xunit;

namespace NativeHeap.Generators.Tests;

public sealed class TrackedStubTests
{
    private const string Order = """
        using System;
        using NativeHeap;
        [NativeAllocated] public partial struct Order { public long Id; public long Price; }

        """;

    // Each call in a checked heap; then the report has the line of each, and nothing without one.
    private const string Use = """
        public static unsafe class Program
        {
            public static void Run()
            {
                using Heap heap = new(new HeapOptions { Check = CheckLevel.Basic });
        #line 101 "Book.cs"
                Order* a = Order.Alloc(heap);
                Order* b = Order.Alloc(heap, new Order { Id = 1 });
                Order* c = Order.AllocZeroed(heap);
                Order* d = Order.Alloc(heap, default);
                NativePointer<Order>[] batch = new NativePointer<Order>[3];
                Order.AllocBatch(heap, batch);
                Order* g = NAME.Alloc(heap);
                using NativeOwner<Order> e = Order.Rent(heap);
                using NativeOwner<Order> f = Order.Rent(heap, new());
        #line default
                string report = heap.GetLeakReport().ToString();
                for (int line = 101; line <= 109; line++)
                {
                    if (line != 105 && !report.Contains($"Order (allocated at Book.cs:{line}): {(line == 106 ? "3 objects" : "1 object")}, ", StringComparison.Ordinal))
                    {
                        throw new InvalidOperationException(report);
                    }
                }

                Order.Free(heap, a);
                Order.Free(heap, b);
                Order.Free(heap, c);
                Order.Free(heap, d);
                Order.FreeBatch(heap, batch);
                NAME.Free(heap, g);
                string message = "";
                try
                {
        #line 201 "Book.cs"
                    Order.Free(heap, a);
        #line default
                }
                catch (HeapCorruptionException error)
                {
                    message = error.Message;
                }

                if (message.Length == 0)
                {
                    throw new InvalidOperationException("A double free was not told.");
                }

                // Of the shared heap, where a value is meant and where nothing is; by method group and function pointer, which have no line.
                Order* p = Order.Alloc(default);
                Order* q = Order.Alloc();
                Order* r = Order.Alloc(new Order { Id = 7 });
                using (Order.Rent(default)) { }
                using (Order.Rent()) { }
                delegate*<Order*> alloc = &Order.Alloc;
                delegate*<Order*, void> free = &Order.Free;
                Order* s = alloc();
                Func<Heap, NativePointer<Order>> make = static heap => Order.Alloc(heap);
                RentOne rent = Order.Rent;
                rent(heap).Dispose();
                if (p->Id != 0 || r->Id != 7 || make(heap).IsNull)
                {
                    throw new InvalidOperationException("Not the stubs that were meant.");
                }

                free(p);
                free(q);
                free(r);
                free(s);
            }

            private delegate NativeOwner<Order> RentOne(Heap heap);
        }
        """;

    [Fact]
    public void Tracked_stubs() => Track(Order + Use.Replace("NAME", "Order", System.StringComparison.Ordinal)).Verify(nameof(Tracked_stubs));

    [Fact]
    public void Tracked_stubs_without_unsafe_code()
        => new StubProgram(Order) { TracksSites = true, AllowUnsafe = false }.Verify(nameof(Tracked_stubs_without_unsafe_code));

    [Fact]
    public void Tracked_stubs_of_an_isolated_struct() => Track("""
        [NativeHeap.NativeAllocated(Isolated = true)] public partial struct Key { public long High; public long Low; }
        """).Verify(nameof(Tracked_stubs_of_an_isolated_struct));

    [Fact]
    public void Tracked_stubs_of_a_foreign_struct()
        => new StubProgram(
            "using System; using NativeHeap; using Order = System.Numerics.Matrix4x4;\n[assembly: NativeAllocated(typeof(Order))]\n"
            + Use.Replace("NAME", "Matrix4x4Allocation", System.StringComparison.Ordinal)
                .Replace("Order (", "Matrix4x4 (", System.StringComparison.Ordinal)
                .Replace("{ Id = 1 }", "{ M11 = 1 }", System.StringComparison.Ordinal)
                .Replace("{ Id = 7 }", "{ M11 = 7 }", System.StringComparison.Ordinal)
                .Replace("->Id", "->M11", System.StringComparison.Ordinal))
        {
            TracksSites = true,
            Language = StubProgram.CSharp14,
        }.Verify(nameof(Tracked_stubs_of_a_foreign_struct));

    [Fact]
    public void Where_the_user_has_such_an_overload_none_is_tracked() => Track(Order + """
        public partial struct Order { public static int Rent(string file, int line) => line; }
        public static class Program
        {
            public static void Run()
            {
                using NativeOwner<Order> order = Order.Rent();
                if (Order.Rent("a", 7) != 7)
                {
                    throw new InvalidOperationException("Not the user's own.");
                }
            }
        }
        """).Verify(nameof(Where_the_user_has_such_an_overload_none_is_tracked));

    [Fact]
    public void Before_priorities_of_overloads_none_is_tracked()
        => new StubProgram(Order) { TracksSites = true, Language = LanguageVersion.CSharp12 }.Verify(nameof(Before_priorities_of_overloads_none_is_tracked));

    private static StubProgram Track(string source) => new(source) { TracksSites = true };
}
