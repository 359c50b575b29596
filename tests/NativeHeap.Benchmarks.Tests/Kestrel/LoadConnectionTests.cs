using System;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;

using NativeHeap.Benchmarks.Measures.Kestrel;

using Xunit;

namespace NativeHeap.Benchmarks.Tests.Kestrel;

/// <summary>The client that loads the server: what it takes for right, and what it does not.</summary>
public sealed class LoadConnectionTests
{
    private const int Length = 1_000;

    private static readonly KestrelCell s_cell = new("test", false, Length, 3);
    private static readonly byte[] s_content = KestrelCell.MakeContent();
    private static readonly string s_head = $"HTTP/1.1 200 OK\r\nContent-Length: {Length}\r\nDate: today\r\n\r\n";

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public void Answers_that_are_right_are_taken_however_they_come(int part) => Exchange(part, Answer(), Answer(), Answer());

    [Fact]
    public void An_answer_that_is_not_right_is_told()
    {
        byte[] wrong = Answer();
        wrong[^1] ^= 1;
        Assert.Contains("wrong", Fault(Answer(), Answer(), wrong), StringComparison.Ordinal);
        Assert.Contains("999 bytes", Fault(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n")), StringComparison.Ordinal);
        Assert.Contains("500", Fault(Encoding.ASCII.GetBytes("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")), StringComparison.Ordinal);
        Assert.Contains("closed", Fault(Answer(), Answer()), StringComparison.Ordinal);
        Assert.Contains("closed", Fault(Answer(), Answer(), Answer()[..500]), StringComparison.Ordinal);
    }

    [Fact]
    public void Both_kinds_of_buffers_are_measured()
    {
        (int code, string output, string errors) = CommandProcess.Run("kestrel", "--quick", "--cells", "plaintext/?", "--subjects", "Pinned,Kestrel");
        Assert.True(code == 0, output + errors);
        Assert.Contains("plaintext/1  Pinned", output, StringComparison.Ordinal);
        Assert.Contains("plaintext/1  Kestrel", output, StringComparison.Ordinal);
    }

    private static byte[] Answer() => [.. Encoding.ASCII.GetBytes(s_head), .. s_content.AsSpan(0, Length)];

    private static string Fault(params byte[][] answers) => Assert.Throws<FaultException>(() => Exchange(100_000, answers)).Message;

    // A server that answers so, in parts of so many bytes, whatever it is asked, and closes.
    private static void Exchange(int part, params byte[][] answers)
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        byte[] all = [.. answers.SelectMany(answer => answer)];
        Task serving = Task.Run(
            () =>
            {
                using Socket server = listener.Accept();
                server.NoDelay = true;
                _ = server.Receive(new byte[1_000]);
                for (int sent = 0; sent < all.Length; sent += part)
                {
                    _ = server.Send(all.AsSpan(sent, int.Min(part, all.Length - sent)));
                }

                server.Shutdown(SocketShutdown.Send);
            },
            TestContext.Current.CancellationToken);
        using LoadConnection connection = new(s_cell, ((IPEndPoint)listener.LocalEndPoint!).Port, s_content);
        connection.Exchange();
        Assert.True(serving.Wait(10_000, TestContext.Current.CancellationToken));
    }
}
