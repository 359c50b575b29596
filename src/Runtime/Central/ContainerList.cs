// A heap's containers: the tables and pools that hold memory of it in address regions.
//
//     RegionBytes = sum over the containers' regions of Committed         live bytes of the heap, as a large object's are
//
// They end one by one, or all with the heap's other memory. The lock guards the list, the unused headers and the counts, and ranks as a central lock; no call of the system is
// made under it. Regions themselves are their container's, which one thread at a time changes. Others may read what they hold under the lock: what a region says under it that it has usable, is.

using System;
using System.Threading;

using NativeHeap.Pages;
using NativeHeap.Platform;

namespace NativeHeap.Central;

/// <summary>The containers of one heap.</summary>
internal unsafe struct ContainerList
{
    private HeapLock _lock;
    private ContainerHeader* _first;
    private ContainerHeader* _unused;
    private long _count;
    private long _regionBytes;

    /// <summary>The heap.</summary>
    public CentralSet* Set { get; private set; }

    /// <summary>The number of containers.</summary>
    public readonly long Count => Volatile.Read(in _count);

    /// <summary>The usable bytes of their regions.</summary>
    public readonly long RegionBytes => Volatile.Read(in _regionBytes);

    /// <summary>Sets up an empty list. It must not move.</summary>
    public void Initialize(CentralSet* set) => Set = set;

    /// <summary>Makes a container that holds nothing yet.</summary>
    /// <param name="list">The list of the heap.</param>
    /// <returns>Its header, whose state is zero but for the token; null when the system has no memory.</returns>
    public static ContainerHeader* Open(ContainerList* list)
    {
        list->_lock.Enter();
        ContainerHeader* header = list->_unused;
        if (header != null)
        {
            list->_unused = header->Next;
        }
        else
        {
            header = list->Set->Metadata->Alloc<ContainerHeader>();
        }

        if (header != null)
        {
            header->Open(list, list->_first);
            if (header->Next != null)
            {
                header->Next->Previous = header;
            }

            list->_first = header;
            list->_count++;
        }

        list->_lock.Exit();
        return header;
    }

    /// <summary>Ends a container and gives its memory back.</summary>
    public void Close(ContainerHeader* header)
    {
        header->Token = 0;
        _lock.Enter();
        Unlink(header);
        _lock.Exit();
        for (int region = 0; region < ContainerHeader.MaxRegions; region++)
        {
            Set->Pages->ReleaseRegion(header->Region(region), &Set->Quota);
        }

        if (header->Generation < HeaderToken.MaxGeneration)
        {
            _lock.Enter();
            header->Next = _unused;
            _unused = header;
            _lock.Exit();
        }
    }

    /// <summary>Ends all containers and gives their memory back.</summary>
    public void CloseAll()
    {
        while (_first != null)
        {
            Close(_first);
        }
    }

    /// <summary>Reserves one of a container's regions.</summary>
    /// <param name="header">The container.</param>
    /// <param name="region">The region, which must be empty.</param>
    /// <param name="bytes">The most that it is to hold.</param>
    /// <returns>Whether the system had the addresses.</returns>
    public readonly bool Reserve(ContainerHeader* header, int region, nuint bytes) => Set->Pages->ReserveRegion(header->Region(region), bytes);

    /// <summary>Makes at least the first bytes of one of a container's regions usable.</summary>
    /// <param name="header">The container.</param>
    /// <param name="region">The region.</param>
    /// <param name="bytes">How many; at most what it has reserved.</param>
    /// <returns>Whether they are; if not, nothing has changed.</returns>
    public bool Commit(ContainerHeader* header, int region, nuint bytes)
    {
        nuint before = header->Region(region)->Committed;
        bool done = Set->Pages->CommitRegion(header->Region(region), bytes, &Set->Quota);
        nuint more = header->Region(region)->Committed - before;
        if (Set->KeepsMemory)
        {
            VirtualMemory.Prefault(header->Region(region)->Start + before, more);
        }

        AddRegionBytes((long)more);
        return done;
    }

    /// <summary>Gives the memory at the end of one of a container's regions back.</summary>
    /// <param name="header">The container.</param>
    /// <param name="region">The region.</param>
    /// <param name="bytes">How many bytes at its start stay usable at least.</param>
    public void Decommit(ContainerHeader* header, int region, nuint bytes)
    {
        // What goes is out of readers' sight before.
        _lock.Enter();
        AddressRegion decommitted = *header->Region(region);
        nuint before = decommitted.Committed;
        header->Region(region)->Committed = nuint.Min(bytes, before);
        _lock.Exit();
        Set->Pages->DecommitRegion(&decommitted, bytes, &Set->Quota);
        header->Region(region)->Committed = decommitted.Committed;
        AddRegionBytes(-(long)(before - decommitted.Committed));
    }

    /// <summary>Keeps the memory of all containers where it is, for who reads it, until <see cref="ExitRead"/>.</summary>
    public void EnterRead() => _lock.Enter();

    /// <summary>Lets containers end, shrink and be exchanged again.</summary>
    public void ExitRead() => _lock.Exit();

    /// <summary>Copies the addresses of the headers of all containers.</summary>
    /// <param name="headers">Receives as many as it has room for.</param>
    /// <returns>How many there are.</returns>
    public int CopyHeaders(Span<nint> headers)
    {
        _lock.Enter();
        int count = 0;
        for (ContainerHeader* header = _first; header != null; header = header->Next)
        {
            if (count < headers.Length)
            {
                headers[count] = (nint)header;
            }

            count++;
        }

        _lock.Exit();
        return count;
    }

    /// <summary>Gives the whole pages of memory in a usable stretch of one of a container's regions back. They stay usable; what they held is lost, or not, page by page.</summary>
    /// <param name="header">The container.</param>
    /// <param name="region">The region.</param>
    /// <param name="offset">Where the stretch begins, in bytes from the region's start.</param>
    /// <param name="bytes">Its length.</param>
    public static void Purge(ContainerHeader* header, int region, nuint offset, nuint bytes) => _ = VirtualMemory.Purge(header->Region(region)->Start + offset, bytes);

    /// <summary>Whether an address lies in the usable part of a region. Takes a time that grows with the number of containers.</summary>
    public bool Owns(void* address)
    {
        _lock.Enter();
        bool owns = false;
        for (ContainerHeader* header = _first; header != null && !owns; header = header->Next)
        {
            for (int region = 0; region < ContainerHeader.MaxRegions; region++)
            {
                owns |= header->Region(region)->Contains(address);
            }
        }

        _lock.Exit();
        return owns;
    }

    private void AddRegionBytes(long bytes)
    {
        if (bytes != 0)
        {
            _lock.Enter();
            _regionBytes += bytes;
            _lock.Exit();
        }
    }

    private void Unlink(ContainerHeader* header)
    {
        if (header->Next != null)
        {
            header->Next->Previous = header->Previous;
        }

        if (header->Previous != null)
        {
            header->Previous->Next = header->Next;
        }
        else
        {
            _first = header->Next;
        }

        _count--;
        for (int region = 0; region < ContainerHeader.MaxRegions; region++)
        {
            _regionBytes -= (long)header->Region(region)->Committed;
        }
    }
}
