using System;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Text.Json;
using System.Threading.Tasks;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace NativeHeap.AspNetCore;

/// <summary>Serves what heaps and pools hold.</summary>
public static class NativeHeapEndpointExtensions
{
    /// <summary>
    /// Answers <c>GET</c> with the statistics of the process, its heaps and pools as one JSON object: <see cref="NativeMemoryPool.Shared"/>, the server's pools, and those registered as services of type
    /// <see cref="NativeMemoryPool"/>. docs/statistics.md lists the keys.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The route.</param>
    /// <returns>The endpoint, for conventions such as <c>RequireAuthorization()</c> or <c>RequireHost("*:8081")</c>.</returns>
    /// <remarks>
    /// What memory a process has in use, and the names of its heaps, are nobody's business outside: protect the endpoint by authorization, or by a host and port that only operators reach. A request costs some
    /// microseconds a heap and stops nobody.
    /// </remarks>
    public static IEndpointConventionBuilder MapNativeHeapStatistics(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern = "/nativeheap")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ReportedPools pools = new(endpoints.ServiceProvider);
        RequestDelegate write = context => WriteAsync(context.Response, pools);
        return endpoints.MapGet(pattern, write).WithDisplayName("NativeHeap statistics");
    }

    private static async Task WriteAsync(HttpResponse response, ReportedPools pools)
    {
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        PipeWriter body = response.BodyWriter;
        using (Utf8JsonWriter writer = new(body))
        {
            Heap.WriteStatistics(writer, pools.All.AsSpan());
        }

        _ = await body.FlushAsync(response.HttpContext.RequestAborted).ConfigureAwait(false);
    }
}
