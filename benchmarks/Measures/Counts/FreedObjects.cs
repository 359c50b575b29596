using System.Threading;

namespace NativeHeap.Benchmarks.Measures.Counts;

/// <summary>The objects that a program's threads have freed, added a batch at a time so that the sum disturbs nobody.</summary>
internal sealed class FreedObjects
{
    private long _sum;

    public long Sum => Volatile.Read(ref _sum);

    public void Add(int count) => Interlocked.Add(ref _sum, count);

    /// <summary>Starts a thread that ends with the process.</summary>
    public static void StartThread(ThreadStart body) => new Thread(body) { IsBackground = true }.Start();
}
