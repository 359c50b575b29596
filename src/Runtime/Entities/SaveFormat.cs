// How tables and pools are written to files: a header, two or three arrays as they lie in memory, a checksum. All of it little-endian, as every processor is that this runs on.
//
//      0  8  magic     "NHtable" or "NHpool" and the version of the format, 1
//      8  4  value size, in bytes
//     12  4  slots
//     16  8  type      FNV-1a of the value type's name, with its namespace and type arguments
//     24  4  origin    of the generations
//     28  4  count     elements
//     32  4  available (tables: slots that are not retired; pools: 0)
//     36  4  CRC-32C of the bytes before
//     40     the arrays
//      .  4  CRC-32C of all bytes before
//
// The header's own checksum comes first, so that a number of elements that damage has made large is not believed. A file tells a damaged byte, and a type of another name or size: what it does not
// tell is a type whose fields have changed places. Pointers in values are written as the numbers that they are.

using System;
using System.Buffers;
using System.IO;
using System.Numerics;
using System.Runtime.InteropServices;

namespace NativeHeap.Entities;

/// <summary>The first bytes of what a container was saved to.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal unsafe struct SaveHeader
{
    /// <summary>"NHtable", version 1.</summary>
    public const ulong TableMagic = 0x01_65_6c_62_61_74_48_4e;

    /// <summary>"NHpool", a space, version 1.</summary>
    public const ulong PoolMagic = 0x01_20_6c_6f_6f_70_48_4e;

    private const ulong KindMask = 0x00ff_ffff_ffff_ffff;

    public ulong Magic;
    public int ValueSize;
    public uint SlotCount;
    public ulong Type;
    public uint Origin;
    public int Count;
    public int Available;
    public uint Checksum;

    /// <summary>The number that a type is known by.</summary>
    public static ulong TypeOf<T>()
    {
        ulong hash = 14695981039346656037;
        foreach (char c in typeof(T).ToString())
        {
            hash = (hash ^ c) * 1099511628211;
        }

        return hash;
    }

    /// <summary>Throws if this is not the header of a container like one at hand.</summary>
    /// <param name="container">The container's type.</param>
    /// <param name="magic">Its magic number.</param>
    /// <param name="valueSize">The size of its values.</param>
    /// <param name="type">The number of their type.</param>
    /// <param name="maxCount">The most elements that it may hold.</param>
    public void Require(Type container, ulong magic, int valueSize, ulong type, int maxCount)
    {
        SaveHeader copy = this;
        string? wrong =
            (Magic & KindMask) != (magic & KindMask) ? "it does not begin as a saved one does"
            : Magic != magic ? $"its format is version {Magic >> 56}, and this NativeHeap reads version {magic >> 56}"
            : Checksum != SaveChecksum.Of(new ReadOnlySpan<byte>(&copy, sizeof(SaveHeader) - sizeof(uint))) ? "its header is damaged"
            : ValueSize != valueSize ? $"its elements have {ValueSize} bytes, and those of this type {valueSize}"
            : Type != type ? "its elements are of a type of another name"
            : Count > maxCount ? $"it holds {Count} elements, and this one was made for {maxCount}: make it with a larger maxCapacity"
            : Count < 0 || Available < 0 ? "its header is damaged"
            : null;
        if (wrong != null)
        {
            throw EntityErrors.BadSave(container, wrong);
        }
    }
}

/// <summary>CRC-32C, of which processors have an instruction.</summary>
internal static class SaveChecksum
{
    /// <summary>The checksum of some bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) => ~Continue(uint.MaxValue, bytes);

