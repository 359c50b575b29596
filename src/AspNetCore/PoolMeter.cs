// The pools' figures as metrics, with the names, units and tags of ASP.NET Core's own (aspnetcore.memory_pool.*). Read when somebody collects them: nothing is counted for it.
//
// Pools of one owner are one series, since a collector keeps one value for each set of tags.

using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;

namespace NativeHeap.AspNetCore;

/// <summary>Publishes the figures of a factory's pools.</summary>
internal sealed class PoolMeter
{
    /// <summary>The meter's name.</summary>
    public const string Name = "NativeHeap.MemoryPool";

    private const string Bytes = "By";
    private const string OwnerTag = "owner";

    private readonly NativeMemoryPoolFactory _factory;

    /// <summary>Begins to publish.</summary>
    /// <param name="meters">Who makes the meter, and ends it.</param>
    /// <param name="factory">Whose pools.</param>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "A meter belongs to the factory that made it.")]
    public PoolMeter(IMeterFactory meters, NativeMemoryPoolFactory factory)
    {
        _factory = factory;
        Meter meter = meters.Create(Name);
        _ = meter.CreateObservableUpDownCounter("nativeheap.memory_pool.rented", () => Sum(static pool => pool.RentedBytes), Bytes, "Bytes of the buffers that are rented.");
        _ = meter.CreateObservableUpDownCounter("nativeheap.memory_pool.pooled", () => Sum(static pool => pool.PooledBytes), Bytes, "Bytes of the buffers that wait to be rented.");
        _ = meter.CreateObservableUpDownCounter("nativeheap.memory_pool.waiting", () => Sum(static pool => pool.WaitingRents), "{rent}", "Rents that wait at the pool's limit.");
        _ = meter.CreateObservableCounter("nativeheap.memory_pool.made", () => Sum(static pool => pool.Made), "{buffer}", "Buffers that have been made.");
        _ = meter.CreateObservableCounter("nativeheap.memory_pool.unmade", () => Sum(static pool => pool.Unmade), "{buffer}", "Buffers that have gone back to the heap, or to the collector.");
    }

    private List<Measurement<long>> Sum(Func<NativeMemoryPoolStatistics, long> figureOf)
    {
        Dictionary<string, long> sums = [];
        foreach (NativeMemoryPool pool in _factory.Pools)
        {
            string owner = pool.Name ?? string.Empty;
            sums[owner] = sums.GetValueOrDefault(owner) + figureOf(pool.GetStatistics());
        }

        List<Measurement<long>> measurements = new(sums.Count);
        foreach ((string owner, long sum) in sums)
        {
            measurements.Add(new Measurement<long>(sum, new KeyValuePair<string, object?>(OwnerTag, owner)));
        }

        return measurements;
    }
}
