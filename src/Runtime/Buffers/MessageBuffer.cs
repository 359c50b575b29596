// The message: bytes in native memory that several threads read and the last of them frees, named by one word that fits into a ring, a class's field or a native struct. MessageHeader.cs is how it
// is built; here is its public face.
//
//     fan-out to n consumers:   Rent, write, Retain(n - 1), n times TryEnqueue;   each consumer: read, Release
//
// The header lies in the block and not in metadata as a collection's does: a message lives for microseconds, and there are millions a second, so that a second line of the cache for each, and a lock
// for the list of headers, would cost more than all the rest. The price is what is known of a message that is gone: as much as its memory still tells.
//
// It is IDisposable although the struct can be copied, since `using` is how a consumer's reference ends on every way out of a method, and Dispose is Release: one for each reference, and one too many is an
// error. What copies share is the message, and each reference is somebody's, as with handles that are duplicated. (Doing nothing the second time, as boxes and lists do, would need to know which copies are
// the same reference, and a struct does not know that.)
//
// There is no Memory<byte> of it: that takes a managed object each. NativeMemoryPool is for that.

using System;
using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading;

using NativeHeap.Buffers;
using NativeHeap.Central;
using NativeHeap.Pages;

namespace NativeHeap;

/// <summary>A message in native memory, counted by reference, for handing to one or several consumers without a copy.</summary>
/// <remarks>
/// <para>The struct is one word of 8 bytes, and unmanaged: keep it in a class's field, a native struct or a <see cref="NativeSpscRing{T}"/>. Copies of it stand for the same message.</para>
/// <para><see cref="Rent(int)"/> gives one reference and each <see cref="Retain()"/> another; each is somebody's, who ends it by one <see cref="Release"/> (or <see cref="Dispose"/>, for <c>using</c>), on any
/// thread. The last one frees the memory. To hand a message to a ring is to hand over a reference: for a second consumer retain it first, and release it yourself if the ring was full. No finalizer frees anything.</para>
/// <para>Retaining and releasing are thread-safe. The bytes and the length are guarded by nobody: write them before the message is handed on, which a ring publishes with it.</para>
/// <para>Use after the last release throws <see cref="ObjectDisposedException"/>, a release too many as well, and frees nothing: as long as the memory has not been written to by somebody else. That is best
/// effort. Another message in the same memory is told apart by a 16-bit number, which comes again after 32,768 messages there; bytes of another kind are told apart but for one chance in 65,536; two threads that at the same time release
/// the one reference that there is may both free it, which the heap then finds later. The memory of a released message may have gone back to the operating system: it reads as zeros then on Linux and macOS, where the error is the same, while on Windows the
/// process ends by an access violation. <c>default</c> is no message: every member but <see cref="IsDefault"/> and <see cref="Dispose"/> throws <see cref="InvalidOperationException"/>.</para>
/// <para>A message takes its length and 16 bytes of its heap, and must be released before that heap is disposed of or reset. Lengths are in bytes. No member allocates managed memory.</para>
/// </remarks>
[DebuggerDisplay("Length = {Length}, ReferenceCount = {ReferenceCount}")]
public readonly unsafe struct MessageBuffer : IDisposable, IEquatable<MessageBuffer>
{
    private readonly ulong _token;

    private MessageBuffer(ulong token) => _token = token;

    /// <summary>Whether this is <c>default</c>, which is no message.</summary>
    public bool IsDefault => _token == 0;

    /// <summary>The number of bytes.</summary>
    /// <exception cref="ObjectDisposedException">The message has been released for the last time.</exception>
    /// <exception cref="InvalidOperationException">This is <c>default</c>.</exception>
    public int Length
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Header->Length;
    }

    /// <summary>The most that <see cref="Length"/> may be: what it was rented for.</summary>
    /// <inheritdoc cref="Length" path="/exception"/>
    public int Capacity
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Header->Capacity;
    }

    /// <summary>The bytes, uninitialised when rented.</summary>
    /// <returns>As many as <see cref="Length"/>, valid until the last release; the compiler does not see to that.</returns>
    /// <inheritdoc cref="Length" path="/exception"/>
    public Span<byte> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            MessageHeader* header = Header;
            return new Span<byte>(header + 1, header->Length);
        }
    }

    /// <summary>The first byte's address, a multiple of 16, valid until the last release.</summary>
    /// <inheritdoc cref="Length" path="/exception"/>
    public unsafe byte* Pointer
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (byte*)(Header + 1);
    }

    /// <summary>The number of references, which others may be changing.</summary>
    /// <inheritdoc cref="Length" path="/exception"/>
    public int ReferenceCount => MessageHeader.References(Volatile.Read(ref Header->State));

    private MessageHeader* Header
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            MessageHeader* header = (MessageHeader*)HeaderToken.HeaderOf(_token);
            if (header == null || !MessageHeader.IsOf(header->State, _token))
            {
                ThrowNoMessage(_token);
            }

            return header;
        }
    }

    /// <summary>Makes a message of <see cref="Heap.Shared"/>, whose bytes are uninitialised.</summary>
    /// <param name="length">Its length and capacity, in bytes; 0 or more.</param>
    /// <returns>The message, with one reference: the caller's.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative.</exception>
    /// <exception cref="OutOfMemoryException">The system has no memory, or a limit stands in the way.</exception>
    [return: Owned]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MessageBuffer Rent(int length)
    {
        if (length < 0)
        {
            ThrowBadLength(length);
        }

        return new(MessageHeader.Open(HeapMemory.Alloc((nuint)(uint)length + MessageHeader.Bytes), length, PageHeap.SharedHeapIndex));
    }

    /// <summary>Makes a message, whose bytes are uninitialised.</summary>
    /// <param name="heap">The heap that its memory is to be of.</param>
    /// <param name="length">Its length and capacity, in bytes; 0 or more.</param>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    /// <inheritdoc cref="Rent(int)" path="/returns|/exception"/>
    [return: Owned]
    [return: OwnedBy(nameof(heap))]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MessageBuffer Rent(Heap heap, int length)
    {
        ArgumentNullException.ThrowIfNull(heap);
        if (length < 0)
        {
            ThrowBadLength(length);
        }

        return new(MessageHeader.Open(heap.Alloc((nuint)(uint)length + MessageHeader.Bytes), length, heap.Index));
    }

    /// <summary>Makes a message of <see cref="Heap.Shared"/>, or says that it cannot.</summary>
    /// <param name="length">Its length and capacity, in bytes; 0 or more.</param>
    /// <param name="message">The message, with one reference, the caller's; <c>default</c> if there is none.</param>
    /// <returns>Whether there is one: not if the system has no memory, or a limit stands in the way.</returns>
    /// <inheritdoc cref="Rent(int)" path="/exception[@cref='ArgumentOutOfRangeException']"/>
    public static bool TryRent(int length, [Owned] out MessageBuffer message) => TryRent(Heap.Shared, length, out message);

    /// <summary>Makes a message, or says that it cannot: for who waits or drops something where the heap's limit is reached.</summary>
    /// <param name="heap">The heap that its memory is to be of.</param>
    /// <param name="length">Its length and capacity, in bytes; 0 or more.</param>
    /// <param name="message">The message, with one reference, the caller's; <c>default</c> if there is none.</param>
    /// <inheritdoc cref="TryRent(int, out MessageBuffer)" path="/returns|/exception"/>
    /// <exception cref="ObjectDisposedException">The heap has been disposed of.</exception>
    public static bool TryRent(Heap heap, int length, [Owned, OwnedBy(nameof(heap))] out MessageBuffer message)
    {
        ArgumentNullException.ThrowIfNull(heap);
        if (length < 0)
        {
            ThrowBadLength(length);
        }

        bool isMade = heap.TryAlloc((nuint)(uint)length + MessageHeader.Bytes, out void* block);
        message = isMade ? new(MessageHeader.Open(block, length, heap.Index)) : default;
        return isMade;
    }

    /// <summary>Makes a message of <see cref="Heap.Shared"/> out of a copy.</summary>
    /// <param name="data">What it is to hold.</param>
    /// <inheritdoc cref="Rent(int)" path="/returns|/exception[@cref='OutOfMemoryException']"/>
    [return: Owned]
    public static MessageBuffer CopyFrom(ReadOnlySpan<byte> data) => CopyFrom(Heap.Shared, data);

    /// <summary>Makes a message out of a copy.</summary>
    /// <param name="heap">The heap that its memory is to be of.</param>
    /// <param name="data">What it is to hold.</param>
    /// <inheritdoc cref="Rent(Heap, int)" path="/returns|/exception[@cref='OutOfMemoryException' or @cref='ObjectDisposedException']"/>
    [return: Owned]
    [return: OwnedBy(nameof(heap))]
    public static MessageBuffer CopyFrom(Heap heap, ReadOnlySpan<byte> data)
    {
        MessageBuffer message = Rent(heap, data.Length);
        data.CopyTo(message.Span);
        return message;
    }

    /// <summary>Makes a message of <see cref="Heap.Shared"/> out of a copy, in one piece.</summary>
    /// <param name="data">What it is to hold.</param>
    /// <inheritdoc cref="CopyFrom(Heap, in ReadOnlySequence{byte})" path="/returns|/exception[@cref='OutOfMemoryException' or @cref='ArgumentOutOfRangeException']"/>
    [return: Owned]
    public static MessageBuffer CopyFrom(in ReadOnlySequence<byte> data) => CopyFrom(Heap.Shared, in data);

    /// <summary>Makes a message out of a copy, in one piece.</summary>
    /// <param name="heap">The heap that its memory is to be of.</param>
    /// <param name="data">What it is to hold.</param>
    /// <exception cref="ArgumentOutOfRangeException">The sequence is longer than a message can be.</exception>
    /// <inheritdoc cref="Rent(Heap, int)" path="/returns|/exception[@cref='OutOfMemoryException' or @cref='ObjectDisposedException']"/>
    [return: Owned]
    [return: OwnedBy(nameof(heap))]
    public static MessageBuffer CopyFrom(Heap heap, in ReadOnlySequence<byte> data)
    {
        if (data.Length > int.MaxValue)
        {
            throw MessageErrors.BadLength(nameof(data), data.Length);
        }

        MessageBuffer message = Rent(heap, (int)data.Length);
        try
        {
            data.CopyTo(message.Span);
        }
        catch
        {
            // The sequence may be of memory whose owner refuses to hand it out.
            _ = message.Release();
            throw;
        }

        return message;
    }

    /// <summary>Changes the number of bytes. What lies beyond a shorter length stays as it is.</summary>
    /// <param name="length">The new length, in bytes; at most <see cref="Capacity"/>.</param>
    /// <remarks>For who has the message alone, as its bytes are: after reading as much as there was, say.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative or over the capacity.</exception>
    /// <inheritdoc cref="Length" path="/exception"/>
    public void SetLength(int length)
    {
        MessageHeader* header = Header;
        if ((uint)length > (uint)header->Capacity)
        {
            throw MessageErrors.BeyondCapacity(nameof(length), length, header->Capacity);
        }

        header->Length = length;
    }

    /// <summary>Adds a reference. The caller must have one, or be lent one by somebody who does not release it meanwhile. Thread-safe.</summary>
    /// <returns>The same word, which stands for the new reference as for any other.</returns>
    /// <exception cref="ObjectDisposedException">The message has been released for the last time.</exception>
    /// <exception cref="InvalidOperationException">This is <c>default</c>, or there are 2,147,483,647 references already.</exception>
    [return: Owned]
    public MessageBuffer Retain()
    {
        MessageHeader.Retain(Header, _token, 1);
        return this;
    }

    /// <summary>Adds several references by one atomic operation, for as many consumers.</summary>
    /// <param name="count">How many; 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is not positive.</exception>
    /// <inheritdoc cref="Retain()"/>
    public void Retain(int count)
    {
        MessageHeader* header = Header;
        MessageHeader.Retain(header, _token, count > 0 ? count : throw MessageErrors.BadReferences(nameof(count), count));
    }

    /// <summary>Ends a reference, and the message with the last one. Thread-safe; on any thread.</summary>
    /// <returns>Whether it was the last, so that the memory is free.</returns>
    /// <exception cref="ObjectDisposedException">The message has been released for the last time before, or its heap has been disposed of.</exception>
    /// <exception cref="InvalidOperationException">This is <c>default</c>.</exception>
    /// <exception cref="HeapCorruptionException">An object was found to have been freed wrongly before; the reference has ended nevertheless.</exception>
    [TakesOwnership]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Release()
    {
        if (_token == 0)
        {
            ThrowNoMessage(_token);
        }

        return MessageHeader.Release((MessageHeader*)HeaderToken.HeaderOf(_token), _token);
    }

    /// <summary>Ends a reference as <see cref="Release"/> does; a second call for the same reference is an error as there. Does nothing for <c>default</c>.</summary>
    /// <inheritdoc cref="Release" path="/exception[@cref='ObjectDisposedException' or @cref='HeapCorruptionException']"/>
    [TakesOwnership]
    [SuppressMessage("Design", "CA1065:Do not raise exceptions in unexpected locations", Justification = "A release too many would end somebody else's reference: silence would hide it.")]
    public void Dispose()
    {
        if (_token != 0)
        {
            _ = Release();
        }
    }

    /// <summary>Whether both stand for the same message.</summary>
    public static bool operator ==(MessageBuffer left, MessageBuffer right) => left._token == right._token;

    /// <summary>Whether they stand for different messages.</summary>
    public static bool operator !=(MessageBuffer left, MessageBuffer right) => left._token != right._token;

    /// <inheritdoc/>
    public bool Equals(MessageBuffer other) => this == other;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is MessageBuffer other && this == other;

    /// <inheritdoc/>
    public override int GetHashCode() => _token.GetHashCode();

    [DoesNotReturn]
    private static void ThrowNoMessage(ulong token) => throw MessageErrors.NoMessage(token);

    [DoesNotReturn]
    private static void ThrowBadLength(int length) => throw MessageErrors.BadLength(nameof(length), length);
}
