using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

using NativeHeap.Tests;

using Xunit;

namespace NativeHeap.AspNetCore.Tests.Server;

/// <summary>Kestrel on our pools: every byte right, and every buffer back when it has stopped (<see cref="TestServer.StopAsync"/>).</summary>
public sealed class KestrelTests
{
    private const int LargeBody = 5_000_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, CheckLevel.Off)]
    [InlineData(2, CheckLevel.Off)]
    [InlineData(1, CheckLevel.Basic)]
    [InlineData(2, CheckLevel.Basic)]
    public async Task Bodies_of_any_length_come_and_go_unchanged(int version, CheckLevel check)
    {
        await using TestServer server = await TestServer.StartAsync(options => options.Check = check);
        using HttpClient client = server.Connect(version);
        int seed = 0;
        foreach (int length in (int[])[0, 1, 100, 4_095, 4_096, 4_097, 8_192, 20_000, 65_536, 300_001, LargeBody])
        {
            await client.DownloadAsync(++seed, length);
            await client.UploadAsync(++seed, length);
            await client.EchoAsync(++seed, length);
        }

        await server.StopAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Many_requests_at_once_are_all_answered_right(int version)
    {
        const int Clients = 16;
        int requests = LongTests.Scale(fast: 40, slow: 400);
        await using TestServer server = await TestServer.StartAsync(options => options.IdleTime = TimeSpan.FromMilliseconds(50));
        using HttpClient client = server.Connect(version);
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async number =>
        {
            Random random = new(number);
            for (int request = 0; request < requests; request++)
            {
                int length = random.Next(1 << random.Next(4, 17));
                Task exchange = (request % 3) switch
                {
                    0 => client.DownloadAsync(random.Next(1000), length),
                    1 => client.UploadAsync(random.Next(1000), length),
                    _ => client.EchoAsync(random.Next(1000), length),
                };
                await exchange;
            }
        }));
        await server.StopAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_client_that_leaves_in_the_middle_of_a_response_takes_no_buffer_with_it(int version)
    {
        int rounds = LongTests.Scale(fast: 20, slow: 80);
        await using TestServer server = await TestServer.StartAsync();
        using HttpClient client = server.Connect(version);
        for (int round = 0; round < rounds; round++)
        {
            using (HttpResponseMessage response = await client.GetAsync(new Uri($"/bytes/{round}/50000000", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancel))
            {
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
                byte[] start = new byte[10_000 * (round % 7)];
                await using Stream body = await response.Content.ReadAsStreamAsync(Cancel);
                await body.ReadExactlyAsync(start, Cancel);
                Assert.Equal(-1, Pattern.FindWrong(start, round));
            }

            await client.DownloadAsync(round, 100_000);
        }

        await server.StopAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_client_that_leaves_in_the_middle_of_a_request_takes_no_buffer_with_it(int version)
    {
        int rounds = LongTests.Scale(fast: 20, slow: 80);
        await using TestServer server = await TestServer.StartAsync();
        using HttpClient client = server.Connect(version);
        for (int round = 0; round < rounds; round++)
        {
            await client.LeaveAsync(round % 2 == 0 ? "/echo" : "/stall", round, 10_000 * ((round % 7) + 1));
            await client.UploadAsync(round, 100_000);
        }

        await server.StopAsync();
    }

    [Fact]
    public async Task What_a_server_is_stopped_in_the_middle_of_leaves_no_buffer_behind()
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpClient client = server.Connect(1);
        await client.LeaveAsync("/stall", seed: 1, part: 500_000, before: async () =>
        {
            await Eventually.IsTrueAsync(() => server.Factory.Pools.Sum(pool => pool.GetStatistics().RentedBytes) > 300_000);
            await server.StopAsync();
        });
    }

    [Fact]
    public async Task Buffers_are_cleared_when_they_are_returned_if_that_is_asked_for()
    {
        await using TestServer server = await TestServer.StartAsync(options => options.ClearOnReturn = true);
        using HttpClient client = server.Connect(1);
        await client.EchoAsync(1, 100_000);
        foreach (NativeMemoryPool pool in server.Factory.Pools)
        {
            using (NativeMemoryOwner written = pool.RentExact(4096))
            {
                written.Span.Fill(1);
            }

            using NativeMemoryOwner again = pool.RentExact(4096);
            Assert.False(again.Span.ContainsAnyExcept((byte)0));
        }

        await server.StopAsync();
    }
}
