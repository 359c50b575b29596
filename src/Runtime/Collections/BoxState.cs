namespace NativeHeap.Collections;

/// <summary>What a box is behind its struct. Overlays the first bytes of a header.</summary>
internal unsafe struct BoxState<T>
    where T : unmanaged
{
    /// <summary>The header's.</summary>
    public ulong Token;

    /// <summary>The object.</summary>
    public T* Pointer;
}
