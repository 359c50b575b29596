// The headers of a heap's collections. They come in blocks of metadata, each twice as long as the one before up to 16 KiB, and unused ones wait in a list.
//
//     Count = open headers;   every header of a block is open, in the list of unused ones, or used up
//
// A collection's items are blocks of the heap, which the heap counts and frees as any other: so here is no memory to give back, and when all of the heap's objects end, the headers are
// closed block by block. The lock guards all of it and ranks as a central lock.

using System;
using System.Threading;

using NativeHeap.Platform;

namespace NativeHeap.Central;

/// <summary>The headers of one heap's collections.</summary>
internal unsafe struct CollectionList
{
    // The first place of a block is the link to the one before.
    private const int FirstBlockLength = 8;
    private const int MaxBlockLength = 256;

    private HeapLock _lock;
    private CollectionHeader* _unused;
    private HeaderBlock* _blocks;
    private long _count;

    /// <summary>The heap.</summary>
    public CentralSet* Set { get; private set; }

    /// <summary>The number of collections.</summary>
    public readonly long Count => Volatile.Read(in _count);

    /// <summary>Sets up an empty list. It must not move.</summary>
    public void Initialize(CentralSet* set) => Set = set;

    /// <summary>Makes a collection that has no items yet.</summary>
    /// <param name="list">The list of the heap.</param>
    /// <returns>Its header, whose state is zero but for the token; null when the system has no memory.</returns>
    public static CollectionHeader* Open(CollectionList* list)
    {
        list->_lock.Enter();
        CollectionHeader* header = null;
        if (list->_unused != null || AddBlock(list))
        {
            header = list->_unused;
            list->_unused = header->Next;
            list->_count++;
            header->Open();
        }

        list->_lock.Exit();
        return header;
    }

    /// <summary>Ends a collection, whose items are the caller's to free.</summary>
    public void Close(CollectionHeader* header)
    {
        _lock.Enter();
        CloseCore(header);
        _lock.Exit();
    }

    /// <summary>Copies the addresses of the headers of all collections.</summary>
    /// <param name="headers">Receives as many as it has room for.</param>
    /// <returns>How many there are.</returns>
    public int CopyHeaders(Span<nint> headers)
    {
        _lock.Enter();
        int count = 0;
        for (HeaderBlock* block = _blocks; block != null; block = block->Previous)
        {
            for (int i = 1; i < block->Length; i++)
            {
                CollectionHeader* header = (CollectionHeader*)block + i;
                if (header->IsOpen)
                {
                    if (count < headers.Length)
                    {
                        headers[count] = (nint)header;
                    }

                    count++;
                }
            }
        }

        _lock.Exit();
        return count;
    }

    /// <summary>Ends all collections, whose items have ended with the heap's other blocks.</summary>
    public void CloseAll()
    {
        _lock.Enter();
        for (HeaderBlock* block = _blocks; block != null; block = block->Previous)
        {
            for (int i = 1; i < block->Length; i++)
            {
                CollectionHeader* header = (CollectionHeader*)block + i;
                if (header->IsOpen)
                {
                    CloseCore(header);
                }
            }
        }

        _lock.Exit();
    }

    private void CloseCore(CollectionHeader* header)
    {
        header->Close();
        _count--;
        if (!header->IsUsedUp)
        {
            header->Next = _unused;
            _unused = header;
        }
    }

    private static bool AddBlock(CollectionList* list)
    {
        int length = list->_blocks == null ? FirstBlockLength : int.Min(2 * list->_blocks->Length, MaxBlockLength);
        HeaderBlock* block = (HeaderBlock*)list->Set->Metadata->Alloc((nuint)length * (nuint)sizeof(CollectionHeader));
        if (block == null)
        {
            return false;
        }

        block->Previous = list->_blocks;
        block->Length = length;
        list->_blocks = block;

        // From the end, so that the first place is taken first.
        for (int i = length - 1; i > 0; i--)
        {
            CollectionHeader* header = (CollectionHeader*)block + i;
            header->List = list;
            header->Next = list->_unused;
            list->_unused = header;
        }

        return true;
    }

    // Overlays the place of the first header.
    private struct HeaderBlock
    {
        public HeaderBlock* Previous;
        public int Length;
    }
}
