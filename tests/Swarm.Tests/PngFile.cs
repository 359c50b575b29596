// Reads what Png writes, strictly and in its own way: chunks with their checksums, one byte of filter a row.

using System;
using System.Buffers.Binary;
using System.IO;
using System.IO.Compression;
using System.Text;

using Xunit;

namespace Swarm.Tests;

internal sealed record PngFile(int Width, int Height, byte[] Pixels)
{
    public static PngFile Read(byte[] file)
    {
        Assert.Equal([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], file[..8]);
        int at = 8;
        byte[] header = Chunk(file, ref at, "IHDR");
        byte[] data = Chunk(file, ref at, "IDAT");
        Assert.Empty(Chunk(file, ref at, "IEND"));
        Assert.Equal(file.Length, at);
        Assert.Equal([8, 2, 0, 0, 0], header[8..]);
        int width = BinaryPrimitives.ReadInt32BigEndian(header);
        int height = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4));
        using ZLibStream zlib = new(new MemoryStream(data), CompressionMode.Decompress);
        using MemoryStream filtered = new();
        zlib.CopyTo(filtered);
        return new PngFile(width, height, Unfiltered(filtered.ToArray(), 3 * width, height));
    }

    public byte[] Part(int left, int top, int width, int height)
    {
        byte[] part = new byte[3 * width * height];
        for (int y = 0; y < height; y++)
        {
            Pixels.AsSpan(3 * (((top + y) * Width) + left), 3 * width).CopyTo(part.AsSpan(3 * width * y));
        }

        return part;
    }

    private static byte[] Chunk(byte[] file, ref int at, string type)
    {
        int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
        Assert.Equal(type, Encoding.ASCII.GetString(file, at + 4, 4));
        Assert.Equal(Crc(file.AsSpan(at + 4, length + 4)), BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 8 + length)));
        byte[] data = file[(at + 8)..(at + 8 + length)];
        at += length + 12;
        return data;
    }

    private static byte[] Unfiltered(byte[] filtered, int rowBytes, int height)
    {
        Assert.Equal((rowBytes + 1) * height, filtered.Length);
        byte[] pixels = new byte[rowBytes * height];
        for (int y = 0; y < height; y++)
        {
            Assert.Equal(4, filtered[y * (rowBytes + 1)]);
            for (int x = 0; x < rowBytes; x++)
            {
                int a = x < 3 ? 0 : pixels[(y * rowBytes) + x - 3];
                int b = y == 0 ? 0 : pixels[((y - 1) * rowBytes) + x];
                int c = x < 3 || y == 0 ? 0 : pixels[((y - 1) * rowBytes) + x - 3];
                int p = a + b - c;
                int paeth = Math.Abs(p - a) <= Math.Abs(p - b) && Math.Abs(p - a) <= Math.Abs(p - c) ? a : Math.Abs(p - b) <= Math.Abs(p - c) ? b : c;
                pixels[(y * rowBytes) + x] = (byte)(filtered[(y * (rowBytes + 1)) + 1 + x] + paeth);
            }
        }

        return pixels;
    }

    private static uint Crc(ReadOnlySpan<byte> data)
    {
        uint[] table = new uint[256];
        for (uint i = 0; i < 256; i++)
        {
            uint entry = i;
            for (int bit = 0; bit < 8; bit++)
            {
                entry = (entry & 1) != 0 ? 0xEDB8_8320 ^ (entry >> 1) : entry >> 1;
            }

            table[i] = entry;
        }

        uint crc = uint.MaxValue;
        foreach (byte value in data)
        {
            crc = table[(crc ^ value) & 0xFF] ^ (crc >> 8);
        }

        return ~crc;
    }
}
