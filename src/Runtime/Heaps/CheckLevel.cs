namespace NativeHeap;

/// <summary>How closely it is watched whether memory is used as it should be.</summary>
public enum CheckLevel
{
    /// <summary>What costs nothing. A wrong free is found when its pointer reaches its span, if that can still tell, and reported by the call that is made then.</summary>
    Off,

    /// <summary>
    /// Every free, and every return of a pool's buffer, is tested at once. Of a heap: that its pointer is to a block of the heap, of the type's size class, in use. Of a pool of buffers: that it was not returned
    /// before, which is known for ever, since there nothing is recycled.
    /// </summary>
    Basic,

    /// <summary>
    /// All that <see cref="Basic"/> tests, and writes where no object is: around each object stands what is looked at when it is freed; what is freed is filled, or made inaccessible if it is over 32 KiB, and kept from use for a
    /// while (<see cref="HeapOptions.QuarantineBytes"/>), after which it is looked at, too; what ends with its heap is inaccessible. Of each object the thread and the line that allocated and freed it are known, as far as the stubs
    /// tell. For pools of buffers as <see cref="Basic"/>.
    /// </summary>
    Full,
}
