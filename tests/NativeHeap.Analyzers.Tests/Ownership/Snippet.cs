// Bodies of methods, as the tests of the flow rules write them: wrapped in a class with something of everything to call. A table of them is one program, which
// takes a twentieth of the time that a program each would; only when that fails is each looked at by itself, to name the one.

using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;

using Xunit.Sdk;

namespace NativeHeap.Analyzers.Tests.Ownership;

internal static class Snippet
{
    public const string Types = """
        using System.Diagnostics.CodeAnalysis;

        [NativeAllocated] public unsafe partial struct Order { public long Id; public long Price; public Order* Next; public Order* Child; }

        [NativeAllocated] public partial struct Trade { public long Id; }

        [NativeAllocated] public partial struct Same { public double X; }

        public unsafe struct Node
        {
            public long Id;

            [return: Owned]
            public static Node* Make() => (Node*)NativeMemory.Alloc((nuint)sizeof(Node));

            public static void End([TakesOwnership] Node* node) => NativeMemory.Free(node);
        }

        public unsafe class Keeper([TakesOwnership] Order* order) : IDisposable
        {
            private Order* _order = order;

            public void Dispose() => Order.Free(_order);
        }

        public class World
        {
            public readonly NativeTable<Order> Orders = new();

            [return: Borrowed]
            public ref Order Get(NativeHandle<Order> order) => ref Orders[order];

            [InvalidatesReferences]
            public void Kill(NativeHandle<Order> order) => Orders.Remove(order);

            public static void Sweep([InvalidatesReferences] NativeTable<Order> orders) => orders.Clear();
        }

        public class Game
        {
            public readonly World World = new();
        }

        public unsafe class Calls
        {
            public static Order* s_order;
            public static long s_sum;

            public static void Work() { }

            public static void Take([TakesOwnership] Order* order) => s_order = order;

            public static bool TryTake([TakesOwnership] Order* order)
            {
                bool takes = s_order == null;
                s_order = takes ? order : s_order;
                return takes;
            }

            public static void Read([Borrowed] Order* order) => s_sum += order->Id;

            public static void Stranger(Order* order) { }

            public static void StrangerOf(void* order) { }

            [DoesNotReturn]
            public static void Fail() => throw new InvalidOperationException();
        }
        """;

    /// <summary>What the bodies find in their hands, and the same as arguments.</summary>
    public const string Parameters = "Order* a, bool b, int n, Heap heap, Heap other, NativeMemoryPool pool, "
        + "NativeTable<Order> table, NativeHandle<Order> h, NativeList<Order> list, NativeDictionary<int, Order> map, BumpAllocator arena";

    public const string Arguments = "a, b, n, heap, other, pool, table, h, list, map, arena";

    public static string Of(string body) => $"unsafe class C : Calls {{ static void M({Parameters}) {{ {body} }} }}";

    /// <summary>Verifies programs, each with a namespace of its own.</summary>
    public static async Task VerifyAllAsync(IEnumerable<(string Name, string Source)> programs)
    {
        (string Name, string Source)[] all = [.. programs];
        try
        {
            await new TestProgram([.. all.Select(static (p, i) => $"namespace Case{i} {{ {p.Source} }}"), Types]).VerifyAsync("all");
        }
        catch (XunitException)
        {
            foreach ((string name, string source) in all)
            {
                await new TestProgram($"namespace Case {{ {source} }}", Types).VerifyAsync(name);
            }

            throw;
        }
    }
}
