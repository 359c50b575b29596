// M14.threads: what threads leave behind. A worker with 64 MiB live lets one thread come and go, and reads what is live and cached;
// then ten thousand, eight at a time, each with objects of several sizes; and reads again. Nothing may have stayed.
//
// Before each reading the caches of ended threads are collected, as the first allocation of a later thread would do little by little.

using System.Globalization;
using System.Threading;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Scale;

internal static unsafe class ThreadBytes
{
    public const string Cell = "threads/left";

    private const int Threads = 10_000;
    private const int AtATime = 8;
    private const int BaseObjects = 64 * 1024;
    private const int Objects = 300;

    /// <summary>The bytes before and after, separated by a space.</summary>
    public static string Measure()
    {
        for (int i = 0; i < BaseObjects; i++)
        {
            _ = Block1024.Alloc();
        }

        ComeAndGo(1);
        long before = Bytes();
        for (int ended = 0; ended < Threads; ended += AtATime)
        {
            ComeAndGo(AtATime);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{before} {Bytes()}");
    }

    private static void ComeAndGo(int count)
    {
        Thread[] threads = new Thread[count];
        for (int i = 0; i < count; i++)
        {
            threads[i] = new(Work, maxStackSize: 256 * 1024);
            threads[i].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }
    }

    private static void Work()
    {
        Work<Block16>();
        Work<Block64>();
        Work<Block1024>();
    }

    private static void Work<T>()
        where T : unmanaged, IBlock<T>
    {
        T** objects = stackalloc T*[Objects];
        for (int i = 0; i < Objects; i++)
        {
            objects[i] = T.Alloc();
        }

        for (int i = 0; i < Objects; i++)
        {
            T.Free(objects[i]);
        }
    }

    private static long Bytes()
    {
        // A thread's end is seen a moment after it can be waited for; so the reading that settles is taken.
        ProcessStatistics last;
        ProcessStatistics next = Read();
        do
        {
            last = next;
            Thread.Sleep(20);
            next = Read();
        }
        while (next != last);
        return next.LiveBytes + next.ThreadCachedBytes + next.CentralCachedBytes;
    }

    private static ProcessStatistics Read()
    {
        Heap.FlushThread();
        return Heap.GetProcessStatistics();
    }
}
