using System;
using System.Threading;

using Xunit;

namespace NativeHeap.Tests.Buffers;

/// <summary>What both rings do, so that one test is both's.</summary>
internal interface IRing<T> : IDisposable
{
    int Capacity { get; }

    int Count { get; }

    bool IsEmpty { get; }

    bool TryEnqueue(in T value);

    int Enqueue(ReadOnlySpan<T> values);

    bool TryDequeue(out T value);

    int Dequeue(Span<T> values);
}

internal static class Rings
{
    public const string Spsc = "SPSC";
    public const string Mpsc = "MPSC";

    public static TheoryData<string> Kinds => [Spsc, Mpsc];

    public static IRing<T> Make<T>(string kind, Heap heap, int capacity, long start = 0)
        where T : unmanaged
        => kind == Spsc ? new SpscRing<T>(heap, capacity, start) : new MpscRing<T>(heap, capacity, start);

    /// <summary>Waits as the documentation of the rings says.</summary>
    public static void Enqueue<T>(IRing<T> ring, in T value)
    {
        SpinWait wait = default;
        while (!ring.TryEnqueue(in value))
        {
            wait.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <inheritdoc cref="Enqueue"/>
    public static T Dequeue<T>(IRing<T> ring)
    {
        SpinWait wait = default;
        T value;
        while (!ring.TryDequeue(out value))
        {
            wait.SpinOnce(sleep1Threshold: -1);
        }

        return value;
    }

    /// <summary>Runs each on a thread of its own, and waits for all; what one throws is the test's failure.</summary>
    public static void Together(params Action[] actions)
    {
        Thread[] threads = new Thread[actions.Length];
        Exception? failure = null;
        for (int i = 0; i < actions.Length; i++)
        {
            Action action = actions[i];
            threads[i] = new Thread(() =>
            {
                try
                {
                    action();
                }
                catch (Exception error)
                {
                    failure = error;
                }
            })
            { IsBackground = true };
        }

        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        foreach (Thread thread in threads)
        {
            while (!thread.Join(10))
            {
                Assert.Null(Volatile.Read(ref failure));
            }
        }

        Assert.Null(failure);
    }

    private sealed class SpscRing<T>(Heap heap, int capacity, long start) : IRing<T>
        where T : unmanaged
    {
        private readonly NativeSpscRing<T> _ring = new(heap, capacity, start);

        public int Capacity => _ring.Capacity;

        public int Count => _ring.Count;

        public bool IsEmpty => _ring.IsEmpty;

        public bool TryEnqueue(in T value) => _ring.TryEnqueue(in value);

        public int Enqueue(ReadOnlySpan<T> values) => _ring.Enqueue(values);

        public bool TryDequeue(out T value) => _ring.TryDequeue(out value);

        public int Dequeue(Span<T> values) => _ring.Dequeue(values);

        public void Dispose() => _ring.Dispose();
    }

    private sealed class MpscRing<T>(Heap heap, int capacity, long start) : IRing<T>
        where T : unmanaged
    {
        private readonly NativeMpscRing<T> _ring = new(heap, capacity, start);

        public int Capacity => _ring.Capacity;

        public int Count => _ring.Count;

        public bool IsEmpty => _ring.IsEmpty;

        public bool TryEnqueue(in T value) => _ring.TryEnqueue(in value);

        public int Enqueue(ReadOnlySpan<T> values) => _ring.Enqueue(values);

        public bool TryDequeue(out T value) => _ring.TryDequeue(out value);

        public int Dequeue(Span<T> values) => _ring.Dequeue(values);

        public void Dispose() => _ring.Dispose();
    }
}
