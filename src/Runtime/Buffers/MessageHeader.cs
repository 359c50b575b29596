// What precedes a message's bytes in its block: who may use them, and how many there are.
//
//     State = references * 2^32 + heap index * 2^16 + tag            0 <= Length <= Capacity
//
//     the message's word = address * 2^16 + tag          (Central/HeaderToken.cs; here the address is the block's own, so that nothing stands between word and bytes)
//
//     rented      references >= 1, and the tag is that of the words that stand for it
//     free        references = 0, and the tag is the next: no word has it                    the rest of the state = Freed, so that it does not read as zero
//
// The first rent of a block finds whatever its last user has left there, and takes the tag after that; the last release moves on by one more. 65,535 is followed by 1, so that the odd tags, 32,768 of them,
// are gone through before one comes again. So a word that is used too late meets another tag, at
// the price of nothing: the line must be had anyway. The tag lies first in memory, where a writer that runs over the end of the block before hits it first.
//
// References, tag and heap are one word, so that a release that comes too late cannot count down what has become another message in the meantime: its compare-and-exchange fails.
//
// Whoever reads that there is one reference, and holds it, is alone: nobody else has one to retain by. Its release is a plain store. The read is an acquire, and the other releases before it were
// full fences, so that all that the others did with the bytes has happened before the block is anybody's again.
//
// The allocator never writes to free memory, so the header of a released message stays as it is until the block is handed out again or its memory goes back to the system.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

using NativeHeap.Central;
using NativeHeap.Heaps;
using NativeHeap.Pages;
using NativeHeap.Platform;

namespace NativeHeap.Buffers;

/// <summary>The first 16 bytes of a message's block.</summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal unsafe struct MessageHeader
{
    /// <summary>Its size, in bytes: a block's alignment, so that the message's bytes have it, too.</summary>
    public const int Bytes = 16;

    /// <summary>The most references that there can be to a message.</summary>
    public const int MaxReferences = int.MaxValue;

    private const int HeapShift = 16;
    private const int ReferenceShift = 32;
    private const long OneReference = 1L << ReferenceShift;
    private const long Freed = 1L << HeapShift;

    private static int s_firstTag;

    /// <summary>References, heap and tag. Others may be changing it.</summary>
    public long State;

    /// <summary>The message's length, in bytes.</summary>
    public int Length;

    /// <summary>The most that it may be.</summary>
    public int Capacity;

    /// <summary>Begins a message in a block that nobody else has.</summary>
    /// <param name="block">The block, of so many bytes and a header.</param>
    /// <param name="length">The message's length and capacity.</param>
    /// <param name="heapIndex">The block's heap.</param>
    /// <returns>The message's word.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Open(void* block, int length, nint heapIndex)
    {
        MessageHeader* header = (MessageHeader*)block;
        int tag = NextTag(header->State);
        if (tag <= 1)
        {
            tag = FirstTag(header->State);
        }

        header->State = OneReference | ((long)heapIndex << HeapShift) | (uint)tag;
        header->Length = length;
        header->Capacity = length;
        return HeaderToken.Make(header, tag);
    }

    /// <summary>Whether a state is that of the message of a word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsOf(long state, ulong token) => (ushort)state == (ushort)token;

    /// <summary>The references that a state counts.</summary>
    public static int References(long state) => (int)(state >> ReferenceShift);

    /// <summary>Adds references, of which there must be one that is not released meanwhile.</summary>
    /// <param name="header">The message.</param>
    /// <param name="token">Its word.</param>
    /// <param name="count">How many; more than 0.</param>
    public static void Retain(MessageHeader* header, ulong token, int count)
    {
        while (true)
        {
            long state = Volatile.Read(ref header->State);
            Require(state, token);
            if (References(state) > MaxReferences - count)
            {
                throw MessageErrors.TooManyReferences(References(state), count);
            }

            if (Atomic.CompareExchange(ref header->State, state + (count * OneReference), state) == state)
            {
                return;
            }
        }
    }

    /// <summary>Takes a reference away, and frees the block with the last.</summary>
    /// <param name="header">The message.</param>
    /// <param name="token">Its word.</param>
    /// <returns>Whether it was the last.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Release(MessageHeader* header, ulong token)
    {
        long state = Volatile.Read(ref header->State);
        if (!IsOf(state, token) || References(state) != 1)
        {
            return ReleaseShared(header, token);
        }

        Close(header, state);
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool ReleaseShared(MessageHeader* header, ulong token)
    {
        while (true)
        {
            long state = Volatile.Read(ref header->State);
            Require(state, token);
            if (References(state) == 1)
            {
                Close(header, state);
                return true;
            }

            if (Atomic.CompareExchange(ref header->State, state - OneReference, state) == state)
            {
                return false;
            }
        }
    }

    // With the count, as what is about to be changed may be another's memory, which has the tag by chance.
    private static void Require(long state, ulong token)
    {
        if (!IsOf(state, token) || References(state) < 1)
        {
            throw MessageErrors.NoMessage(token);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Close(MessageHeader* header, long state)
    {
        int heapIndex = (ushort)(state >> HeapShift);
        header->State = Freed | (uint)NextTag(state);
        if (heapIndex == PageHeap.SharedHeapIndex)
        {
            HeapMemory.Free(header);
        }
        else
        {
            FreeOwn(header, heapIndex);
        }
    }

    // Of any heap but the shared one, which may have ended, and another have its index.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FreeOwn(MessageHeader* header, int heapIndex)
    {
        if (Heap.TryFreeOwn(heapIndex, header))
        {
            return;
        }

        PageSpan* span = HeapProcess.Pages->Map.SpanOf(header, heapIndex);
        if (span == null || !span->IsStart(header))
        {
            throw MessageErrors.HeapEnded();
        }

        void* bad = AllocationRoutes.FreeUntyped(HeapProcess.Indexes->Find(heapIndex), header, span);
        if (bad != null)
        {
            throw HeapErrors.WrongFree(bad);
        }
    }

    private static int NextTag(long state) => (ushort)(state + 1);

    // Memory that reads as zero is new, or has been with the system. Were its first tag always the same, a word from before would fit what comes after; threads at it at the same time may take the same.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int FirstTag(long state) => state == 0 && (ushort)++s_firstTag is var tag and not 0 ? tag : 1;
}
