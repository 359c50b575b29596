// The one word that a container is for those who hold it, be it a table, a pool, a list or a box: its header's address and generation (Central/HeaderToken.cs).
//
// No other container ever has the same, so that the word tells whether the container is still there, whoever's copy of it this is; and default, which is 0, is none. Every header begins
// with its word and the container's state, so that what is needed next is in the line of the cache that has just been asked.

using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using NativeHeap.Central;

namespace NativeHeap.Heaps;

/// <summary>Refers to a container that may be gone.</summary>
internal readonly unsafe struct ContainerReference
{
    /// <summary>Refers to the container of a header's token.</summary>
    public ContainerReference(ulong token) => Token = token;

    /// <summary>The word; 0 in <c>default</c>.</summary>
    public ulong Token { get; }

    /// <summary>Whether the container is there.</summary>
    public bool IsAlive
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Token != 0 && *(ulong*)HeaderToken.HeaderOf(Token) == Token;
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

        return HeaderToken.HeaderOf(Token);
    }

    // Static, so that the word need not be in memory to have an address.
    [DoesNotReturn]
    private static void ThrowGone<TContainer>(ulong token) => throw ContainerErrors.NoContainer(typeof(TContainer), token);
}
