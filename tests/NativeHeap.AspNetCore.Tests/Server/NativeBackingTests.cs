using System;
using System.Linq;
using System.Net.Http;
using System.Threading.Tasks;

using Microsoft.Extensions.Logging;

using Xunit;

namespace NativeHeap.AspNetCore.Tests.Server;

/// <summary>
/// What Kestrel's sockets do with memory that is no array: they receive into it and send it one buffer at a time, and refuse several at once. As long as this holds,
/// <see cref="BufferBacking.PinnedObjectHeap"/> is what <see cref="NativeHeapWebHostExtensions"/> uses unless told otherwise.
/// </summary>
public sealed class NativeBackingTests : IDisposable
{
    private readonly Heap _heap = new();

    public void Dispose() => _heap.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Bodies_come_and_short_responses_go(int version)
    {
        await using TestServer server = await StartAsync();
        using HttpClient client = server.Connect(version);
        await client.DownloadAsync(1, 1_000);
        await client.UploadAsync(2, 1_000_000);
        await client.EchoAsync(3, 2_000);
        Assert.NotEqual(0, _heap.GetStatistics().LiveBytes);
        await server.StopAsync();
        Assert.Equal(0, _heap.GetStatistics().LiveObjects);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_response_of_several_buffers_is_refused_and_the_server_goes_on(int version)
    {
        await using TestServer server = await StartAsync();
        using (HttpClient client = server.Connect(version))
        {
            _ = await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.DownloadAsync(1, 20_000));
        }

        await Eventually.IsTrueAsync(() => server.Log.Entries.Any(entry => entry.Exception is InvalidOperationException { Message: "Buffer backed by array was expected" }));
        using (HttpClient client = server.Connect(version))
        {
            await client.DownloadAsync(2, 1_000);
        }

        // In HTTP/2 Kestrel ends neither the stream nor its pipes then: handlers that wait for the client wait for ever, and buffers may stay rented.
        if (version == 1)
        {
            await server.StopAsync();
            Assert.Equal(0, _heap.GetStatistics().LiveObjects);
        }
    }

    [Fact]
    public async Task The_log_says_what_is_to_be_expected_of_it()
    {
        await using TestServer server = await StartAsync();
        Assert.Equal(server.Factory.Pools.Length, server.Log.Entries.Count(entry => entry.Level == LogLevel.Warning && entry.Message.Contains("PinnedObjectHeap", StringComparison.Ordinal)));
    }

    private Task<TestServer> StartAsync() =>
        TestServer.StartAsync(options =>
        {
            options.Backing = BufferBacking.Native;
            options.Heap = _heap;
        });
}
