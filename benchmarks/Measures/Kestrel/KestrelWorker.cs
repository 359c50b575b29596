// The worker's side of `kestrel`: a server whose buffers are of one kind. It answers a first request with its port, and each later one with what it has used so far: processor time and managed memory.
//
//     GET  /LENGTH    so many bytes             POST /    compares the body as it comes, and answers "right" or "wrong"
//
// No routing, no logging, no TLS: what is measured is the way of bytes between application and socket, and the buffers on it.

using System;
using System.Globalization;
using System.IO.Pipelines;
using System.Linq;
using System.Net;
using System.Threading.Tasks;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

using NativeHeap.AspNetCore;
using NativeHeap.Benchmarks.Measuring;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Kestrel;

internal static class KestrelWorker
{
    public const string Start = "start";
    public const string Figures = "figures";

    private static readonly byte[] s_content = KestrelCell.MakeContent();
    private static readonly byte[] s_right = "right"u8.ToArray();
    private static readonly byte[] s_wrong = "wrong"u8.ToArray();

    /// <summary>What the server answers an upload with that came unchanged.</summary>
    public static ReadOnlySpan<byte> Right => s_right;

    public static void Serve(string[] purpose)
    {
        if (purpose is not [string subject])
        {
            throw WorkerProcess.Misused();
        }

        WebApplication application = Build(subject);
        WorkerProcess.Answer(request =>
        {
            if (request != Start)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{Environment.CpuUsage.TotalTime.TotalNanoseconds:R} {GC.GetTotalAllocatedBytes()}");
            }

            application.StartAsync().GetAwaiter().GetResult();
            return new Uri(application.Urls.Single()).Port.ToString(CultureInfo.InvariantCulture);
        });
        application.StopAsync().GetAwaiter().GetResult();
    }

    private static WebApplication Build(string subject)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        _ = builder.Logging.ClearProviders();
        _ = builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http1);
        });
        if (subject == BufferSubjects.PinnedName)
        {
            _ = builder.WebHost.UseNativeHeap();
        }

        WebApplication application = builder.Build();
        application.Run(static context => context.Request.Method == HttpMethods.Post ? CompareAsync(context) : SendAsync(context));
        return application;
    }

    private static async Task SendAsync(HttpContext context)
    {
        int length = int.Parse(context.Request.Path.Value.AsSpan(1), CultureInfo.InvariantCulture);
        context.Response.ContentLength = length;
        _ = await context.Response.BodyWriter.WriteAsync(s_content.AsMemory(0, length), context.RequestAborted);
    }

    private static async Task CompareAsync(HttpContext context)
    {
        PipeReader body = context.Request.BodyReader;
        int position = 0;
        bool isRight = true;
        ReadResult read;
        do
        {
            read = await body.ReadAsync(context.RequestAborted);
            foreach (ReadOnlyMemory<byte> segment in read.Buffer)
            {
                isRight &= segment.Length <= s_content.Length - position && segment.Span.SequenceEqual(s_content.AsSpan(position, segment.Length));
                position += segment.Length;
            }

            body.AdvanceTo(read.Buffer.End);
        }
        while (!read.IsCompleted);

        byte[] answer = isRight && position == context.Request.ContentLength ? s_right : s_wrong;
        context.Response.ContentLength = answer.Length;
        _ = await context.Response.BodyWriter.WriteAsync(answer, context.RequestAborted);
    }
}
