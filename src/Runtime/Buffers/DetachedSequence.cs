using System;
using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

using NativeHeap.Buffers;

namespace NativeHeap;

/// <summary>What a <see cref="NativeBufferWriter"/> had written when it gave it away, with the buffers that it is in.</summary>
/// <remarks>
/// Whoever has it owns the buffers, and disposes of one of its copies, once: on any thread. After that <see cref="Sequence"/> and a second <see cref="Dispose"/> throw <see cref="ObjectDisposedException"/>.
/// <c>default</c> is empty and owns nothing.
/// </remarks>
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "Owns what it names: whether two are equal is not a question.")]
[DebuggerDisplay("Length = {Sequence.Length}")]
public readonly struct DetachedSequence : IDisposable
{
    private readonly BufferSegment? _first;
    private readonly BufferSegment? _last;
    private readonly int _lastLength;
    private readonly uint _serial;

    internal DetachedSequence(BufferSegment first, BufferSegment last, int lastLength)
    {
        _first = first;
        _last = last;
        _lastLength = lastLength;
        _serial = first.Serial;
    }

    /// <summary>What was written, valid until the buffers are returned.</summary>
    /// <exception cref="ObjectDisposedException">The buffers have been returned.</exception>
    public ReadOnlySequence<byte> Sequence
    {
        get
        {
            ThrowIfReturned();
            return _first == null ? default : new ReadOnlySequence<byte>(_first, 0, _last!, _lastLength);
        }
    }

    /// <summary>Returns the buffers to their pool.</summary>
    /// <exception cref="ObjectDisposedException">They have been returned before.</exception>
    public void Dispose()
    {
        ThrowIfReturned();
        _first?.Return();
    }

    private void ThrowIfReturned()
    {
        if (_first != null && _first.Serial != _serial)
        {
            throw BufferErrors.SequenceReturned();
        }
    }
}