    /// <summary>Goes on with a checksum: begun with all ones, and inverted in the end.</summary>
    public static uint Continue(uint state, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            state = BitOperations.Crc32C(state, MemoryMarshal.Read<ulong>(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte b in bytes)
        {
            state = BitOperations.Crc32C(state, b);
        }

        return state;
    }
}

/// <summary>Writes bytes and adds up their checksum.</summary>
internal unsafe ref struct SaveWriter
{
    // Streams and writers of which we know nothing get no more at once.
    private const nuint MaxPiece = 64 * 1024;

    private readonly Stream? _stream;
    private readonly IBufferWriter<byte>? _buffer;
    private uint _checksum = uint.MaxValue;

    /// <summary>To a stream, or to a buffer writer.</summary>
    public SaveWriter(Stream? stream, IBufferWriter<byte>? buffer)
    {
        _stream = stream;
        _buffer = buffer;
    }

    /// <summary>Writes memory.</summary>
    public void Write(void* memory, nuint bytes)
    {
        for (nuint done = 0; done < bytes; done += MaxPiece)
        {
            ReadOnlySpan<byte> piece = new((byte*)memory + done, (int)nuint.Min(bytes - done, MaxPiece));
            _checksum = SaveChecksum.Continue(_checksum, piece);
            if (_stream != null)
            {
                _stream.Write(piece);
            }
            else
            {
                _buffer!.Write(piece);
            }
        }
    }

    /// <summary>Writes the header, which is given its checksum.</summary>
    public void WriteHeader(SaveHeader header)
    {
        header.Checksum = SaveChecksum.Of(new ReadOnlySpan<byte>(&header, sizeof(SaveHeader) - sizeof(uint)));
        Write(&header, (nuint)sizeof(SaveHeader));
    }

    /// <summary>Writes the checksum of all that has been written.</summary>
    public void WriteChecksum()
    {
        uint checksum = ~_checksum;
        Write(&checksum, sizeof(uint));
    }
}

/// <summary>Reads bytes and adds up their checksum.</summary>
internal unsafe ref struct SaveReader
{
    private const nuint MaxPiece = 64 * 1024;

    private readonly Type _container;
    private readonly Stream? _stream;
    private readonly ReadOnlySpan<byte> _bytes;
    private uint _checksum = uint.MaxValue;

    /// <summary>From a stream, or from bytes.</summary>
    public SaveReader(Type container, Stream? stream, ReadOnlySpan<byte> bytes)
    {
        _container = container;
        _stream = stream;
        _bytes = bytes;
    }

    /// <summary>The bytes that have been read.</summary>
    public nuint Position { get; private set; }

    /// <summary>Fills memory.</summary>
    /// <exception cref="InvalidDataException">There are not so many bytes.</exception>
    public void Read(void* memory, nuint bytes)
    {
        if (_stream == null && (nuint)_bytes.Length - Position < bytes)
        {
            throw Error(EndsEarly(Position));
        }

        for (nuint done = 0; done < bytes; done += MaxPiece)
        {
            Span<byte> piece = new((byte*)memory + done, (int)nuint.Min(bytes - done, MaxPiece));
            if (_stream == null)
            {
                _bytes.Slice((int)Position, piece.Length).CopyTo(piece);
            }
            else if (_stream.ReadAtLeast(piece, piece.Length, throwOnEndOfStream: false) != piece.Length)
            {
                throw Error(EndsEarly(Position));
            }

            _checksum = SaveChecksum.Continue(_checksum, piece);
            Position += (nuint)piece.Length;
        }
    }

    /// <summary>What to throw for input that is wrong.</summary>
    /// <param name="reason">What is wrong, as the end of a sentence.</param>
    public readonly InvalidDataException Error(string reason) => EntityErrors.BadSave(_container, reason);

    /// <summary>Reads the header. Nothing of it has been looked at.</summary>
    public SaveHeader ReadHeader()
    {
        SaveHeader header;
        Read(&header, (nuint)sizeof(SaveHeader));
        return header;
    }

    /// <summary>Reads the checksum of all that has been read, and throws if it is another.</summary>
    public void RequireChecksum()
    {
        uint expected = ~_checksum;
        uint found;
        Read(&found, sizeof(uint));
        if (found != expected)
        {
            throw Error("its checksum is wrong");
        }
    }

    private static string EndsEarly(nuint position) => $"it ends too early, after {position} bytes or a little more";
}
