// The pools of a server: one a call of Create, as ASP.NET Core wants it, and known here for as long as there is something to know of it.
//
//     _pools = those not disposed of, and those disposed of whose buffers are not all back
//
// Kestrel disposes of its pools when it stops, or when an endpoint goes. What it had rented comes back afterwards, or never: then it stays in the statistics, where it can be found.

using System;
using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Threading;

using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace NativeHeap.AspNetCore;

/// <summary>Makes a server's pools, and knows them. The service that <see cref="NativeHeapWebHostExtensions"/> registers.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed partial class NativeMemoryPoolFactory : IMemoryPoolFactory<byte>, IDisposable
{
    private readonly Lock _lock = new();
    private readonly NativeMemoryPoolFactoryOptions _options;
    private readonly ILogger _logger;
    private ImmutableArray<NativeMemoryPool> _pools = [];
    private bool _isDisposed;

    /// <summary>Makes a factory. Makes no pool yet.</summary>
    /// <param name="options">What its pools are to be like.</param>
    /// <param name="logger">Who is told of what is unlikely to be wanted.</param>
    /// <param name="meters">Where the pools' figures are published as metrics; null for nowhere.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value of the options is out of its range.</exception>
    /// <exception cref="InvalidOperationException">The options contradict each other.</exception>
    public NativeMemoryPoolFactory(IOptions<NativeMemoryPoolFactoryOptions> options, ILogger<NativeMemoryPoolFactory> logger, IMeterFactory? meters = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logger);
        _options = options.Value;
        _logger = logger;

        // For its errors: now, and not at the first pool.
        _ = _options.ForOwner(owner: null);
        if (meters != null)
        {
            _ = new PoolMeter(meters, this);
        }
    }

    /// <summary>The pools that have not been disposed of, and those that have been and of which buffers are still rented.</summary>
    public ImmutableArray<NativeMemoryPool> Pools
    {
        get
        {
            lock (_lock)
            {
                ForgetEnded();
                return _pools;
            }
        }
    }

    /// <summary>Makes a pool.</summary>
    /// <param name="options">Whose it is; null for nobody's.</param>
    /// <returns>The pool, a <see cref="NativeMemoryPool"/>. The caller disposes of it.</returns>
    /// <exception cref="ObjectDisposedException">The factory has been disposed of.</exception>
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            NativeMemoryPool pool = new(_options.ForOwner(options?.Owner));
            ForgetEnded();
            _pools = _pools.Add(pool);
            if (_options.Backing == BufferBacking.Native)
            {
                WarnOfNative(_logger, pool.Name);
            }

            return pool;
        }
    }

    /// <summary>Disposes of the pools that have not been.</summary>
    public void Dispose()
    {
        ImmutableArray<NativeMemoryPool> pools;
        lock (_lock)
        {
            _isDisposed = true;
            pools = _pools;
        }

        foreach (NativeMemoryPool pool in pools)
        {
            pool.Dispose();
        }
    }

    [LoggerMessage(
        EventId = 1,
        EventName = "NativeBacking",
        Level = LogLevel.Warning,
        Message = "The buffers of the pool '{Pool}' are in native memory. Kestrel's sockets refuse to send it when a response lies in two buffers, as long ones do and short ones may, and reset the connection. Leave NativeMemoryPoolFactoryOptions.Backing at PinnedObjectHeap unless the transport is another.")]
    private static partial void WarnOfNative(ILogger logger, string? pool);

    // Under the lock.
    private void ForgetEnded() => _pools = _pools.RemoveAll(static pool => pool.IsDisposed && pool.GetStatistics().RentedBuffers == 0);
}
