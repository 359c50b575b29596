namespace NativeHeap;

/// <summary>Goes through the ranges of a <see cref="FreeListAllocator"/>: what <c>foreach</c> over it uses.</summary>
public ref struct FreeListEnumerator
{
    private const int End = -1;

    private readonly FreeListAllocator _allocator;
    private readonly int _version;
    private int _range;

    internal FreeListEnumerator(FreeListAllocator allocator)
    {
        _allocator = allocator;
        _version = allocator.Version;
    }

    /// <summary>The range that <see cref="MoveNext"/> has come to.</summary>
    public FreeListRange Current { get; private set; }

    /// <summary>Goes to the next range.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="System.InvalidOperationException">Something has been allocated or freed since the enumeration began.</exception>
    /// <exception cref="System.ObjectDisposedException">The allocator has been disposed of.</exception>
    public bool MoveNext()
    {
        if (_range != End)
        {
            Current = _allocator.Next(ref _range, _version);
            _range = _range == 0 ? End : _range;
        }

        return _range != End;
    }
}
