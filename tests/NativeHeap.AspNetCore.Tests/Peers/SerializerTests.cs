using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;

using MemoryPack;

using Xunit;

namespace NativeHeap.AspNetCore.Tests.Peers;

/// <summary>Serializers that write to <see cref="NativeBufferWriter"/> and read its sequences: the same bytes as elsewhere, and the same objects back.</summary>
public sealed class SerializerTests
{
    private const int Trades = 3_000;

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(100_000)]
    public async Task Utf8JsonWriter(int firstBufferLength)
    {
        await using TestPool pool = new();
        using NativeBufferWriter output = new(pool.Pool, firstBufferLength);
        ArrayBufferWriter<byte> expected = new();
        for (int round = 0; round < 3; round++)
        {
            expected.ResetWrittenCount();
            WriteJson(expected);
            WriteJson(output);
            AssertSame(expected.WrittenSpan, output);
            using (JsonDocument document = JsonDocument.Parse(output.WrittenSequence))
            {
                Assert.Equal(Trades, document.RootElement.GetArrayLength());
                Assert.Equal(Text(Trades - 1), document.RootElement[Trades - 1].GetProperty("text").GetString());
            }

            output.Clear();
        }
    }

    [Fact]
    public async Task JsonSerializer_through_a_PipeWriter()
    {
        await using TestPool pool = new();
        Pipe pipe = new(new PipeOptions(pool.Pool, pauseWriterThreshold: 0));
        List<Trade> trades = MakeTrades();
        await JsonSerializer.SerializeAsync(pipe.Writer, trades, cancellationToken: TestContext.Current.CancellationToken);
        await pipe.Writer.CompleteAsync();
        List<Trade>? back = await JsonSerializer.DeserializeAsync<List<Trade>>(pipe.Reader, cancellationToken: TestContext.Current.CancellationToken);
        await pipe.Reader.CompleteAsync();
        Assert.Equal(trades, back);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(100_000)]
    public async Task MemoryPack(int firstBufferLength)
    {
        await using TestPool pool = new();
        using NativeBufferWriter output = new(pool.Pool, firstBufferLength);
        List<Trade> trades = MakeTrades();
        MemoryPackSerializer.Serialize(output, trades);
        AssertSame(MemoryPackSerializer.Serialize(trades), output);
        Assert.Equal(trades, MemoryPackSerializer.Deserialize<List<Trade>>(output.WrittenSequence));

        // What was detached outlives the writer.
        DetachedSequence detached = output.Detach();
        output.Dispose();
        Assert.Equal(trades, MemoryPackSerializer.Deserialize<List<Trade>>(detached.Sequence));
        detached.Dispose();
    }

    private static void AssertSame(ReadOnlySpan<byte> expected, NativeBufferWriter output)
    {
        Assert.Equal(expected.Length, output.WrittenCount);
        Assert.True(expected.SequenceEqual(output.WrittenSequence.ToArray()));
        Assert.Equal(expected.Length < 50_000, output.WrittenSequence.IsSingleSegment);
    }

    private static void WriteJson(IBufferWriter<byte> output)
    {
        using Utf8JsonWriter json = new(output);
        json.WriteStartArray();
        for (int number = 0; number < Trades; number++)
        {
            json.WriteStartObject();
            json.WriteNumber("number", number);
            json.WriteString("text", Text(number));
            json.WriteEndObject();
            if (number % 100 == 0)
            {
                json.Flush();
            }
        }

        json.WriteEndArray();
    }

    private static List<Trade> MakeTrades() => [.. Enumerable.Range(0, Trades).Select(number => new Trade(number, number * 1.25m, Text(number)))];

    private static string Text(int number) => new((char)('ä' + (number % 20)), number % 90);
}

[MemoryPackable]
public sealed partial record Trade(long Id, decimal Price, string Text);
