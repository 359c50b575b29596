using System;
using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;

using NativeHeap.Tests;

using Xunit;

namespace NativeHeap.AspNetCore.Tests.Peers;

/// <summary>System.IO.Pipelines over sockets, with buffers of ours at both ends.</summary>
public sealed class PipelinesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(BufferBacking.Native, CheckLevel.Off)]
    [InlineData(BufferBacking.Native, CheckLevel.Basic)]
    [InlineData(BufferBacking.PinnedObjectHeap, CheckLevel.Off)]
    public async Task Messages_over_streams_of_sockets_arrive_unchanged(BufferBacking backing, CheckLevel check)
    {
        await using TestPool pool = new(backing, check);
        (Socket client, Socket server) = await ConnectAsync();
        await using NetworkStream sending = new(client, ownsSocket: true);
        await using NetworkStream receiving = new(server, ownsSocket: true);
        PipeWriter writer = PipeWriter.Create(sending, new StreamPipeWriterOptions(pool.Pool));
        PipeReader reader = PipeReader.Create(receiving, new StreamPipeReaderOptions(pool.Pool, bufferSize: 1_000, minimumReadSize: 100));
        await Task.WhenAll(SendAsync(writer), ReceiveAsync(reader));
    }

    [Theory]
    [InlineData(BufferBacking.Native, CheckLevel.Off)]
    [InlineData(BufferBacking.Native, CheckLevel.Basic)]
    [InlineData(BufferBacking.PinnedObjectHeap, CheckLevel.Off)]
    public async Task Messages_through_pipes_that_are_filled_and_emptied_by_sockets_arrive_unchanged(BufferBacking backing, CheckLevel check)
    {
        await using TestPool pool = new(backing, check);
        (Socket client, Socket server) = await ConnectAsync();
        using (client)
        using (server)
        {
            Pipe outgoing = new(new PipeOptions(pool.Pool, minimumSegmentSize: 2_000));
            Pipe incoming = new(new PipeOptions(pool.Pool, pauseWriterThreshold: 100_000, resumeWriterThreshold: 50_000));
            await Task.WhenAll(SendAsync(outgoing.Writer), EmptyAsync(outgoing.Reader, client), FillAsync(incoming.Writer, server), ReceiveAsync(incoming.Reader));
        }
    }

    private static async Task<(Socket Client, Socket Server)> ConnectAsync()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint!, Cancel);
        return (client, await listener.AcceptAsync(Cancel));
    }

    // A message is its length and its pattern, whose seed is its number.
    private static async Task SendAsync(PipeWriter writer)
    {
        Random random = new(1);
        int messages = LongTests.Scale(fast: 1_000, slow: 10_000);
        for (int number = 0; number < messages; number++)
        {
            int length = random.Next(1 << random.Next(1, 17));
            BinaryPrimitives.WriteInt32LittleEndian(writer.GetSpan(sizeof(int)), length);
            writer.Advance(sizeof(int));
            Pattern.Fill(writer.GetSpan(length)[..length], number);
            writer.Advance(length);
            _ = number % 3 == 0 ? await writer.FlushAsync(Cancel) : default;
        }

        await writer.CompleteAsync();
    }

    private static async Task ReceiveAsync(PipeReader reader)
    {
        int number = 0;
        while (true)
        {
            ReadResult read = await reader.ReadAsync(Cancel);
            ReadOnlySequence<byte> rest = read.Buffer;
            while (TryTake(ref rest, out ReadOnlySequence<byte> message))
            {
                Assert.Equal(-1, Pattern.FindWrong(message, number++));
            }

            reader.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted)
            {
                Assert.True(rest.IsEmpty);
                break;
            }
        }

        Assert.Equal(LongTests.Scale(fast: 1_000, slow: 10_000), number);
        await reader.CompleteAsync();
    }

    private static bool TryTake(ref ReadOnlySequence<byte> rest, out ReadOnlySequence<byte> message)
    {
        SequenceReader<byte> reader = new(rest);
        if (reader.TryReadLittleEndian(out int length) && reader.TryReadExact(length, out message))
        {
            rest = reader.UnreadSequence;
            return true;
        }

        message = default;
        return false;
    }

    private static async Task EmptyAsync(PipeReader reader, Socket socket)
    {
        while (true)
        {
            ReadResult read = await reader.ReadAsync(Cancel);
            foreach (ReadOnlyMemory<byte> segment in read.Buffer)
            {
                for (ReadOnlyMemory<byte> rest = segment; rest.Length > 0;)
                {
                    rest = rest[await socket.SendAsync(rest, Cancel)..];
                }
            }

            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                break;
            }
        }

        socket.Shutdown(SocketShutdown.Send);
        await reader.CompleteAsync();
    }

    private static async Task FillAsync(PipeWriter writer, Socket socket)
    {
        int received;
        do
        {
            received = await socket.ReceiveAsync(writer.GetMemory(), Cancel);
            writer.Advance(received);
            _ = await writer.FlushAsync(Cancel);
        }
        while (received > 0);

        await writer.CompleteAsync();
    }
}
