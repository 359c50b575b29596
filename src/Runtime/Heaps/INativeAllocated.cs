using System.ComponentModel;

namespace NativeHeap;

/// <summary>
/// A struct with generated allocation stubs. Implemented by the generator for every struct that carries
/// <see cref="NativeAllocatedAttribute"/>; generic code constrains on it.
/// </summary>
/// <typeparam name="TSelf">The struct itself.</typeparam>
public interface INativeAllocated<TSelf>
    where TSelf : unmanaged, INativeAllocated<TSelf>
{
    /// <summary>
    /// What the generator knows of the struct's layout, packed: size in bytes (bits 0-31), span class (32-39), binary logarithm of the alignment (40-47), version of the
    /// table of size classes (48-63; 0 if the layout was not known). The runtime checks it before it believes it. For generated code.
    /// </summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    static abstract ulong NativeLayout { get; }
}
