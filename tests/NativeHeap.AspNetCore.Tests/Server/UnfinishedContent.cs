using System.IO;
using System.Net;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

namespace NativeHeap.AspNetCore.Tests.Server;

/// <summary>A body of which a part is sent, and the rest never.</summary>
internal sealed class UnfinishedContent(int seed, int part, TaskCompletionSource sent) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(Pattern.Make(seed, part), cancellationToken);
        await stream.FlushAsync(cancellationToken);
        _ = sent.TrySetResult();
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = part + 1_000;
        return true;
    }
}
