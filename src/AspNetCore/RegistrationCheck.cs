using System;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Hosting;

namespace NativeHeap.AspNetCore;

/// <summary>Refuses to start a server that would not rent from our pools though the application says so: <c>UseKestrel</c> registers its own over whatever there is.</summary>
/// <param name="used">What the server uses.</param>
internal sealed class RegistrationCheck(IMemoryPoolFactory<byte> used) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) =>
        used is NativeMemoryPoolFactory
            ? Task.CompletedTask
            : throw new InvalidOperationException($"The server would use {used.GetType().Name} in place of {nameof(NativeMemoryPoolFactory)}: it was registered after {nameof(NativeHeapWebHostExtensions.UseNativeHeap)} was called. Call {nameof(NativeHeapWebHostExtensions.UseNativeHeap)} last, after UseKestrel.");

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
