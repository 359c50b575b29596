// The ring between the two threads: one writes, one reads, both without a lock, in native memory.
//
//     Tail - Head = messages in it, 0 .. Capacity        Tail is the writer's, Head the reader's
//
// Each index has a cache line of its own, so that the threads disturb each other no more than they must: the
// measured calls come right after.

using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace NativeHeap.Benchmarks.Measures.Latency;

internal sealed unsafe class MessageRing : IDisposable
{
    private const int Capacity = 1 << 14;
    private const int Line = 128;

    private readonly long* _indexes = (long*)NativeMemory.AlignedAlloc(2 * Line, Line);
    private readonly void** _messages = (void**)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(void*));

    public MessageRing() => Head = Tail = 0;

    private ref long Head => ref _indexes[0];

    private ref long Tail => ref _indexes[Line / sizeof(long)];

    /// <summary>Adds a message; waits while the ring is full.</summary>
    public void Write(void* message)
    {
        long tail = Tail;
        while (tail - Volatile.Read(ref Head) == Capacity)
        {
            Thread.SpinWait(1);
        }

        _messages[tail & (Capacity - 1)] = message;
        Volatile.Write(ref Tail, tail + 1);
    }

    /// <summary>Takes a message; waits while there is none.</summary>
    public void* Read()
    {
        long head = Head;
        while (head == Volatile.Read(ref Tail))
        {
            Thread.SpinWait(1);
        }

        void* message = _messages[head & (Capacity - 1)];
        Volatile.Write(ref Head, head + 1);
        return message;
    }

    public void Dispose()
    {
        NativeMemory.Free(_messages);
        NativeMemory.AlignedFree(_indexes);
    }
}
