// Where the allocator's own structures come from: spans, arenas, central caches, magazines, thread records.
//
// A bump pointer over chunks from the system. Nothing is ever given back, so the memory of a kind of struct stays that kind's for
// ever (each owner keeps a free list of its own): a reader without a lock can meet an old value, never another type and never unmapped
// memory. Blocks are zeroed and start at a multiple of 64 bytes, a cache line.
//
//     Bytes = sum of all blocks handed out <= ChunkBytes = sum of all chunks obtained;   the difference has never been touched
//
// Each chunk stands between guards (VirtualMemory.Alloc): what runs on beyond the end of other memory, objects above all, dies before it gets here. That costs a chunk two of the mappings that a process
// may have (65,530 on Linux), so chunks grow with what there is: there are some hundreds of them in a TiB.
//
// The lock is the last in the lock order: any other may be held when it is taken, and a chunk is obtained under it.

using System.Runtime.CompilerServices;

namespace NativeHeap.Platform;

/// <summary>Zeroed, cache-line aligned, permanent memory for metadata.</summary>
internal unsafe struct MetadataAllocator
{
    private const nuint BlockAlignment = 64;

    // Only touched pages cost memory, so the chunk is as large as the largest common block (an arena's tables) asks for.
    private const nuint ChunkSize = 1 << 20;
    private const int ChunkShare = 16;

    private HeapLock _lock;
    private byte* _next;
    private byte* _end;
    private nuint _bytes;
    private nuint _chunkBytes;

    /// <summary>The bytes of all blocks handed out.</summary>
    public readonly nuint Bytes => _bytes;

    /// <summary>The bytes of all chunks obtained.</summary>
    public readonly nuint ChunkBytes => _chunkBytes;

    /// <summary>Makes the process's allocator, inside its own first chunk.</summary>
    /// <returns>The allocator, or null when the system has no memory.</returns>
    public static MetadataAllocator* Create()
    {
        byte* chunk = (byte*)VirtualMemory.Alloc(ChunkSize);
        if (chunk == null)
        {
            return null;
        }

        var allocator = (MetadataAllocator*)chunk;
        allocator->_next = chunk + RoundUp((nuint)sizeof(MetadataAllocator));
        allocator->_end = chunk + ChunkSize;
        allocator->_bytes = (nuint)(allocator->_next - chunk);
        allocator->_chunkBytes = ChunkSize;
        return allocator;
    }

    /// <summary>A zeroed block for one <typeparamref name="T"/>, or null.</summary>
    public T* Alloc<T>()
        where T : unmanaged
        => (T*)Alloc((nuint)sizeof(T));

    /// <summary>A zeroed block, or null when the system has no memory.</summary>
    /// <param name="size">In bytes.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void* Alloc(nuint size)
    {
        size = RoundUp(size);
        if (FaultInjection.Refuses(SystemCall.Metadata, null, size))
        {
            return null;
        }

        _lock.Enter();
        byte* block = _next;
        if ((nuint)(_end - block) < size)
        {
            // A block too large for the rest of a chunk gets pages of its own, unless the rest is too small to be missed.
            bool isAlone = size > ChunkSize / 4;
            nuint chunkSize = isAlone ? (size + 65535) & ~(nuint)65535 : nuint.Max(ChunkSize, (_chunkBytes / ChunkShare) & ~(ChunkSize - 1));
            block = (byte*)VirtualMemory.Alloc(chunkSize);
            if (block == null)
            {
                _lock.Exit();
                return null;
            }

            _chunkBytes += chunkSize;
            if (!isAlone)
            {
                _next = block + size;
                _end = block + chunkSize;
            }
        }
        else
        {
            _next = block + size;
        }

        _bytes += size;
        _lock.Exit();
        return block;
    }

    private static nuint RoundUp(nuint size) => (size + BlockAlignment - 1) & ~(BlockAlignment - 1);
}
