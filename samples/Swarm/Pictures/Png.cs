// A picture as a PNG file, of 8 bits a channel, without a library for it: signature, IHDR, IDAT, IEND (PNG specification, third edition, sections 5, 9 and 11).
//
//     chunk = length (4 bytes, big endian), type (4), data, CRC-32 over type and data
//     IDAT  = zlib( for each row: its filter's number, its bytes less those that the filter predicts )

using System;
using System.Buffers.Binary;
using System.IO;
using System.IO.Compression;

namespace Swarm.Pictures;

internal static class Png
{
    private const int BytesPerPixel = 3;
    private const byte PaethFilter = 4;

    /// <summary>Writes a picture.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    /// <param name="pixels">Red, green and blue of each pixel, row by row from the top.</param>
    public static void Write(Stream output, int width, int height, ReadOnlySpan<byte> pixels)
    {
        output.Write([0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n']);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = 8;  // bits a channel
        header[9] = 2;  // red, green, blue
        header[10..].Clear();
        WriteChunk(output, "IHDR"u8, header);
        WriteChunk(output, "IDAT"u8, Compressed(width, height, pixels));
        WriteChunk(output, "IEND"u8, []);
    }

    private static byte[] Compressed(int width, int height, ReadOnlySpan<byte> pixels)
    {
        using MemoryStream compressed = new();
        using (ZLibStream zlib = new(compressed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            int rowBytes = width * BytesPerPixel;
            byte[] filtered = new byte[rowBytes + 1];
            filtered[0] = PaethFilter;
            ReadOnlySpan<byte> above = new byte[rowBytes];
            for (int y = 0; y < height; y++)
            {
                ReadOnlySpan<byte> row = pixels.Slice(y * rowBytes, rowBytes);
                Filter(row, above, filtered.AsSpan(1));
                zlib.Write(filtered);
                above = row;
            }
        }

        return compressed.ToArray();
    }

    // Each byte less the one of its left, upper and upper left neighbours that is nearest to left + upper - upper left.
    private static void Filter(ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, Span<byte> filtered)
    {
        for (int i = 0; i < row.Length; i++)
        {
            int left = i < BytesPerPixel ? 0 : row[i - BytesPerPixel];
            int upper = above[i];
            int corner = i < BytesPerPixel ? 0 : above[i - BytesPerPixel];
            int toLeft = Math.Abs(upper - corner);
            int toUpper = Math.Abs(left - corner);
            int toCorner = Math.Abs(left + upper - (2 * corner));
            int predicted = toLeft <= toUpper && toLeft <= toCorner ? left : toUpper <= toCorner ? upper : corner;
            filtered[i] = (byte)(row[i] - predicted);
        }
    }

    private static void WriteChunk(Stream output, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        output.Write(number);
        output.Write(type);
        output.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~Crc(data, Crc(type, uint.MaxValue)));
        output.Write(number);
    }

    private static uint Crc(ReadOnlySpan<byte> data, uint crc)
    {
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB8_8320 & (0 - (crc & 1)));
            }
        }

        return crc;
    }
}
