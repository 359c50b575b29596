// The native side of a container whose elements lie in address regions, a table or a pool: what its struct, one word that may be copied at will, refers to.
//
//     struct's word = Token = HeaderToken.Make(header, Generation)       while the container lives;  else Token = 0
//
// Every use of a container compares the two first, so that a copy of the struct that has outlived the container, or its heap, is an error and never a crash. Headers come from
// the metadata allocator, are never unmapped, and serve the next container of the same heap under the next generation, as long as there is one.
//
// State is the container's own, for it to lay out; with Token in front it is one line of the cache and the next. Regions are its memory.
//
// Links and Generation are under the list's lock. The rest belongs to the container, which is changed by one thread at a time.

using System;
using System.Runtime.CompilerServices;

using NativeHeap.Pages;

namespace NativeHeap.Central;

/// <summary>What lies in a container's first region, for readers that do not know it by its type.</summary>
internal enum ContainerKind : byte
{
    /// <summary>Memory that somebody else divides.</summary>
    Memory,

    /// <summary>The elements of a table.</summary>
    Table,

    /// <summary>The elements of a pool.</summary>
    Pool,
}

/// <summary>What a container is, outside of its elements.</summary>
internal unsafe struct ContainerHeader
{
    /// <summary>The bytes of a container's own state, <see cref="Token"/> included.</summary>
    public const int StateBytes = 128;

    /// <summary>The most regions of a container.</summary>
    public const int MaxRegions = 4;

    /// <summary>The container's word, or 0 if there is none at the moment.</summary>
    public ulong Token;

    /// <summary>The container's own.</summary>
    public fixed byte State[StateBytes - sizeof(ulong)];

    /// <summary>The list that it belongs to.</summary>
    public ContainerList* List;

    /// <summary>The next header in the heap's list of containers, or of unused ones.</summary>
    public ContainerHeader* Next;

    /// <summary>The previous container of the heap.</summary>
    public ContainerHeader* Previous;

    /// <summary>How many containers the header has served, this one included.</summary>
    public int Generation;

    /// <summary>What it is.</summary>
    public ContainerKind Kind;

    private RegionArray _regions;

    /// <summary>The header of a word. Whether the container lives is for <see cref="Token"/> to say.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ContainerHeader* Of(ulong token) => (ContainerHeader*)HeaderToken.HeaderOf(token);

    /// <summary>One of the container's regions.</summary>
    public AddressRegion* Region(int index) => (AddressRegion*)Unsafe.AsPointer(ref _regions[index]);

    /// <summary>Exchanges state and regions with another container of the same heap and kind. Both keep their words.</summary>
    public void Exchange(ContainerHeader* other)
    {
        List->EnterRead();
        fixed (byte* state = State)
        {
            Span<byte> mine = new(state, StateBytes - sizeof(ulong));
            Span<byte> theirs = new(other->State, StateBytes - sizeof(ulong));
            Span<byte> copy = stackalloc byte[StateBytes - sizeof(ulong)];
            mine.CopyTo(copy);
            theirs.CopyTo(mine);
            copy.CopyTo(theirs);
        }

        (_regions, other->_regions) = (other->_regions, _regions);
        List->ExitRead();
    }

    /// <summary>Starts the next generation, at the front of a list.</summary>
    public void Open(ContainerList* list, ContainerHeader* next)
    {
        List = list;
        Next = next;
        Previous = null;
        Kind = ContainerKind.Memory;
        _regions = default;
        fixed (byte* state = State)
        {
            new Span<byte>(state, StateBytes - sizeof(ulong)).Clear();
        }

        Generation++;
        Token = HeaderToken.Make(Unsafe.AsPointer(ref this), Generation);
    }

    [InlineArray(MaxRegions)]
    private struct RegionArray
    {
        private AddressRegion _first;
    }
}
