using System;
using System.Collections.Generic;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace NativeHeap.AspNetCore;

/// <summary>Adds NativeHeap's health check.</summary>
public static class NativeHeapHealthChecksExtensions
{
    /// <summary>
    /// Adds a check of how much of their limits is in use by the process, by each heap and by each pool that has one: by live objects (<see cref="HeapStatistics.LiveBytes"/>) or rented buffers
    /// (<see cref="NativeMemoryPoolStatistics.RentedBytes"/>), since what is free or pooled gives way. The pools are <see cref="NativeMemoryPool.Shared"/>, the server's, and those registered as services of type
    /// <see cref="NativeMemoryPool"/>. What has no limit is always healthy.
    /// </summary>
    /// <param name="builder">The application's health checks.</param>
    /// <param name="degradedAt">The share of a limit from which on the application is degraded: over 0, up to 1.</param>
    /// <param name="unhealthyAt">The share of a limit from which on it is unhealthy: <paramref name="degradedAt"/> or more, up to 1.</param>
    /// <param name="name">The check's name.</param>
    /// <param name="failureStatus">What to report in place of <see cref="HealthStatus.Unhealthy"/>; null for that.</param>
    /// <param name="tags">The check's tags; null for none.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A share is out of its range.</exception>
    public static IHealthChecksBuilder AddNativeHeap(
        this IHealthChecksBuilder builder,
        double degradedAt = 0.8,
        double unhealthyAt = 0.95,
        string name = "nativeheap",
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (degradedAt is not (> 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(degradedAt), degradedAt, "The share of a limit from which on the application is degraded must be over 0, and 1 at most.");
        }

        if (!(unhealthyAt >= degradedAt && unhealthyAt <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(unhealthyAt), unhealthyAt, $"The share of a limit from which on the application is unhealthy must be {nameof(degradedAt)} or more, and 1 at most.");
        }

        return builder.Add(new HealthCheckRegistration(name, services => new LimitHealthCheck(new ReportedPools(services), degradedAt, unhealthyAt), failureStatus, tags));
    }
}
