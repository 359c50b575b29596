// An application on Kestrel over loopback, with a port for HTTP/1.1 and one for HTTP/2 without TLS, and the endpoints that the tests ask:
//
//     GET  /bytes/{seed}/{length}    a pattern, written in steps of several sizes, some longer than Kestrel's own pool can rent
//     POST /echo                     reads the whole body into buffers of the server's pool, and sends it back
//     POST /check/{seed}             compares the body with a pattern as it comes, and answers with its length
//     POST /stall                    reads nothing, until the request is aborted or the server has stopped
//
// When it has stopped, every buffer must be back.

using System;
using System.Collections.Immutable;
using System.Globalization;
using System.IO;
using System.IO.Pipelines;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Threading.Tasks;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using Nerdbank.Streams;

using Xunit;
using Xunit.Sdk;

namespace NativeHeap.AspNetCore.Tests.Server;

internal sealed class TestServer : IAsyncDisposable
{
    // Of those a user may have 128 on Linux.
    private static readonly string[] s_withoutFileWatchers = ["--hostBuilder:reloadConfigOnChange=false"];

    private static readonly int[] s_steps = [1, 100, 4_096, 5_000, 50_000];

    private readonly WebApplication _application;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ImmutableArray<NativeMemoryPool> _pools;

    private TestServer(WebApplication application, ServerLog log)
    {
        _application = application;
        Log = log;
        Factory = application.Services.GetRequiredService<NativeMemoryPoolFactory>();
    }

    public ServerLog Log { get; }

    public NativeMemoryPoolFactory Factory { get; }

    public IServiceProvider Services => _application.Services;

    public static async Task<TestServer> StartAsync(
        Action<NativeMemoryPoolFactoryOptions>? configure = null,
        Action<WebApplicationBuilder>? build = null,
        Action<WebApplication>? map = null)
    {
        ServerLog log = new();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(s_withoutFileWatchers);
        _ = builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Debug).AddProvider(log);
        _ = builder.WebHost.UseNativeHeap(configure ?? (static _ => { }));
        _ = builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2);
        });
        _ = builder.Services.Configure<SocketTransportOptions>(static options => options.IOQueueCount = 2);
        _ = builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(500));
        build?.Invoke(builder);
        WebApplication application = builder.Build();
        TestServer server = new(application, log);
        _ = application.MapGet("/bytes/{seed}/{length}", new RequestDelegate(SendPatternAsync));
        _ = application.MapPost("/echo", new RequestDelegate(EchoAsync));
        _ = application.MapPost("/check/{seed}", new RequestDelegate(CheckAsync));
        _ = application.MapPost("/stall", new RequestDelegate(server.StallAsync));
        map?.Invoke(application);
        await application.StartAsync(TestContext.Current.CancellationToken);
        server._pools = server.Factory.Pools;
        return server;
    }

    /// <summary>A client of one version of HTTP, with connections of its own.</summary>
    public HttpClient Connect(int version) =>
        new()
        {
            BaseAddress = AddressOf(version),
            DefaultRequestVersion = new Version(version, version == 1 ? 1 : 0),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = TimeSpan.FromSeconds(30),
        };

    public Uri AddressOf(int version) => new(_application.Urls.ElementAt(version - 1));

    /// <summary>Stops the server. Every buffer that it has rented comes back, and what was in its pools has gone.</summary>
    public async Task StopAsync()
    {
        Assert.NotEmpty(_pools);
        await _application.StopAsync(TestContext.Current.CancellationToken);
        _stopped.SetResult();
        try
        {
            await Eventually.AllReturnedAsync(_pools);
        }
        catch (XunitException failure)
        {
            throw new XunitException($"{failure.Message}{Environment.NewLine}{Log.LastLines(200)}");
        }

        Assert.All(_pools, pool => Assert.True(pool.IsDisposed));
        Assert.All(_pools, pool => Assert.Equal(0, pool.GetStatistics().TotalBytes));
        Assert.NotEqual(0, _pools.Sum(pool => pool.GetStatistics().Made));
        Assert.Equal(_pools.Sum(pool => pool.GetStatistics().Made), _pools.Sum(pool => pool.GetStatistics().Unmade));
        Assert.Empty(Factory.Pools);
    }

    public async ValueTask DisposeAsync() => await _application.DisposeAsync();

    private static async Task SendPatternAsync(HttpContext context)
    {
        int seed = Number(context, "seed");
        int length = Number(context, "length");
        context.Response.ContentLength = length;
        PipeWriter body = context.Response.BodyWriter;
        for (int written = 0, step = 0; written < length; step++)
        {
            int count = int.Min(s_steps[step % s_steps.Length], length - written);
            Pattern.Fill(body.GetSpan(count)[..count], seed, written);
            body.Advance(count);
            written += count;
            if (body.UnflushedBytes > 100_000 && (await body.FlushAsync(context.RequestAborted)).IsCompleted)
            {
                return;
            }
        }

        // Once a part has been sent, Kestrel leaves a rest that is not flushed where it is.
        _ = await body.FlushAsync(context.RequestAborted);
    }

    private static async Task EchoAsync(HttpContext context)
    {
        NativeMemoryPool pool = Assert.IsType<NativeMemoryPool>(context.Features.Get<IMemoryPoolFeature>()?.MemoryPool);
        using NativeBufferWriter received = new(pool);
        await using (Stream writing = received.AsStream())
        {
            await context.Request.Body.CopyToAsync(writing, context.RequestAborted);
        }

        context.Response.ContentLength = received.WrittenCount;
        foreach (ReadOnlyMemory<byte> segment in received.WrittenSequence)
        {
            _ = await context.Response.BodyWriter.WriteAsync(segment, context.RequestAborted);
        }
    }

    private static async Task CheckAsync(HttpContext context)
    {
        int seed = Number(context, "seed");
        PipeReader body = context.Request.BodyReader;
        long length = 0;
        while (true)
        {
            ReadResult read = await body.ReadAsync(context.RequestAborted);
            if (Pattern.FindWrong(read.Buffer, seed, length) is var wrong and >= 0)
            {
                context.Response.StatusCode = StatusCodes.Status400BadRequest;
                await context.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"The byte at {wrong} is wrong."), context.RequestAborted);
                return;
            }

            length += read.Buffer.Length;
            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                await context.Response.WriteAsync(length.ToString(CultureInfo.InvariantCulture), context.RequestAborted);
                return;
            }
        }
    }

    // Kestrel may start a request whose client has gone already, and never cancel it.
    private Task StallAsync(HttpContext context) => _stopped.Task.WaitAsync(context.RequestAborted);

    private static int Number(HttpContext context, string name) => int.Parse((string)context.Request.RouteValues[name]!, CultureInfo.InvariantCulture);
}
