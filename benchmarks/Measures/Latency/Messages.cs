// The messages that are handed over, of 64 to 512 bytes: four types with stubs, and untyped blocks of any such size.
//
// Alloc and Free read the clock three times around one call. What lies between the first two readings is nothing, between the last two
// the call: the empty one is the floor, taken a moment before, on the same core, under the same disturbances.

using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Latency;

internal readonly record struct Timing(long Floor, long Call);

internal static unsafe class StubMessage<T>
    where T : unmanaged, IBlock<T>
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void* Alloc(out Timing timing)
    {
        long first = Stopwatch.GetTimestamp();
        long second = Stopwatch.GetTimestamp();
        T* message = T.Alloc();
        long third = Stopwatch.GetTimestamp();
        timing = new(second - first, third - second);
        return message;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Free(void* message, out Timing timing)
    {
        long first = Stopwatch.GetTimestamp();
        long second = Stopwatch.GetTimestamp();
        T.Free((T*)message);
        long third = Stopwatch.GetTimestamp();
        timing = new(second - first, third - second);
    }
}

internal static unsafe class SizedMessage
{
    public const int Smallest = 64;
    public const int Largest = 512;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void* Alloc(nuint size, out Timing timing)
    {
        Heap heap = Heap.Shared;
        long first = Stopwatch.GetTimestamp();
        long second = Stopwatch.GetTimestamp();
        void* message = heap.Alloc(size);
        long third = Stopwatch.GetTimestamp();
        timing = new(second - first, third - second);
        return message;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Free(void* message, out Timing timing)
    {
        Heap heap = Heap.Shared;
        long first = Stopwatch.GetTimestamp();
        long second = Stopwatch.GetTimestamp();
        heap.Free(message);
        long third = Stopwatch.GetTimestamp();
        timing = new(second - first, third - second);
    }
}

[NativeAllocated]
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "Memory to be written to; nothing compares two.")]
public unsafe partial struct Quote : IBlock<Quote>
{
    public fixed long Words[16];
}

[NativeAllocated]
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "Memory to be written to; nothing compares two.")]
public unsafe partial struct Snapshot : IBlock<Snapshot>
{
    public fixed long Words[64];
}
