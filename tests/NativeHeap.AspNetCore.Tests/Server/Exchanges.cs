using System;
using System.Globalization;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

using Xunit;

namespace NativeHeap.AspNetCore.Tests.Server;

/// <summary>What clients ask a <see cref="TestServer"/>, each answer compared byte for byte.</summary>
internal static class Exchanges
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    extension(HttpClient client)
    {
        public async Task DownloadAsync(int seed, int length)
        {
            byte[] body = await client.GetByteArrayAsync(new Uri($"/bytes/{seed}/{length}", UriKind.Relative), Cancel);
            Assert.Equal(length, body.Length);
            Assert.Equal(-1, Pattern.FindWrong(body, seed));
        }

        public async Task UploadAsync(int seed, int length)
        {
            using ByteArrayContent content = new(Pattern.Make(seed, length));
            using HttpResponseMessage response = await client.PostAsync(new Uri($"/check/{seed}", UriKind.Relative), content, Cancel);
            Assert.Equal(length.ToString(CultureInfo.InvariantCulture), await response.Content.ReadAsStringAsync(Cancel));
        }

        public async Task EchoAsync(int seed, int length)
        {
            using ByteArrayContent content = new(Pattern.Make(seed, length));
            using HttpResponseMessage response = await client.PostAsync(new Uri("/echo", UriKind.Relative), content, Cancel);
            byte[] body = await response.Content.ReadAsByteArrayAsync(Cancel);
            Assert.Equal(length, body.Length);
            Assert.Equal(-1, Pattern.FindWrong(body, seed));
        }

        public async Task PostPatternAsync(string path, int seed, int length)
        {
            using ByteArrayContent content = new(Pattern.Make(seed, length));
            using HttpResponseMessage response = await client.PostAsync(new Uri(path, UriKind.Relative), content, Cancel);
            _ = response.EnsureSuccessStatusCode();
        }

        /// <summary>Sends a part of a body, and leaves before the rest.</summary>
        /// <param name="path">Where to.</param>
        /// <param name="seed">Of the pattern.</param>
        /// <param name="part">The length of the part; it is said to be longer.</param>
        /// <param name="before">What happens in between.</param>
        public async Task LeaveAsync(string path, int seed, int part, Func<Task>? before = null)
        {
            using CancellationTokenSource leaving = new();
            TaskCompletionSource sent = new();
            Task end = Assert.ThrowsAnyAsync<Exception>(() => PostPartAsync(client, path, seed, part, sent, leaving.Token));
            await sent.Task.WaitAsync(Cancel);
            if (before != null)
            {
                await before();
            }

            await leaving.CancelAsync();
            await end;
        }
    }

    private static async Task PostPartAsync(HttpClient client, string path, int seed, int part, TaskCompletionSource sent, CancellationToken cancel)
    {
        using UnfinishedContent content = new(seed, part, sent);
        using HttpResponseMessage response = await client.PostAsync(new Uri(path, UriKind.Relative), content, cancel);
    }
}
