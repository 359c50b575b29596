using System;
using System.Threading.Tasks;

using Xunit;

namespace NativeHeap.AspNetCore.Tests.Peers;

/// <summary>A pool on a heap of its own that must be empty in the end: every buffer returned, and all memory given back.</summary>
internal sealed class TestPool : IAsyncDisposable
{
    private readonly Heap _heap = new();

    public TestPool(BufferBacking backing = BufferBacking.Native, CheckLevel check = CheckLevel.Off) =>
        Pool = new NativeMemoryPool(new NativeMemoryPoolOptions { Heap = _heap, Backing = backing, Check = check });

    public NativeMemoryPool Pool { get; }

    public async ValueTask DisposeAsync()
    {
        Assert.NotEqual(0, Pool.GetStatistics().Made);
        await Eventually.AllReturnedAsync([Pool]);
        Pool.Dispose();
        Assert.Equal(0, Pool.GetStatistics().TotalBuffers);
        Assert.Equal(0, Pool.GetStatistics().TotalBytes);
        Assert.Equal(0, _heap.GetStatistics().LiveObjects);
        _heap.Dispose();
    }
}
