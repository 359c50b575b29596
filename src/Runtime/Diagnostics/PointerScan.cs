// All memory that may hold pointers to blocks, read once: what the heap graph is made of, and what is asked who still points somewhere.
//
//     holders = live blocks of all heaps, but those of kinds without pointers (noscan)
//             + elements of tables and pools + what compacting allocators hold          their regions
//             + collections                                                             their headers, which point to their blocks
//             + roots that the user has named                                           RootList
//
//     a pointer = a word at a multiple of 8 bytes whose value is in the range that is asked for: a number may be taken for one, a pointer that is kept otherwise (packed, compressed, at an odd address) is not seen
//
// What is on stacks, in fields of classes and in the garbage collector's heap is not read: nothing there says what is a pointer, and the runtime has no door to it.
//
// Memory is copied in pieces, under the lock that keeps it where it is, and read from the copy with no lock held. So other threads may go on, and each piece is of one moment.

using System.Numerics;
using System.Runtime.InteropServices;

using NativeHeap.Central;
using NativeHeap.Entities;
using NativeHeap.Heaps;
using NativeHeap.Pages;
using NativeHeap.SizeClasses;

namespace NativeHeap.Diagnostics;

/// <summary>What a pointer was found in.</summary>
internal enum HolderKind
{
    /// <summary>A live block.</summary>
    Block,

    /// <summary>An element of a table.</summary>
    TableElement,

    /// <summary>An element of a pool.</summary>
    PoolElement,

    /// <summary>The memory of a compacting allocator.</summary>
    MovableMemory,

    /// <summary>A box, an array, a list or a dictionary.</summary>
    Collection,

    /// <summary>A root that the user has named.</summary>
    Root,
}

/// <summary>Something that a pointer was found in.</summary>
internal unsafe struct Holder
{
    /// <summary>What it is.</summary>
    public HolderKind Kind;

    /// <summary>Its heap; of a root that of the user's, null.</summary>
    public CentralSet* Set;

    /// <summary>A block's span.</summary>
    public PageSpan* Span;

    /// <summary>Its first byte.</summary>
    public byte* Start;
}

/// <summary>Who is told of pointers. It may be told of several in one holder.</summary>
internal unsafe interface IPointerSink
{
    /// <summary>Takes a pointer. No lock is held.</summary>
    /// <param name="holder">What it was found in.</param>
    /// <param name="offset">How far from the holder's start.</param>
    /// <param name="value">Where it points to.</param>
    void Add(in Holder holder, nuint offset, nuint value);
}

