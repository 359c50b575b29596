using System;
using System.Buffers;

namespace NativeHeap.AspNetCore.Tests;

/// <summary>Content that says of each byte where it belongs: a byte lost, doubled or from another body shows.</summary>
internal static class Pattern
{
    public static byte At(int seed, long index) => (byte)((ulong)((index + seed) * 0x9E3779B9L) >> 24);

    public static void Fill(Span<byte> span, int seed, long index = 0)
    {
        for (int i = 0; i < span.Length; i++)
        {
            span[i] = At(seed, index + i);
        }
    }

    public static byte[] Make(int seed, int length)
    {
        byte[] bytes = new byte[length];
        Fill(bytes, seed);
        return bytes;
    }

    /// <summary>Where the first wrong byte is, or -1.</summary>
    public static long FindWrong(ReadOnlySpan<byte> span, int seed, long index = 0)
    {
        for (int i = 0; i < span.Length; i++)
        {
            if (span[i] != At(seed, index + i))
            {
                return index + i;
            }
        }

        return -1;
    }

    /// <inheritdoc cref="FindWrong(ReadOnlySpan{byte}, int, long)"/>
    public static long FindWrong(in ReadOnlySequence<byte> sequence, int seed, long index = 0)
    {
        foreach (ReadOnlyMemory<byte> segment in sequence)
        {
            long wrong = FindWrong(segment.Span, seed, index);
            if (wrong >= 0)
            {
                return wrong;
            }

            index += segment.Length;
        }

        return -1;
    }
}
