using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

using Xunit;

namespace NativeHeap.AspNetCore.Tests.Reports;

/// <summary>The health check: thresholds against the limits of the process, of heaps and of pools.</summary>
public sealed class HealthCheckTests : IDisposable
{
    private const string Name = "nativeheap";

    private readonly long? _processMaximum = ProcessLimits.MaximumBytes;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public HealthCheckTests() => ProcessLimits.MaximumBytes = null;

    public void Dispose() => ProcessLimits.MaximumBytes = _processMaximum;

    [Fact]
    public async Task What_has_no_limit_is_healthy()
    {
        HealthReportEntry entry = await CheckAsync();
        Assert.Equal(HealthStatus.Healthy, entry.Status);
        Assert.Equal("Nothing has a limit.", entry.Description);
        Assert.Empty(entry.Data);
    }

    [Theory]
    [InlineData(79, HealthStatus.Healthy)]
    [InlineData(80, HealthStatus.Degraded)]
    [InlineData(94, HealthStatus.Degraded)]
    [InlineData(95, HealthStatus.Unhealthy)]
    [InlineData(100, HealthStatus.Unhealthy)]
    public async Task A_heap_is_judged_by_what_lives_in_it(int pages, HealthStatus expected)
    {
        const int Page = 8192;
        using Heap heap = new(new HeapOptions { Name = "books", MaximumBytes = 100 * Page });
        Use(heap, pages * Page);
        HealthReportEntry entry = await CheckAsync();
        Assert.Equal(expected, entry.Status);
        Assert.Equal($"Closest to its limit is the heap 'books': {pages * Page:N0} of {100 * Page:N0} bytes are in use ({pages}.0 %).", entry.Description);
        Assert.Equal(pages / 100.0, (double)entry.Data["the heap 'books'"], 1e-9);
    }

    [Fact]
    public async Task What_is_free_in_a_heap_at_its_limit_is_no_harm()
    {
        using Heap heap = new(new HeapOptions { Name = "warm", MaximumBytes = 1 << 20, Profile = HeapProfile.LowLatency });
        unsafe
        {
            void* block = heap.Alloc(1 << 20);
            heap.Free(block);
        }

        Assert.Equal(HealthStatus.Healthy, (await CheckAsync()).Status);
    }

    [Fact]
    public async Task A_pool_is_judged_by_what_is_rented_of_it()
    {
        using NativeMemoryPool pool = new(new NativeMemoryPoolOptions { Name = "messages", MaximumBytes = 8192 });
        pool.RentExact(8192).Dispose();
        HealthReportEntry entry = await CheckAsync(services => services.AddSingleton(pool));
        Assert.Equal(8192, pool.GetStatistics().TotalBytes);
        Assert.Equal(HealthStatus.Healthy, entry.Status);
        using NativeMemoryOwner rented = pool.RentExact(8192);
        entry = await CheckAsync(services => services.AddSingleton(pool));
        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.Contains("the pool 'messages'", entry.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_worst_of_all_is_what_counts_and_all_are_told()
    {
        using Heap roomy = new(new HeapOptions { Name = "roomy", MaximumBytes = 1 << 20 });
        using Heap full = new(new HeapOptions { Name = "full", MaximumBytes = 1 << 20 });
        Use(full, 1 << 20);
        ProcessLimits.MaximumBytes = 1L << 30;
        HealthReportEntry entry = await CheckAsync();
        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.Equal(["the heap 'full'", "the heap 'roomy'", "the process"], entry.Data.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(1.0, entry.Data["the heap 'full'"]);
        Assert.InRange((double)entry.Data["the process"], 1.0 / 1024, 0.5);
    }

    [Fact]
    public async Task Thresholds_and_the_status_of_failure_are_the_callers()
    {
        using Heap heap = new(new HeapOptions { MaximumBytes = 1 << 20 });
        Use(heap, 1 << 19);
        Assert.Equal(HealthStatus.Degraded, (await CheckAsync(degradedAt: 0.5, unhealthyAt: 0.6)).Status);
        Assert.Equal(HealthStatus.Unhealthy, (await CheckAsync(degradedAt: 0.5, unhealthyAt: 0.5)).Status);
        Assert.Equal(HealthStatus.Degraded, (await CheckAsync(degradedAt: 0.1, unhealthyAt: 0.2, failureStatus: HealthStatus.Degraded)).Status);
    }

    [Theory]
    [InlineData(0, 0.5, "degradedAt")]
    [InlineData(1.1, 1.2, "degradedAt")]
    [InlineData(double.NaN, 0.5, "degradedAt")]
    [InlineData(0.5, 0.4, "unhealthyAt")]
    [InlineData(0.5, 1.1, "unhealthyAt")]
    [InlineData(0.5, double.NaN, "unhealthyAt")]
    public void Shares_that_make_no_sense_are_named(double degradedAt, double unhealthyAt, string parameter) =>
        _ = Assert.Throws<ArgumentOutOfRangeException>(parameter, () => new ServiceCollection().AddHealthChecks().AddNativeHeap(degradedAt, unhealthyAt));

    private static unsafe void Use(Heap heap, int bytes) => _ = heap.Alloc((nuint)bytes);

    private static async Task<HealthReportEntry> CheckAsync(
        Action<IServiceCollection>? register = null,
        double degradedAt = 0.8,
        double unhealthyAt = 0.95,
        HealthStatus? failureStatus = null)
    {
        ServiceCollection services = new();
        _ = services.AddLogging();
        _ = services.AddHealthChecks().AddNativeHeap(degradedAt, unhealthyAt, Name, failureStatus, ["memory"]);
        register?.Invoke(services);
        await using ServiceProvider provider = services.BuildServiceProvider();
        HealthReport report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancel);
        KeyValuePair<string, HealthReportEntry> only = Assert.Single(report.Entries);
        Assert.Equal(Name, only.Key);
        Assert.Equal(["memory"], only.Value.Tags);
        return only.Value;
    }
}
