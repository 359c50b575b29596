using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using NativeHeap.AspNetCore.Tests.Server;

using Xunit;

namespace NativeHeap.AspNetCore.Tests.Reports;

/// <summary>The statistics as an endpoint.</summary>
public sealed class StatisticsEndpointTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_answers_with_the_process_its_heaps_the_servers_pools_and_registered_ones()
    {
        using Heap heap = new(new HeapOptions { Name = "books" });
        using NativeMemoryPool messages = new(new NativeMemoryPoolOptions { Name = "messages", Heap = heap });
        using NativeMemoryOwner rented = messages.RentExact(1_000);
        await using TestServer server = await TestServer.StartAsync(
            build: builder => builder.Services.AddSingleton(messages).AddSingleton(messages).AddSingleton(NativeMemoryPool.Shared),
            map: application => application.MapNativeHeapStatistics());
        using HttpClient client = server.Connect(1);
        using HttpResponseMessage response = await client.GetAsync(new Uri("/nativeheap", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        Assert.True(response.Headers.CacheControl?.NoStore);
        await using Stream body = await response.Content.ReadAsStreamAsync(Cancel);
        using JsonDocument document = await JsonDocument.ParseAsync(body, cancellationToken: Cancel);
        JsonElement root = document.RootElement;
        Assert.Equal(ProcessStatistics.Version, root.GetProperty("version").GetInt32());
        Assert.True(root.GetProperty("process").GetProperty("liveBytes").GetInt64() >= 1_000);
        Assert.Contains("books", root.GetProperty("heaps").EnumerateArray().Select(each => each.GetProperty("name").GetString()));
        JsonElement[] pools = [.. root.GetProperty("pools").EnumerateArray()];
        Assert.Equal(["Shared", "kestrel", "kestrel", "kestrel", "kestrel", "messages"], pools.Select(pool => pool.GetProperty("name").GetString()));
        Assert.Equal(1, pools[^1].GetProperty("rentedBuffers").GetInt64());

        // The request's own.
        Assert.NotEqual(0, pools[1..5].Sum(pool => pool.GetProperty("rentedBytes").GetInt64()));
    }

    [Fact]
    public async Task It_works_without_the_servers_pools_and_takes_conventions()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        _ = builder.Logging.ClearProviders();
        await using WebApplication application = builder.Build();
        application.Urls.Add("http://127.0.0.1:0");
        _ = application.MapNativeHeapStatistics("/memory");
        _ = application.MapNativeHeapStatistics("/internal").RequireHost("operators.example");
        await application.StartAsync(Cancel);
        using HttpClient client = new() { BaseAddress = new Uri(application.Urls.First()) };
        using JsonDocument document = JsonDocument.Parse(await client.GetStringAsync(new Uri("/memory", UriKind.Relative), Cancel));
        Assert.Equal(1, document.RootElement.GetProperty("pools").GetArrayLength());
        using HttpResponseMessage refused = await client.GetAsync(new Uri("/internal", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        using HttpRequestMessage request = new(HttpMethod.Get, "/internal");
        request.Headers.Host = "operators.example";
        using HttpResponseMessage answered = await client.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
    }
}
