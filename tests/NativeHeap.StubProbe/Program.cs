// Calls the hot stubs of a struct, each inlined into a method of its own, until the JIT has compiled those for good.
//
// NativeHeap.Tests/Golden starts this with the JIT's listing switched on for the methods of Wrappers. Nothing else is in
// them, so that what the listing shows beyond prologue and epilogue is the stub. Where the calls are made from does not
// matter, how often does: the last tier comes after some thirty calls of the first and of the instrumented one each, a
// little later because the JIT works on a thread of its own. So the calls come in rounds with pauses between them. The thread's bins are filled before, so that
// whenever the JIT takes its profile it sees what a program does nearly always, and never a slow path.

using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap;
using NativeHeap.StubProbe;

const int Rounds = 100;
const int Live = 100;
const int Parked = 1_000;

unsafe
{
    using Heap heap = new();
    NativePointer<Order>[] parked = new NativePointer<Order>[Parked];
    Order.AllocBatch(parked);
    Order.FreeBatch(parked);
    Order.AllocBatch(heap, parked);
    Order.FreeBatch(heap, parked);
    Order** live = stackalloc Order*[Live];
    for (int round = 0; round < Rounds; round++)
    {
        for (int i = 0; i < Live; i++)
        {
            live[i] = Wrappers.Alloc();
        }

        for (int i = 0; i < Live; i++)
        {
            Wrappers.Free(live[i]);
        }

        for (int i = 0; i < Live; i++)
        {
            live[i] = Wrappers.AllocOfHeap(heap);
        }

        for (int i = 0; i < Live; i++)
        {
            Wrappers.FreeOfHeap(heap, live[i]);
        }

        Thread.Sleep(5);
    }
}

namespace NativeHeap.StubProbe
{
    [NativeAllocated]
    public partial struct Order
    {
        public long Id;
        public long Price;
        public int Quantity;
    }

    internal static unsafe class Wrappers
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static Order* Alloc() => Order.Alloc();

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Free(Order* order) => Order.Free(order);

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static Order* AllocOfHeap(Heap heap) => Order.Alloc(heap);

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void FreeOfHeap(Heap heap, Order* order) => Order.Free(heap, order);
    }
}
