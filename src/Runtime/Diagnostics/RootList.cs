// Memory of the user's own in which pointers to blocks are kept, as the user has named it: static storage, another allocator's, a buffer that is pinned.
//
//     s_roots[0 .. s_count)     in the order in which they were added; the array is replaced by a longer one under the lock
//
// It is read in pieces, each under the lock: when a root has been removed, nobody reads it any more, and its memory may go.

using System.Runtime.InteropServices;

using NativeHeap.Platform;

namespace NativeHeap.Diagnostics;

/// <summary>The roots that the user has named.</summary>
internal static unsafe class RootList
{
    private const int FirstLength = 4;

    private static readonly PinnedLock s_lock = new();
    private static Root[] s_roots = [];
    private static int s_count;

    /// <summary>Adds a root.</summary>
    /// <param name="start">Its first byte.</param>
    /// <param name="bytes">Its length.</param>
    public static void Add(byte* start, nuint bytes)
    {
        Root[] longer = [];
        while (!TryAdd(new Root { Start = start, Bytes = bytes }, longer))
        {
            longer = new Root[int.Max(FirstLength, 2 * s_roots.Length)];
        }
    }

    /// <summary>Removes the root that was added last of those with a first byte.</summary>
    /// <returns>Whether there was one.</returns>
    public static bool Remove(byte* start)
    {
        s_lock.Enter();
        int index = s_count - 1;
        while (index >= 0 && s_roots[index].Start != start)
        {
            index--;
        }

        if (index >= 0)
        {
            s_count--;
            for (int i = index; i < s_count; i++)
            {
                s_roots[i] = s_roots[i + 1];
            }
        }

        s_lock.Exit();
        return index >= 0;
    }

    /// <summary>Copies a piece of a root.</summary>
    /// <param name="index">Which of them, from 0 on.</param>
    /// <param name="offset">How far from its start the piece begins.</param>
    /// <param name="content">Receives it.</param>
    /// <param name="bytes">The length of the piece; the part of it beyond the root's end is not copied.</param>
    /// <param name="start">The root's first byte; null if there are not so many.</param>
    /// <returns>How much was copied.</returns>
    public static nuint Copy(int index, nuint offset, byte* content, nuint bytes, out byte* start)
    {
        nuint copied = 0;
        start = null;
        s_lock.Enter();
        if (index < s_count)
        {
            Root root = s_roots[index];
            start = root.Start;
            copied = offset < root.Bytes ? nuint.Min(bytes, root.Bytes - offset) : 0;
            NativeMemory.Copy(start + offset, content, copied);
        }

        s_lock.Exit();
        return copied;
    }

    private static bool TryAdd(Root root, Root[] longer)
    {
        s_lock.Enter();
        if (s_count == s_roots.Length && s_count < longer.Length)
        {
            s_roots.CopyTo(longer, 0);
            s_roots = longer;
        }

        bool hasRoom = s_count < s_roots.Length;
        if (hasRoom)
        {
            s_roots[s_count++] = root;
        }

        s_lock.Exit();
        return hasRoom;
    }

    private struct Root
    {
        public byte* Start;
        public nuint Bytes;
    }
}
