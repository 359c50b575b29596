// The native side of a collection whose items lie in a block of the heap, an array, a list or a dictionary: what its struct, one word that may be copied at will, refers to. The
// small sibling of ContainerHeader: one line of the cache, without regions, since there may be as many collections as objects.
//
//     struct's word = Token = HeaderToken.Make(header, generation)       while the collection lives
//                     Token = the last generation, without an address     while none does: no struct has that
//
// Every use of a collection compares the two first. Headers are metadata, never unmapped, and serve the next collection of the same heap.
//
// List and Next are under the list's lock. State is the collection's own, to lay out as it likes; one thread at a time changes it.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NativeHeap.Central;

/// <summary>What a collection is, outside of its items.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal unsafe struct CollectionHeader
{
    /// <summary>The bytes of a collection's own state, <see cref="Token"/> included.</summary>
    public const int StateBytes = 48;

    /// <summary>The collection's word, or a number that is none's if there is none at the moment.</summary>
    public ulong Token;

    /// <summary>The collection's own.</summary>
    public fixed byte State[StateBytes - sizeof(ulong)];

    /// <summary>The list that it belongs to.</summary>
    public CollectionList* List;

    /// <summary>The next unused header, while this one is unused.</summary>
    public CollectionHeader* Next;

    /// <summary>Whether there is a collection.</summary>
    public readonly bool IsOpen => Token > HeaderToken.MaxGeneration;

    /// <summary>Whether there can be another.</summary>
    public readonly bool IsUsedUp => Token == HeaderToken.MaxGeneration;

    /// <summary>Starts the next generation, with a state of zeros.</summary>
    public void Open()
    {
        fixed (byte* state = State)
        {
            new Span<byte>(state, StateBytes - sizeof(ulong)).Clear();
        }

        Token = HeaderToken.Make(Unsafe.AsPointer(ref this), (int)Token + 1);
    }

    /// <summary>Ends the collection. Its word is nobody's from now on.</summary>
    public void Close() => Token &= HeaderToken.MaxGeneration;
}