/// <summary>Reads all memory that may hold pointers.</summary>
internal unsafe ref struct PointerScan<TSink>
    where TSink : struct, IPointerSink
{
    private readonly nuint _low;
    private readonly nuint _length;
    private readonly ref TSink _sink;

    // A copy of some memory, as long as the longest span of slots; and a bit for each of its bytes.
    private readonly ulong* _piece;
    private readonly nuint _pieceBytes;
    private readonly ulong* _bits;

    private PointerScan(nuint low, nuint length, ref TSink sink, ulong* piece, nuint pieceBytes, ulong* bits)
    {
        _low = low;
        _length = length;
        _sink = ref sink;
        _piece = piece;
        _pieceBytes = pieceBytes;
        _bits = bits;
    }

    /// <summary>Tells of all pointers into a range: those in blocks first, in the order of their addresses.</summary>
    /// <param name="low">The first address of the range.</param>
    /// <param name="length">Its length.</param>
    /// <param name="sink">Who is told.</param>
    public static void Run(nuint low, nuint length, ref TSink sink)
    {
        int pages = 0;
        for (int sizeClass = 0; sizeClass < SizeClass.Count; sizeClass++)
        {
            pages = int.Max(pages, SizeClass.Pages(sizeClass));
        }

        int bytes = pages << SizeClass.PageShift;
        fixed (ulong* piece = new ulong[bytes / sizeof(ulong)], bits = new ulong[(bytes / 64) + 1])
        {
            PointerScan<TSink> scan = new(low, length, ref sink, piece, (nuint)bytes, bits);
            scan.ReadBlocks();
            for (int index = 0; index < HeapProcess.Indexes->Count; index++)
            {
                CentralSet* set = HeapProcess.Indexes->Find(index);
                scan.ReadContainers(set);
                scan.ReadCollections(set);
            }

            scan.ReadRoots();
        }
    }

    private void ReadBlocks()
    {
        UsedSlots slots;
        PageSpan* span;
        for (nuint page = 0; (span = LiveSpans.Next(ref page, &slots, (byte*)_piece, out CentralSet* set)) != null;)
        {
            if (!SizeClass.MayHoldPointers(slots.SpanClass))
            {
                continue;
            }

            Holder holder = new() { Set = set, Span = span };
            if (SizeClass.FromSpanClass(slots.SpanClass) == SizeClass.Large)
            {
                holder.Start = slots.Base;
                nuint copied;
                for (nuint offset = 0; (copied = set->CopyLarge(span, slots.Base + offset, (byte*)_piece, _pieceBytes)) != 0; offset += copied)
                {
                    Read(holder, _piece, copied, offset);
                }

                continue;
            }

            for (int word = 0; word < slots.Words; word++)
            {
                for (ulong bits = slots.Bits[word]; bits != 0; bits &= bits - 1)
                {
                    nuint offset = (nuint)((word * 64) + BitOperations.TrailingZeroCount(bits)) * slots.SlotSize;
                    holder.Start = slots.Base + offset;
                    Read(holder, (ulong*)((byte*)_piece + offset), slots.SlotSize, 0);
                }
            }
        }
    }

    private void ReadContainers(CentralSet* set)
    {
        foreach (nint header in HeadersOf(set, &CopyContainers))
        {
            ReadContainer(set, (ContainerHeader*)header);
        }
    }

    private void ReadContainer(CentralSet* set, ContainerHeader* header)
    {
        ulong token = header->Token;
        Piece piece = new() { Token = token };
        while (TryCopyPiece(header, ref piece))
        {
            Holder holder = new() { Kind = piece.Kind, Set = set };
            for (nuint i = 0; i < piece.Length / sizeof(ulong); i++)
            {
                if (_piece[i] - _low < _length)
                {
                    nuint offset = piece.Offset + (i * sizeof(ulong));
                    nuint element = offset / piece.ElementSize;
                    if (piece.Kind != HolderKind.PoolElement || ((_bits[(element >> 6) - piece.FirstBits] >> (int)element) & 1) != 0)
                    {
                        holder.Start = piece.Start + (element * piece.ElementSize);
                        _sink.Add(holder, offset - (element * piece.ElementSize), (nuint)_piece[i]);
                    }
                }
            }

            piece.Offset += piece.Length;
        }
    }

    // Copies the next piece of a container's first region, as far as it is in use; of a pool, which slots of it are.
    private readonly bool TryCopyPiece(ContainerHeader* header, ref Piece piece)
    {
        ContainerList* list = header->List;
        list->EnterRead();
        AddressRegion region = *header->Region(0);
        nuint used = region.Committed;
        piece.ElementSize = used;
        switch (header->Kind)
        {
            case ContainerKind.Table:
                piece.Kind = HolderKind.TableElement;
                piece.ElementSize = (nuint)(uint)((TableState*)header)->ValueSize;
                used = piece.ElementSize * (nuint)(uint)((TableState*)header)->Count;
                break;
            case ContainerKind.Pool:
                piece.Kind = HolderKind.PoolElement;
                piece.ElementSize = (nuint)(uint)((PoolState*)header)->ValueSize;
                used = piece.ElementSize * ((PoolState*)header)->SlotCount;
                break;
            default:
                piece.Kind = HolderKind.MovableMemory;
                break;
        }

        used = nuint.Min(used, region.Committed);
        piece.Start = region.Start;
        piece.Length = header->Token == piece.Token && piece.Token != 0 && piece.Offset < used ? nuint.Min(_pieceBytes, used - piece.Offset) : 0;
        if (piece.Length != 0)
        {
            NativeMemory.Copy(region.Start + piece.Offset, _piece, piece.Length);
            if (piece.Kind == HolderKind.PoolElement)
            {
                piece.FirstBits = piece.Offset / piece.ElementSize >> 6;
                nuint last = (piece.Offset + piece.Length - 1) / piece.ElementSize >> 6;
                NativeMemory.Copy(((PoolState*)header)->Bits.Words + piece.FirstBits, _bits, (last - piece.FirstBits + 1) * sizeof(ulong));
            }
        }

        list->ExitRead();
        return piece.Length != 0;
    }

    private void ReadCollections(CentralSet* set)
    {
        foreach (nint header in HeadersOf(set, &CopyCollections))
        {
            // A header is never unmapped. Of one that has ended meanwhile it may be read what it said before.
            const int Token = sizeof(ulong);
            Read(new Holder { Kind = HolderKind.Collection, Set = set, Start = (byte*)header }, (ulong*)(header + Token), CollectionHeader.StateBytes - Token, Token);
        }
    }

    private void ReadRoots()
    {
        byte* start = (byte*)1;
        for (int index = 0; start != null; index++)
        {
            Holder holder = new() { Kind = HolderKind.Root };
            _ = RootList.Copy(index, 0, null, 0, out start);
            nuint copied;

            // From the first address in it that is a multiple of a word's size.
            for (nuint offset = (0 - (nuint)start) % sizeof(ulong); (copied = RootList.Copy(index, offset, (byte*)_piece, _pieceBytes, out holder.Start)) != 0; offset += copied)
            {
                Read(holder, _piece, copied, offset);
            }
        }
    }

    private readonly void Read(in Holder holder, ulong* words, nuint bytes, nuint offset)
    {
        for (nuint i = 0; i < bytes / sizeof(ulong); i++)
        {
            if (words[i] - _low < _length)
            {
                _sink.Add(holder, offset + (i * sizeof(ulong)), (nuint)words[i]);
            }
        }
    }

    private static nint[] HeadersOf(CentralSet* set, delegate*<CentralSet*, nint[], int> copy)
    {
        nint[] headers = [];
        int count;
        while ((count = copy(set, headers)) > headers.Length)
        {
            headers = new nint[count];
        }

        return headers[..count];
    }

    private static int CopyContainers(CentralSet* set, nint[] headers) => set->Containers.CopyHeaders(headers);

    private static int CopyCollections(CentralSet* set, nint[] headers) => set->Collections.CopyHeaders(headers);

    // A piece of a container's first region.
    private struct Piece
    {
        public ulong Token;
        public HolderKind Kind;
        public byte* Start;
        public nuint Offset;
        public nuint Length;
        public nuint ElementSize;
        public nuint FirstBits;
    }
}
