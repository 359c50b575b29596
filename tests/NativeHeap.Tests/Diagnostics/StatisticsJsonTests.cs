using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;

using NativeHeap.Tests.Heaps;

using Xunit;

namespace NativeHeap.Tests.Diagnostics;

/// <summary>Statistics as JSON, beside the structs and the page that describes them.</summary>
public sealed unsafe partial class StatisticsJsonTests : IDisposable
{
    private readonly Heap _heap = new(new HeapOptions { Name = "order \"books\" \n ü", MaximumBytes = 50_000_000 });

    public StatisticsJsonTests()
    {
        foreach (int size in (int[])[10, 100, 100, 5_000, 100_000])
        {
            _ = _heap.Alloc((nuint)size);
        }

        _heap.Free(_heap.Alloc<Order>());
    }

    public void Dispose() => _heap.Dispose();

    [Fact]
    public void What_is_written_is_what_the_structs_say()
    {
        using JsonDocument document = JsonDocument.Parse(Write());
        Assert.Equal(["version", "process", "heaps", "pools"], Keys(document.RootElement));
        Assert.Equal(ProcessStatistics.Version, document.RootElement.GetProperty("version").GetInt32());

        ProcessStatistics process = StatisticsChecks.AssertAllAddUp();
        AssertEqual(process, document.RootElement.GetProperty("process"));
        JsonElement heaps = document.RootElement.GetProperty("heaps");
        Assert.Equal(process.Heaps, heaps.GetArrayLength());
        int index = 0;
        foreach (Heap heap in Heap.All)
        {
            JsonElement written = heaps[index++];
            SizeClassStatistics[] rows = StatisticsChecks.Rows(heap, out HeapStatistics statistics);
            AssertEqual(statistics, written, "index", "name", "sizeClasses");
            Assert.Equal(heap.Name, written.GetProperty("name").GetString());
            Assert.Equal(heap.SetOrNull->Index, written.GetProperty("index").GetInt32());
            Assert.Equal(rows.Length, written.GetProperty("sizeClasses").GetArrayLength());
            for (int row = 0; row < rows.Length; row++)
            {
                AssertEqual(rows[row], written.GetProperty("sizeClasses")[row]);
            }
        }
    }

    [Fact]
    public void Pools_that_are_given_stand_after_the_shared_one()
    {
        using NativeMemoryPool limited = new(new NativeMemoryPoolOptions { Name = "limited", MaximumBytes = 100_000 });
        using NativeMemoryPool nameless = new(new NativeMemoryPoolOptions { Backing = BufferBacking.PinnedObjectHeap });
        limited.Rent(5_000).Dispose();
        using NativeMemoryOwner rented = limited.RentExact(1_000);
        ArrayBufferWriter<byte> buffer = new();
        using Utf8JsonWriter writer = new(buffer);
        Heap.WriteStatistics(writer, limited, nameless);
        writer.Flush();
        using JsonDocument document = JsonDocument.Parse(buffer.WrittenMemory);
        JsonElement pools = document.RootElement.GetProperty("pools");
        NativeMemoryPool[] expected = [NativeMemoryPool.Shared, limited, nameless];
        Assert.Equal(expected.Length, pools.GetArrayLength());
        for (int index = 0; index < expected.Length; index++)
        {
            AssertEqual(expected[index].GetStatistics(), pools[index], "name");
            Assert.Equal(expected[index].Name, pools[index].GetProperty("name").GetString());
        }
    }

    [Fact]
    public void A_writer_a_buffer_and_a_stream_get_the_same()
    {
        byte[] expected = Write();
        using MemoryStream stream = new();
        Heap.WriteStatistics(stream);
        Assert.Equal(expected, stream.ToArray());
        ArrayBufferWriter<byte> buffer = new();
        using Utf8JsonWriter writer = new(buffer);
        Heap.WriteStatistics(writer);
        writer.Flush();
        Assert.Equal(expected, buffer.WrittenSpan);
    }

    [Fact]
    public void A_writer_that_is_kept_costs_no_managed_memory()
    {
        ArrayBufferWriter<byte> buffer = new(1 << 20);
        using Utf8JsonWriter writer = new(buffer);
        long before = 0;
        for (int round = 0; round < 6; round++)
        {
            before = round == 3 ? GC.GetAllocatedBytesForCurrentThread() : before;
            buffer.ResetWrittenCount();
            writer.Reset();
            Heap.WriteStatistics(writer);
            writer.Flush();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void The_documentation_lists_every_key_and_no_other()
    {
        string[] documented = [.. KeyInTable().Matches(File.ReadAllText(Repository.PathOf("docs", "statistics.md"))).Select(match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal)];
        using JsonDocument document = JsonDocument.Parse(Write());
        HashSet<string> written = [];
        AddKeys(document.RootElement, written);
        Assert.Equal(written.Order(StringComparer.Ordinal), documented);
    }

    // The first cell of a table's row.
    [GeneratedRegex(@"^\| `(\w+)`", RegexOptions.Multiline)]
    private static partial Regex KeyInTable();

    private static byte[] Write()
    {
        ArrayBufferWriter<byte> buffer = new();
        Heap.WriteStatistics(buffer);
        return buffer.WrittenSpan.ToArray();
    }

    private static string[] Keys(JsonElement element) => [.. element.EnumerateObject().Select(property => property.Name)];

    private static void AddKeys(JsonElement element, HashSet<string> keys)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in element.EnumerateObject())
            {
                _ = keys.Add(property.Name);
                AddKeys(property.Value, keys);
            }
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray())
            {
                AddKeys(item, keys);
            }
        }
    }

    // Every property of the struct under its name, and besides these no key but those given.
    private static void AssertEqual<T>(T expected, JsonElement written, params string[] besides)
        where T : struct
    {
        PropertyInfo[] properties = typeof(T).GetProperties();
        Assert.Equal(properties.Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)).Concat(besides).Order(StringComparer.Ordinal), Keys(written).Order(StringComparer.Ordinal));
        foreach (PropertyInfo property in properties)
        {
            JsonElement value = written.GetProperty(JsonNamingPolicy.CamelCase.ConvertName(property.Name));
            object? actual = value.ValueKind switch
            {
                JsonValueKind.Null => null,
                JsonValueKind.Number => value.GetInt64(),
                _ => value.GetBoolean(),
            };
            object? wanted = property.GetValue(expected);
            Assert.Equal(wanted is int number ? (long)number : wanted, actual);
        }
    }
}
