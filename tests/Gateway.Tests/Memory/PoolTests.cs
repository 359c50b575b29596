using System;
using System.Buffers;
using System.IO;
using System.Threading.Tasks;

using Gateway.Faults;
using Gateway.Memory;

using NativeHeap;

using Xunit;

namespace Gateway.Tests.Memory;

public sealed class PoolTests : IDisposable
{
    private const int Forever = 60_000;

    private readonly StringWriter _lines = new();
    private readonly IncidentLog _log;

    public PoolTests() => _log = new IncidentLog(_lines);

    public void Dispose() => _lines.Dispose();

    [Fact]
    public async Task At_the_limit_a_rent_waits_until_a_buffer_is_returned()
    {
        using BufferPool pool = new(PoolKind.Native, 16_384, Forever, _log);
        IMemoryOwner<byte> first = pool.Waiting.Rent(16_384);
        Task<IMemoryOwner<byte>> second = Task.Run(() => pool.Waiting.Rent(16_384), TestContext.Current.CancellationToken);
        for (int i = 0; i < Forever && _log[Incident.MemoryShort] == 0; i++)
        {
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        Assert.False(second.IsCompleted);
        Assert.Throws<OutOfMemoryException>(() => pool.Failing.Rent(16_384));
        first.Dispose();
        (await second).Dispose();

        Assert.Equal(0, pool.BuffersOut);
        Assert.Contains("the pipe waits for a buffer", _lines.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_rent_that_waits_in_vain_fails_and_takes_nothing()
    {
        using BufferPool pool = new(PoolKind.Native, 16_384, patience: 20, _log);
        IMemoryOwner<byte> first = pool.Waiting.Rent(16_384);

        InsufficientMemoryException refusal = Assert.Throws<InsufficientMemoryException>(() => pool.Waiting.Rent(16_384));

        Assert.Equal("No buffer has been returned to the pool for 20 ms.", refusal.Message);
        first.Dispose();
        Assert.Equal(0, pool.BuffersOut);
    }

    [Theory]
    [InlineData(PoolKind.Native)]
    [InlineData(PoolKind.ArrayPool)]
    public void Buffers_that_are_out_are_counted(object kind)
    {
        using BufferPool pool = new((PoolKind)kind, maximumBytes: null, Forever, _log);
        pool.Prewarm(16_384, 4);
        IMemoryOwner<byte> first = pool.Waiting.Rent(16_384);
        IMemoryOwner<byte> second = pool.Failing.Rent(100);

        Assert.Equal(2, pool.BuffersOut);
        Assert.True(first.Memory.Length >= 16_384 && second.Memory.Length >= 100);
        first.Dispose();
        second.Dispose();

        Assert.Equal(0, pool.BuffersOut);
        Assert.True(pool.PeakBytes >= 4 * 16_384);
    }

    [Fact]
    public void An_owner_of_an_array_that_is_disposed_of_twice_returns_it_once()
    {
        using ArrayMemoryPool pool = new();
        IMemoryOwner<byte> owner = pool.Rent(100);
        owner.Dispose();
        owner.Dispose();

        Assert.Equal(0, pool.Rented);
        Assert.Throws<ObjectDisposedException>(() => owner.Memory);
    }

    [Fact]
    public async Task At_their_limit_messages_wait_for_others_to_be_released()
    {
        const int Length = 40_000;
        using MessageStore store = new(65_536, Forever, _log);
        ReadOnlySequence<byte> bytes = new(new byte[Length]);
        MessageBuffer first = store.Copy(in bytes);
        Task<MessageBuffer> second = Task.Run(() => store.Copy(in bytes), TestContext.Current.CancellationToken);
        for (int i = 0; i < Forever && _log[Incident.MemoryShort] == 0; i++)
        {
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        Assert.False(second.IsCompleted);
        first.Release();
        (await second).Release();

        Assert.Equal(0, store.MessagesOut);
    }
}
