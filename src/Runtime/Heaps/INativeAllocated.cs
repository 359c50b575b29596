using System.ComponentModel;

using NativeHeap.CompilerServices;

namespace NativeHeap;

/// <summary>
/// A struct with generated allocation stubs. Implemented by the generator for every struct that carries
/// <see cref="NativeAllocatedAttribute"/>; generic code constrains on it.
/// </summary>
/// <typeparam name="TSelf">The struct itself.</typeparam>
public interface INativeAllocated<TSelf>
    where TSelf : unmanaged, INativeAllocated<TSelf>
{
    /// <summary>What the generator knows of the struct's layout. For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    static abstract NativeTypeLayout NativeLayout { get; }
}
