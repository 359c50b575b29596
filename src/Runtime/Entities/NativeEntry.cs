namespace NativeHeap;

/// <summary>An element met by an enumeration, with its handle.</summary>
/// <typeparam name="T">The type of the element.</typeparam>
/// <remarks>Lives on the stack, and is valid until an element is removed.</remarks>
public readonly ref struct NativeEntry<T>
    where T : unmanaged
{
    private readonly ref T _value;

    internal NativeEntry(ref T value, NativeHandle<T> handle)
    {
        _value = ref value;
        Handle = handle;
    }

    /// <summary>The element itself, to be read and written.</summary>
    public ref T Value => ref _value;

    /// <summary>Its handle.</summary>
    public NativeHandle<T> Handle { get; }

    /// <summary>Takes it apart: <c>foreach (var (handle, value) in table)</c>.</summary>
    /// <param name="handle">The handle.</param>
    /// <param name="value">A copy of the element.</param>
    public void Deconstruct(out NativeHandle<T> handle, out T value)
    {
        handle = Handle;
        value = _value;
    }
}
