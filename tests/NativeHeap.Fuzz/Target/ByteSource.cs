using System;
using System.Collections.Immutable;

namespace NativeHeap.Fuzz;

/// <summary>What an input says, byte by byte. Behind its end there are zeros.</summary>
internal sealed class ByteSource(ImmutableArray<byte> input)
{
    private int _next;

    /// <summary>Whether there are no more.</summary>
    public bool IsAtEnd => _next >= input.Length;

    /// <summary>The next byte.</summary>
    public byte Byte() => IsAtEnd ? (byte)0 : input[_next++];

    /// <summary>A number below another.</summary>
    public int Below(int end) => end <= 1 ? 0 : (end <= 256 ? Byte() : (Byte() << 8) | Byte()) % end;

    /// <summary>A size: near a power of two, any up to 64 KiB, or small.</summary>
    public nuint Size()
    {
        byte kind = Byte();
        return (kind & 3) switch
        {
            0 => (nuint)(kind >> 2),
            1 => (nuint)((kind >> 2) * 16),
            2 => (nuint)nint.Max(0, ((nint)1 << Math.Min(kind >> 2, 21)) + (sbyte)Byte()),
            _ => (nuint)((Byte() << 8) | Byte()),
        };
    }
}
