using System;
using System.Linq;
using System.Net.Http;
using System.Threading.Tasks;

using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

using Xunit;

namespace NativeHeap.AspNetCore.Tests.Server;

/// <summary>A server whose pools may grow to so many bytes and no further.</summary>
public sealed class LimitTests
{
    private const int Limit = 128 * 1024;

    // Kestrel would hold a megabyte of such a body.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_connection_that_needs_more_is_aborted_and_others_go_on(int version)
    {
        await using TestServer server = await TestServer.StartAsync(
            options => options.MaximumBytes = Limit,
            builder => builder.WebHost.ConfigureKestrel(static kestrel =>
            {
                kestrel.Limits.Http2.InitialConnectionWindowSize = 1 << 20;
                kestrel.Limits.Http2.InitialStreamWindowSize = 1 << 20;
            }));
        for (int round = 0; round < 4; round++)
        {
            await PassAndObeyAsync(server, version, round);
        }

        Assert.Contains(server.Log.Entries, entry => entry.Exception is OutOfMemoryException && entry.Exception.Message.Contains("'kestrel'", StringComparison.Ordinal));
        Assert.All(server.Factory.Pools, pool => Assert.InRange(pool.GetStatistics().TotalBytes, 0, Limit));

        // In HTTP/2 Kestrel needs memory to say that it ends a connection. Where that is refused as well, it never ends the connection's streams, and their buffers stay rented.
        if (!server.Log.Entries.Any(entry => entry is { Level: LogLevel.Critical, Exception: OutOfMemoryException }))
        {
            await server.StopAsync();
        }
    }

    private static async Task PassAndObeyAsync(TestServer server, int version, int seed)
    {
        using HttpClient greedy = server.Connect(version);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => greedy.PostPatternAsync("/stall", seed, 2_000_000));
        using HttpClient modest = server.Connect(version);
        await modest.DownloadAsync(seed, 10_000);
        await modest.UploadAsync(seed, 10_000);
    }
}
