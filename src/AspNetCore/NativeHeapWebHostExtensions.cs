using System;

using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace NativeHeap.AspNetCore;

/// <summary>Gives a server NativeHeap's pools.</summary>
public static class NativeHeapWebHostExtensions
{
    /// <summary>Has the server rent its buffers from <see cref="NativeMemoryPool"/>: pinned arrays, since Kestrel's sockets need arrays.</summary>
    /// <param name="builder">The application's <c>builder.WebHost</c>.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <remarks>
    /// In place of whichever <see cref="IMemoryPoolFactory{T}"/> there is, ASP.NET Core's own or another. To be called after <c>UseKestrel</c>, where an application calls that: else the server does not start, and says so.
    /// </remarks>
    public static IWebHostBuilder UseNativeHeap(this IWebHostBuilder builder) => builder.UseNativeHeap(static _ => { });

    /// <summary>Has the server rent its buffers from <see cref="NativeMemoryPool"/>.</summary>
    /// <param name="builder">The application's <c>builder.WebHost</c>.</param>
    /// <param name="configure">Sets what the pools are to be like. What makes no sense is an error when the server starts.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <inheritdoc cref="UseNativeHeap(IWebHostBuilder)" path="/remarks"/>
    public static IWebHostBuilder UseNativeHeap(this IWebHostBuilder builder, Action<NativeMemoryPoolFactoryOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return builder.ConfigureServices(services =>
        {
            _ = services.Configure(configure);
            services.TryAddSingleton<NativeMemoryPoolFactory>();
            _ = services.RemoveAll<IMemoryPoolFactory<byte>>();
            _ = services.AddSingleton<IMemoryPoolFactory<byte>>(static provider => provider.GetRequiredService<NativeMemoryPoolFactory>());
            _ = services.AddHostedService(static provider => new RegistrationCheck(provider.GetRequiredService<IMemoryPoolFactory<byte>>()));
        });
    }
}
