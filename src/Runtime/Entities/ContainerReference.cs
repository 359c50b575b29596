// The one word that a table or a pool is for those who hold it: its header's address and generation (Central/ContainerHeader.cs).
//
// No other container ever has the same, so that the word tells whether the container is still there, whoever's copy of it this is; and default, which is 0, is none.

using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using NativeHeap.Central;
using NativeHeap.Heaps;
using NativeHeap.Pages;

namespace NativeHeap.Entities;

/// <summary>Refers to a container that may be gone.</summary>
internal readonly unsafe struct ContainerReference
{
    private const long DefaultValueBytes = 1L << 32;
    private const int LeastDefaultCapacity = 1 << 16;
    private const int MostDefaultCapacity = 1 << 24;

    /// <summary>Refers to the container of a header's token.</summary>
    public ContainerReference(ulong token) => Token = token;

    /// <summary>The word; 0 in <c>default</c>.</summary>
    public ulong Token { get; }

    /// <summary>Whether the container is there.</summary>
    public bool IsAlive
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Token != 0 && ContainerHeader.Of(Token)->Token == Token;
    }

    /// <summary>The most elements of a container for which no number is given.</summary>
    public static int DefaultMaxCapacity(int valueSize) => (int)long.Clamp(DefaultValueBytes / valueSize, LeastDefaultCapacity, MostDefaultCapacity);

    /// <summary>The set for a new container, or null when the system has no memory for it; throws if there cannot be such a container.</summary>
    public static CentralSet* RequireSet(Heap heap, int maxCapacity, int valueSize)
    {
        ArgumentNullException.ThrowIfNull(heap);
        return maxCapacity >= 1 && (nuint)(uint)maxCapacity * (uint)valueSize <= PageHeap.MaxObjectSize
            ? ContainerRoutes.SetOf(heap)
            : throw EntityErrors.BadMaxCapacity(nameof(maxCapacity), maxCapacity, valueSize);
    }

    /// <summary>The container's state, which its header begins with; throws if the container is gone.</summary>
    /// <typeparam name="TContainer">The type that its user knows it by.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* Require<TContainer>()
    {
        if (!IsAlive)
        {
            ThrowGone<TContainer>(Token);
        }

        return ContainerHeader.Of(Token);
    }

    /// <summary>Ends the container, if it is there.</summary>
    public void Close()
    {
        if (IsAlive)
        {
            ContainerHeader* header = ContainerHeader.Of(Token);
            header->List->Close(header);
        }
    }

    // Static, so that the word need not be in memory to have an address.
    [DoesNotReturn]
    private static void ThrowGone<TContainer>(ulong token) => throw EntityErrors.NoContainer(typeof(TContainer), token);
}
