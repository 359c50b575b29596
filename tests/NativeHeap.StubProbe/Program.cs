// Calls the hot stubs of a struct, each inlined into a method of its own, until the JIT has compiled those for good; and those of a struct of another assembly, which is as large.
//
// NativeHeap.Tests/Golden starts this with the JIT's listing switched on for the methods of Wrappers and ForeignWrappers. Nothing else is in
// them, so that what the listing shows beyond prologue and epilogue is the stub. Where the calls are made from does not
// matter, how often does: the last tier comes after some thirty calls of the first and of the instrumented one each, a
// little later because the JIT works on a thread of its own. So the calls come in rounds with pauses between them. The thread's bins are filled before, so that
// whenever the JIT takes its profile it sees what a program does nearly always, and never a slow path.

using System.Numerics;
using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap;
using NativeHeap.StubProbe;

[assembly: NativeAllocated(typeof(Matrix3x2), Alignment = 8)]

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
    NativePointer<Secret>[] parkedSecrets = new NativePointer<Secret>[Parked];
    Secret.AllocBatch(parkedSecrets);
    Secret.FreeBatch(parkedSecrets);
    Order** live = stackalloc Order*[Live];
    Secret** secrets = stackalloc Secret*[Live];
    Matrix3x2** foreign = stackalloc Matrix3x2*[Live];
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

        for (int i = 0; i < Live; i++)
        {
            secrets[i] = IsolatedWrappers.Alloc();
        }

        for (int i = 0; i < Live; i++)
        {
            IsolatedWrappers.Free(secrets[i]);
        }

        for (int i = 0; i < Live; i++)
        {
            foreign[i] = ForeignWrappers.Alloc();
        }

        for (int i = 0; i < Live; i++)
        {
            ForeignWrappers.Free(foreign[i]);
        }

        for (int i = 0; i < Live; i++)
        {
            foreign[i] = ForeignWrappers.AllocOfHeap(heap);
        }

        for (int i = 0; i < Live; i++)
        {
            ForeignWrappers.FreeOfHeap(heap, foreign[i]);
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

    [NativeAllocated(Isolated = true)]
    public partial struct Secret
    {
        public long Id;
        public long Price;
        public int Quantity;
    }

    internal static unsafe class IsolatedWrappers
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static Secret* Alloc() => Secret.Alloc();

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Free(Secret* secret) => Secret.Free(secret);
    }

    internal static unsafe class ForeignWrappers
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static Matrix3x2* Alloc() => Matrix3x2.Alloc();

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Free(Matrix3x2* matrix) => Matrix3x2.Free(matrix);

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static Matrix3x2* AllocOfHeap(Heap heap) => Matrix3x2.Alloc(heap);

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void FreeOfHeap(Heap heap, Matrix3x2* matrix) => Matrix3x2.Free(heap, matrix);
    }
}
