// The messages that are handed over, of 64 to 512 bytes: four types with stubs, or untyped blocks of any such size, of whatever allocator.
//
// Alloc and Free read the clock three times around one call. What lies between the first two readings is nothing, between the last two
// the call: the empty one is the floor, taken a moment before, on the same core, under the same disturbances. A message's random
// number says of which kind or size it is, to both.

using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Latency;

internal readonly record struct Timing(long Floor, long Call);

internal unsafe interface IMessages
{
    static abstract void* Alloc(int random, out Timing timing);

    static abstract void Free(void* message, int random, out Timing timing);
}

internal readonly unsafe struct StubMessages : IMessages
{
    public static void* Alloc(int random, out Timing timing)
        => (random & 3) switch
        {
            0 => StubMessage<Block64>.Alloc(out timing),
            1 => StubMessage<Quote>.Alloc(out timing),
            2 => StubMessage<Block256>.Alloc(out timing),
            _ => StubMessage<Snapshot>.Alloc(out timing),
        };

    public static void Free(void* message, int random, out Timing timing)
    {
        switch (random & 3)
        {
            case 0:
                StubMessage<Block64>.Free(message, out timing);
                break;
            case 1:
                StubMessage<Quote>.Free(message, out timing);
                break;
            case 2:
                StubMessage<Block256>.Free(message, out timing);
                break;
            default:
                StubMessage<Snapshot>.Free(message, out timing);
                break;
        }
    }
}

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

internal readonly unsafe struct SizedMessages<TAllocation> : IMessages
    where TAllocation : struct, IUntyped
{
    public const int Smallest = 64;
    public const int Largest = 512;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void* Alloc(int random, out Timing timing)
    {
        nuint size = (nuint)(Smallest + (random % (Largest - Smallest + 1)));
        long first = Stopwatch.GetTimestamp();
        long second = Stopwatch.GetTimestamp();
        void* message = TAllocation.Alloc(size);
        long third = Stopwatch.GetTimestamp();
        timing = new(second - first, third - second);
        return message;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Free(void* message, int random, out Timing timing)
    {
        long first = Stopwatch.GetTimestamp();
        long second = Stopwatch.GetTimestamp();
        TAllocation.Free(message);
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
