// The books and the latency, live, over HTTP: Kestrel on a port of the loopback.
//
//     GET /book       each symbol's best levels, as they are between two messages
//     GET /latency    wire to book since the window opened
//     GET /memory     what NativeHeap's heaps and pools hold
//     GET /           how far the session is
//
// A run on the native pool has Kestrel on it, too.
// Kestrel sets the time of its responses once a second, asked or not, and allocates for that. A run that is to allocate nothing is one without --http.

using System;
using System.Net;
using System.Text.Json;
using System.Threading.Tasks;

using Gateway.Memory;
using Gateway.Session;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

using NativeHeap.AspNetCore;

namespace Gateway.Web;

internal sealed class Endpoint : IDisposable
{
    private readonly WebApplication _application;

    private Endpoint(WebApplication application) => _application = application;

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>Begins to serve.</summary>
    /// <param name="port">The port; 0 for any that is free.</param>
    /// <param name="pool">The pool of the run.</param>
    /// <param name="book">The book's thread.</param>
    /// <param name="view">Its books.</param>
    /// <exception cref="System.IO.IOException">The port is taken.</exception>
    public static Endpoint Start(int port, PoolKind pool, BookBuilder book, BookView view)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel((KestrelServerOptions options) => options.Listen(IPAddress.Loopback, port));
        if (pool == PoolKind.Native)
        {
            builder.WebHost.UseNativeHeap();
        }

        WebApplication application = builder.Build();
        Endpoint endpoint = new(application);
        application.MapGet("/", context => WriteAsync(context, json => WriteProgress(json, pool, book)));
        application.MapGet("/latency", context => WriteAsync(context, json => WriteLatency(json, book.Window)));
        application.MapGet("/book", context => WriteAsync(context, json => WriteBook(json, view.Look())));
        application.MapNativeHeapStatistics("/memory");
        application.StartAsync().GetAwaiter().GetResult();
        foreach (string url in application.Urls)
        {
            endpoint.Address = new Uri(url);
        }

        return endpoint;
    }

    public void Dispose()
    {
        _application.StopAsync().GetAwaiter().GetResult();
        ((IDisposable)_application).Dispose();
    }

    private static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        context.Response.ContentType = "application/json";
        using Utf8JsonWriter json = new(context.Response.BodyWriter);
        json.WriteStartObject();
        write(json);
        json.WriteEndObject();
        await json.FlushAsync();
        await context.Response.BodyWriter.FlushAsync();
    }

    private static void WriteProgress(Utf8JsonWriter json, PoolKind pool, BookBuilder book)
    {
        json.WriteString("pool", pool.Name());
        json.WriteNumber("messages", book.Last);
        json.WriteNumber("announced", book.Announced);
    }

    private static void WriteLatency(Utf8JsonWriter json, MeasuredWindow window)
    {
        LatencyFigures latency = window.Latencies();
        json.WriteNumber("count", latency.Count);
        json.WriteNumber("p50", latency.P50);
        json.WriteNumber("p99", latency.P99);
        json.WriteNumber("p999", latency.P999);
        json.WriteNumber("p9999", latency.P9999);
        json.WriteNumber("max", latency.Max);
    }

    private static void WriteBook(Utf8JsonWriter json, SymbolView[]? views)
    {
        foreach (SymbolView view in views ?? [])
        {
            json.WriteStartObject(view.Symbol);
            json.WriteNumber("resting", view.RestingOrders);
            WriteLevels(json, "bids", view.Bids);
            WriteLevels(json, "asks", view.Asks);
            json.WriteEndObject();
        }
    }

    private static void WriteLevels(Utf8JsonWriter json, string name, LevelView[] levels)
    {
        json.WriteStartArray(name);
        foreach (LevelView level in levels)
        {
            json.WriteStartObject();
            json.WriteNumber("price", level.Price);
            json.WriteNumber("quantity", level.Quantity);
            json.WriteNumber("orders", level.Orders);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
