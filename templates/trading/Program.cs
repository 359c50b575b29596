// A trading system to start from. The feed's thread puts messages into a ring; this one takes them out and keeps the book. Orders, queues, index and ring are native: once it runs, nothing is left for
// the garbage collector to do.

using System;
using System.Diagnostics;
using System.Threading;

using NativeHeap;

using TradingTemplate;

const int WarmUp = 100_000;
const int Messages = 10_000_000;
const int Batch = 256;

using NativeSpscRing<Message> ring = new(1 << 14);
using OrderBook book = new(expectedOrders: 200_000);

Thread feed = new(() => Feed(ring)) { IsBackground = true, Name = "Feed" };
feed.Start();

Apply(WarmUp);
long managed = GC.GetTotalAllocatedBytes(precise: true);
int collections = GC.CollectionCount(0);
long start = Stopwatch.GetTimestamp();
Apply(Messages);
double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
managed = GC.GetTotalAllocatedBytes(precise: true) - managed;
collections = GC.CollectionCount(0) - collections;
feed.Join();

Console.WriteLine($"{Messages:N0} messages in {seconds:N2} s: {Messages / seconds / 1e6:N1} million a second, through the ring and into the book");
Console.WriteLine($"{book.Fills:N0} fills of {book.Volume:N0} shares; {book.Count:N0} orders in the book, at {book.BestBuy} and {book.BestSell}");
Console.WriteLine($"native memory:  {book.Bytes:N0} bytes for orders, queues and index");
Console.WriteLine($"managed memory: {managed:N0} bytes allocated, {collections} collections");

void Apply(int count)
{
    Span<Message> batch = stackalloc Message[Batch];
    SpinWait wait = default;
    while (count > 0)
    {
        int taken = ring.Dequeue(batch[..Math.Min(count, Batch)]);
        if (taken == 0)
        {
            wait.SpinOnce(sleep1Threshold: -1);
            continue;
        }

        foreach (ref readonly Message message in batch[..taken])
        {
            book.Apply(message);
        }

        wait.Reset();
        count -= taken;
    }
}

static void Feed(NativeSpscRing<Message> ring)
{
    Market market = new(seed: 2026);
    SpinWait wait = default;
    for (int i = 0; i < WarmUp + Messages; i++)
    {
        Message message = market.Next();
        while (!ring.TryEnqueue(message))
        {
            wait.SpinOnce(sleep1Threshold: -1);
        }

        wait.Reset();
    }
}
