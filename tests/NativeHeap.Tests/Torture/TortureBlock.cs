// A block under torture, and the cookie that it holds: its first and last bytes, and one a page between, are its mark, so that a block handed out twice, cut short or given back to the
// system while it lives is found when it is freed.

using System;

using Xunit;

namespace NativeHeap.Tests.Torture;

/// <summary>A block that is alive, of whatever heap; an object, so that threads can exchange it by reference.</summary>
internal sealed unsafe class TortureBlock
{
    private const int EndBytes = 64;
    private const int Step = 4096;

    private readonly nint _address;
    private readonly nuint _size;
    private readonly byte _mark;

    /// <summary>Takes over a block just allocated, and writes the cookie into it.</summary>
    public TortureBlock(void* address, nuint size, byte mark)
    {
        _address = (nint)address;
        _size = size;
        _mark = mark;
        Head.Fill(mark);
        Tail.Fill(mark);
        for (nuint offset = Step; offset < size; offset += Step)
        {
            ((byte*)address)[offset] = mark;
        }
    }

    /// <summary>Its address.</summary>
    public void* Address => (void*)_address;

    /// <summary>Its size, in bytes, as asked for.</summary>
    public nuint Size => _size;

    private Span<byte> Head => new((void*)_address, (int)nuint.Min(_size, EndBytes));

    private Span<byte> Tail => new((byte*)_address + _size - nuint.Min(_size, EndBytes), (int)nuint.Min(_size, EndBytes));

    /// <summary>Asserts that the cookie is whole.</summary>
    public void AssertWhole() => AssertWhole((byte*)_address, _size);

    /// <summary>Asserts that a block to which this one was moved holds the cookie as far as both reach.</summary>
    public void AssertMoved(void* moved, nuint size) => AssertWhole((byte*)moved, nuint.Min(size, _size));

    private void AssertWhole(byte* start, nuint length)
    {
        int head = (int)nuint.Min(length, EndBytes);
        bool isWhole = !new ReadOnlySpan<byte>(start, (int)nuint.Min((nuint)head, _size)).ContainsAnyExcept(_mark);
        for (nuint offset = Step; offset < length; offset += Step)
        {
            isWhole &= start[offset] == _mark;
        }

        isWhole &= length != _size || !new ReadOnlySpan<byte>(start + length - head, head).ContainsAnyExcept(_mark);
        Assert.True(isWhole, $"A block of {_size:N0} bytes at 0x{_address:x} does not hold its mark any more.");
    }
}
