// One thread under torture: it allocates and frees at random, in the ways and the sizes that programs do, trades blocks with the others, and ends, leaving what it has to them.
//
// What is refused must be refused cleanly; what is not, must leave no managed memory behind. Both are counted.

using System;
using System.Collections.Generic;

using NativeHeap.Tests.Heaps;

using Xunit;

namespace NativeHeap.Tests.Torture;

/// <summary>A thread of a <see cref="Torture"/>.</summary>
internal sealed unsafe class TortureThread(Torture torture, int number) : IDisposable
{
    private const int MostBlocks = 3_000;
    private const long MostBytes = 24 << 20;

    private readonly List<TortureBlock> _blocks = [];
    private readonly TortureTable _table = new();
    private long _bytes;

    /// <summary>Its source of chance.</summary>
    public Random Random { get; } = new(torture.Seed ^ (number * 7_919));

    /// <summary>The calls it has made.</summary>
    public long Calls { get; private set; }

    /// <summary>Of those, how many were refused.</summary>
    public long Refused { get; private set; }

    /// <summary>The managed bytes that the calls have allocated that were not refused.</summary>
    public long ManagedBytes { get; private set; }

    /// <summary>What went wrong, if anything did.</summary>
    public Exception? Error { get; private set; }

    /// <summary>Lives.</summary>
    public void Run()
    {
        try
        {
            // The first call may be a free.
            Inherit();
            for (int left = Random.Next(20, 20_000); left > 0 && !torture.IsOver; left--)
            {
                Step();
            }

            _table.Dispose();
        }
        catch (Exception error)
        {
            Error = error;
        }

        torture.Leave(_blocks);
    }

    /// <summary>Does something that may be refused.</summary>
    /// <returns>Whether it was done.</returns>
    public bool Attempt(Action operation)
    {
        Calls++;
        try
        {
            operation();
            return true;
        }
        catch (OutOfMemoryException)
        {
            Refused++;
            return false;
        }
        catch (InvalidOperationException error) when (error.Message.Contains("refused by a test", StringComparison.Ordinal))
        {
            Refused++;
            return false;
        }
    }

    /// <summary>Allocates a block in one of the ways that there are.</summary>
    /// <returns>The block, or null if it was refused.</returns>
    public TortureBlock? Alloc(Heap heap, nuint size)
    {
        void* address = null;
        int way = Random.Next(10);
        nuint alignment = (nuint)1 << Random.Next(way == 1 ? 13 : 1);
        byte mark = (byte)Random.Next(256);
        if (!Attempt(() =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            switch (way)
            {
                case 0:
                    address = heap.AllocZeroed(size);
                    break;
                case 1:
                    address = heap.AllocAligned(size, alignment);
                    break;
                case 2:
                    if (!heap.TryAlloc(size, out address))
                    {
                        Refused++;
                    }

                    break;
                case 3:
                    address = heap.Alloc<Order>();
                    size = (nuint)sizeof(Order);
                    break;
                default:
                    address = heap.Alloc(size);
                    break;
            }

            ManagedBytes += GC.GetAllocatedBytesForCurrentThread() - before;
        }) || address == null)
        {
            return null;
        }

        Assert.True((nuint)address % alignment == 0);
        Assert.True(way != 0 || !new ReadOnlySpan<byte>(address, (int)size).ContainsAnyExcept((byte)0), "A block of zeros is not.");
        return new TortureBlock(address, size, mark);
    }

    /// <summary>Frees a block. This is never refused.</summary>
    public void Free(Heap heap, TortureBlock block)
    {
        block.AssertWhole();
        Calls++;
        long before = GC.GetAllocatedBytesForCurrentThread();
        heap.Free(block.Address);
        ManagedBytes += GC.GetAllocatedBytesForCurrentThread() - before;
    }

    public void Dispose() => _table.Dispose();

    private void Step()
    {
        bool isFull = _blocks.Count >= MostBlocks || _bytes >= MostBytes;
        int chance = Random.Next(20_000);
        switch (chance)
        {
            case < 1:
                _ = Attempt(() => Heap.Trim());
                break;
            case < 10:
                _ = Attempt(Heap.FlushThread);
                break;
            case < 20:
                Assert.True(Heap.GetProcessStatistics().LiveObjects >= 0);
                break;
            case < 40:
                torture.HeapAt(Random).Renew(this);
                break;
            case < 1_000:
                torture.HeapAt(Random).Use(this);
                break;
            case < 2_000:
                Realloc();
                break;
            case < 3_000:
                Trade();
                break;
            case < 3_100:
                Batch();
                break;
            case < 3_110:
                _table.Use(this);
                break;
            default:
                if (isFull || chance % 2 == 0)
                {
                    FreeOne();
                }
                else
                {
                    Keep(Alloc(Heap.Shared, TortureSizes.Next(Random)));
                }

                break;
        }
    }

    private void Keep(TortureBlock? block)
    {
        if (block != null)
        {
            _blocks.Add(block);
            _bytes += (long)block.Size;
        }
    }

    private TortureBlock? TakeOne()
    {
        if (_blocks.Count == 0)
        {
            return null;
        }

        int index = Random.Next(_blocks.Count);
        TortureBlock block = _blocks[index];
        _blocks[index] = _blocks[^1];
        _blocks.RemoveAt(_blocks.Count - 1);
        _bytes -= (long)block.Size;
        return block;
    }

    private void FreeOne()
    {
        if (TakeOne() is { } block)
        {
            Free(Heap.Shared, block);
        }
    }

    private void Realloc()
    {
        if (TakeOne() is not { } block)
        {
            return;
        }

        block.AssertWhole();
        nuint size = TortureSizes.Next(Random);
        void* moved = null;
        if (!Attempt(() =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            moved = Heap.Shared.Realloc(block.Address, size);
            ManagedBytes += GC.GetAllocatedBytesForCurrentThread() - before;
        }))
        {
            Keep(block);
            return;
        }

        block.AssertMoved(moved, size);
        Keep(new TortureBlock(moved, size, (byte)Random.Next(256)));
    }

    // A block of this thread for one of another's, which is freed here or kept.
    private void Trade()
    {
        TortureBlock? other = torture.Trade(Random, TakeOne());
        if (other != null && Random.Next(2) == 0)
        {
            Free(Heap.Shared, other);
            return;
        }

        Keep(other);
    }

    private void Batch()
    {
        NativePointer<Order>[] orders = new NativePointer<Order>[Random.Next(1, 400)];
        if (!Attempt(() => Order.AllocBatch(orders)))
        {
            return;
        }

        foreach (ref NativePointer<Order> order in orders.AsSpan())
        {
            order.Value.Id = (long)order.ToPointer();
        }

        foreach (ref NativePointer<Order> order in orders.AsSpan())
        {
            Assert.True(order.Value.Id == (long)order.ToPointer(), "An object of a batch was overwritten.");
        }

        Order.FreeBatch(orders);
    }

    private void Inherit()
    {
        for (TortureBlock? block = torture.Inherit(); block != null && _blocks.Count < MostBlocks / 2; block = torture.Inherit())
        {
            if (Random.Next(2) == 0)
            {
                Free(Heap.Shared, block);
            }
            else
            {
                Keep(block);
            }
        }
    }
}
