using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using Microsoft.Win32.SafeHandles;

using Xunit;

namespace NativeHeap.AspNetCore.Tests.Peers;

/// <summary>Files written from many buffers by one call, and read into many: the system gets our addresses as they are.</summary>
public sealed class RandomAccessTests : IDisposable
{
    private const int Offset = 777;

    private static readonly int[] s_lengths = [1, 64, 100, 4_096, 10_000, 65_536, 300_000, 1 << 20];

    private readonly string _path = Path.GetTempFileName();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static int Total => s_lengths.Sum();

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData(BufferBacking.Native, true)]
    [InlineData(BufferBacking.Native, false)]
    [InlineData(BufferBacking.PinnedObjectHeap, true)]
    [InlineData(BufferBacking.PinnedObjectHeap, false)]
    public async Task Many_buffers_are_one_file(BufferBacking backing, bool isAsync)
    {
        await using TestPool pool = new(backing);
        using SafeFileHandle file = File.OpenHandle(_path, FileMode.Create, FileAccess.ReadWrite, options: isAsync ? FileOptions.Asynchronous : FileOptions.None);
        NativeMemoryOwner[] written = [.. s_lengths.Select(pool.Pool.RentExact)];
        long index = 0;
        foreach (NativeMemoryOwner owner in written)
        {
            Pattern.Fill(owner.Span, seed: 3, index);
            index += owner.Length;
        }

        await WriteAsync(file, [.. written.Select(owner => (ReadOnlyMemory<byte>)owner.Memory)], isAsync);
        Return(written);
        byte[] content = await File.ReadAllBytesAsync(_path, Cancel);
        Assert.Equal(Offset + Total, content.Length);
        Assert.Equal(-1, Pattern.FindWrong(content.AsSpan(Offset), seed: 3));

        // Into buffers of other lengths: those of the first, the other way round.
        NativeMemoryOwner[] read = [.. s_lengths.Reverse().Select(pool.Pool.RentExact)];
        Assert.Equal(Total, await ReadAsync(file, [.. read.Select(owner => owner.Memory)], isAsync));
        index = 0;
        foreach (NativeMemoryOwner owner in read)
        {
            Assert.Equal(-1, Pattern.FindWrong(owner.Span, seed: 3, index));
            index += owner.Length;
        }

        Return(read);
    }

    private static async Task WriteAsync(SafeFileHandle file, List<ReadOnlyMemory<byte>> buffers, bool isAsync)
    {
        if (isAsync)
        {
            await RandomAccess.WriteAsync(file, buffers, Offset, Cancel);
        }
        else
        {
            RandomAccess.Write(file, buffers, Offset);
        }
    }

    private static async Task<long> ReadAsync(SafeFileHandle file, List<Memory<byte>> buffers, bool isAsync) =>
        isAsync ? await RandomAccess.ReadAsync(file, buffers, Offset, Cancel) : RandomAccess.Read(file, buffers, Offset);

    private static void Return(NativeMemoryOwner[] owners)
    {
        foreach (NativeMemoryOwner owner in owners)
        {
            owner.Dispose();
        }
    }
}
