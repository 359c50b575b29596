using System;
using System.Buffers;
using System.Linq;
using System.Threading.Tasks;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

using Xunit;

namespace NativeHeap.AspNetCore.Tests.Server;

/// <summary>How the server comes to its pools, and what options that make no sense say.</summary>
public sealed class RegistrationTests
{
    [Fact]
    public async Task The_server_uses_ours_in_place_of_its_own()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        _ = builder.WebHost.UseKestrel().UseNativeHeap();
        await using WebApplication application = builder.Build();
        Assert.Same(application.Services.GetRequiredService<NativeMemoryPoolFactory>(), application.Services.GetRequiredService<IMemoryPoolFactory<byte>>());
    }

    [Fact]
    public async Task A_server_does_not_start_if_another_factory_was_registered_later()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        _ = builder.Logging.ClearProviders();
        _ = builder.WebHost.UseNativeHeap().UseKestrel();
        await using WebApplication application = builder.Build();
        InvalidOperationException error = await Assert.ThrowsAsync<InvalidOperationException>(() => application.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains("Call UseNativeHeap last", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pools_bear_their_owners_name()
    {
        await using TestServer server = await TestServer.StartAsync();

        // Two endpoints with two I/O queues each.
        Assert.Equal(["kestrel", "kestrel", "kestrel", "kestrel"], server.Factory.Pools.Select(pool => pool.Name));
    }

    [Fact]
    public async Task Options_of_several_calls_add_up()
    {
        await using TestServer server = await TestServer.StartAsync(
            options => options.Name = "edge",
            builder => builder.WebHost.UseNativeHeap(options => options.MaximumBytes = 1 << 20));
        Assert.All(server.Factory.Pools, pool => Assert.Equal("edge", pool.Name));
        Assert.All(server.Factory.Pools, pool => Assert.Equal(1 << 20, pool.GetStatistics().MaximumBytes));
    }

    [Fact]
    public void A_pool_is_known_until_it_has_been_disposed_of_and_its_buffers_are_back()
    {
        using NativeMemoryPoolFactory factory = Make(static _ => { });
        MemoryPool<byte> first = factory.Create(new MemoryPoolOptions { Owner = "first" });
        MemoryPool<byte> second = factory.Create();
        Assert.Equal([first, second], factory.Pools);
        IMemoryOwner<byte> owner = first.Rent();
        first.Dispose();
        second.Dispose();
        Assert.Equal([first], factory.Pools);
        owner.Dispose();
        Assert.Empty(factory.Pools);
    }

    [Fact]
    public void A_factory_that_is_disposed_of_takes_its_pools_along()
    {
        NativeMemoryPoolFactory factory = Make(static _ => { });
        MemoryPool<byte> pool = factory.Create();
        factory.Dispose();
        factory.Dispose();
        Assert.True(Assert.IsType<NativeMemoryPool>(pool).IsDisposed);
        _ = Assert.Throws<ObjectDisposedException>(() => factory.Create());
    }

    [Fact]
    public void Pinned_arrays_are_what_pools_have_unless_told_otherwise()
    {
        using NativeMemoryPoolFactory factory = Make(static _ => { });
        using MemoryPool<byte> pool = factory.Create();
        using IMemoryOwner<byte> owner = pool.Rent(100);
        Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray<byte>(owner.Memory, out _));
    }

    [Fact]
    public void What_makes_no_sense_is_named()
    {
        using Heap heap = new();
        Assert.Contains("Backing", Assert.Throws<InvalidOperationException>(() => Make(options => options.Heap = heap)).Message, StringComparison.Ordinal);
        _ = Assert.Throws<ArgumentOutOfRangeException>(nameof(NativeMemoryPoolOptions.MaximumBytes), () => Make(options => options.MaximumBytes = 1));
        _ = Assert.Throws<ArgumentOutOfRangeException>(nameof(NativeMemoryPoolOptions.IdleTime), () => Make(options => options.IdleTime = TimeSpan.Zero));
        _ = Assert.Throws<ArgumentOutOfRangeException>(nameof(NativeMemoryPoolOptions.Backing), () => Make(options => options.Backing = (BufferBacking)7));
    }

    [Fact]
    public async Task A_server_does_not_start_with_options_that_make_no_sense()
    {
        ArgumentOutOfRangeException error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => TestServer.StartAsync(options => options.MaximumBytes = 63));
        Assert.Contains("63", error.Message, StringComparison.Ordinal);
    }

    private static NativeMemoryPoolFactory Make(Action<NativeMemoryPoolFactoryOptions> configure)
    {
        NativeMemoryPoolFactoryOptions options = new();
        configure(options);
        return new NativeMemoryPoolFactory(Options.Create(options), NullLogger<NativeMemoryPoolFactory>.Instance);
    }
}
