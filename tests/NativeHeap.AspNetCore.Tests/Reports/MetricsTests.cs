using System.Collections.Generic;
using System.Diagnostics.Metrics;
using System.Linq;
using System.Net.Http;
using System.Threading.Tasks;

using NativeHeap.AspNetCore.Tests.Server;

using Xunit;

namespace NativeHeap.AspNetCore.Tests.Reports;

/// <summary>The pools' figures as metrics.</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task They_are_the_sums_of_what_an_owners_pools_say()
    {
        await using TestServer server = await TestServer.StartAsync();
        Dictionary<string, long> values = [];
        Dictionary<string, string?> units = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "NativeHeap.MemoryPool")
            {
                units[instrument.Name] = instrument.Unit;
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            Assert.Equal([KeyValuePair.Create("owner", (object?)"kestrel")], tags.ToArray());
            values.Add(instrument.Name, value);
        });
        listener.Start();
        using (HttpClient client = server.Connect(1))
        {
            await client.EchoAsync(1, 100_000);
        }

        NativeMemoryOwner rented = server.Factory.Pools[1].RentExact(4096);
        NativeMemoryPoolStatistics[] all = [];

        // The connection is still being closed, which takes a buffer and returns it.
        await Eventually.IsTrueAsync(() =>
        {
            all = ReadPools();
            values.Clear();
            listener.RecordObservableInstruments();
            return all.Sum(pool => pool.RentedBytes) == rented.Length && all.SequenceEqual(ReadPools());
        });
        Assert.Equal(
            new Dictionary<string, long>
            {
                ["nativeheap.memory_pool.rented"] = 4096,
                ["nativeheap.memory_pool.pooled"] = all.Sum(pool => pool.PooledBytes),
                ["nativeheap.memory_pool.waiting"] = 0,
                ["nativeheap.memory_pool.made"] = all.Sum(pool => pool.Made),
                ["nativeheap.memory_pool.unmade"] = all.Sum(pool => pool.Unmade),
            },
            values);
        Assert.Equal("By", units["nativeheap.memory_pool.rented"]);
        Assert.Equal("By", units["nativeheap.memory_pool.pooled"]);
        Assert.NotEqual(0, values["nativeheap.memory_pool.pooled"]);
        rented.Dispose();
        await server.StopAsync();

        NativeMemoryPoolStatistics[] ReadPools() => [.. server.Factory.Pools.Select(pool => pool.GetStatistics())];
    }
}
