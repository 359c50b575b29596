// How close the process, its heaps and its pools are to their limits.
//
//     share = what cannot give way / the limit:   live bytes of the process or a heap, rented bytes of a pool
//
// What counts for a limit is more: free slots and pages, buffers in a pool. A request that would pass the limit takes those first; a heap that was told to keep its memory holds its limit's worth for ever, and is
// well. So they are left out.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace NativeHeap.AspNetCore;

/// <summary>Compares what is in use with the limits.</summary>
internal sealed class LimitHealthCheck(ReportedPools pools, double degradedAt, double unhealthyAt) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        Findings findings = new();
        ProcessStatistics process = Heap.GetProcessStatistics();
        findings.Add("the process", process.LiveBytes, process.MaximumBytes);
        foreach (Heap heap in Heap.All)
        {
            AddHeap(findings, heap);
        }

        foreach (NativeMemoryPool pool in pools.All.Insert(0, NativeMemoryPool.Shared))
        {
            NativeMemoryPoolStatistics statistics = pool.GetStatistics();
            findings.Add(Named("the pool", pool.Name), statistics.RentedBytes, statistics.MaximumBytes);
        }

        HealthStatus status = findings.Worst >= unhealthyAt ? context.Registration.FailureStatus : findings.Worst >= degradedAt ? HealthStatus.Degraded : HealthStatus.Healthy;
        return Task.FromResult(new HealthCheckResult(status, findings.Description, data: findings.Shares));
    }

    private static void AddHeap(Findings findings, Heap heap)
    {
        try
        {
            HeapStatistics statistics = heap.GetStatistics();
            findings.Add(Named("the heap", heap.Name), statistics.LiveBytes, statistics.MaximumBytes);
        }
        catch (ObjectDisposedException)
        {
            // It has been disposed of since it was found.
        }
    }

    private static string Named(string what, string? name) => name == null ? what : $"{what} '{name}'";

    // Those of one name are reported by their worst.
    private sealed class Findings
    {
        private readonly Dictionary<string, object> _shares = [];

        public IReadOnlyDictionary<string, object> Shares => _shares;

        public double Worst { get; private set; }

        public string Description { get; private set; } = "Nothing has a limit.";

        public void Add(string what, long used, long? limit)
        {
            if (limit is not { } most)
            {
                return;
            }

            double share = (double)used / most;
            if (!_shares.TryGetValue(what, out object? other) || (double)other < share)
            {
                _shares[what] = share;
            }

            if (_shares.Count == 1 || share > Worst)
            {
                Worst = share;
                Description = string.Create(CultureInfo.InvariantCulture, $"Closest to its limit is {what}: {used:N0} of {most:N0} bytes are in use ({share:0.0 %}).");
            }
        }
    }
}
