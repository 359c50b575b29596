// What generic code over structs with stubs goes by, and what generic code over any struct finds out about one (Heaps/ItemLayout.cs), which cannot ask a type without stubs for a static member.

using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;

using NativeHeap.CompilerServices;
using NativeHeap.Heaps;

namespace NativeHeap;

/// <summary>
/// A struct with generated allocation stubs. Implemented by the generator for every struct that carries
/// <see cref="NativeAllocatedAttribute"/>; generic code constrains on it.
/// </summary>
/// <typeparam name="TSelf">The struct itself.</typeparam>
public interface INativeAllocated<TSelf> : INativeLayout
    where TSelf : unmanaged, INativeAllocated<TSelf>
{
    /// <summary>
    /// What the generator knows of the struct's layout, packed: size in bytes (bits 0-31), span class (32-39), binary logarithm of the alignment (40-47), version of the
    /// table of size classes (48-63; 0 if the layout was not known). The runtime checks it before it believes it. For generated code.
    /// </summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    static abstract ulong NativeLayout { get; }

    /// <inheritdoc/>
    [EditorBrowsable(EditorBrowsableState.Never)]
    [SuppressMessage("Design", "CA1033:Interface methods should be callable by child types", Justification = "For the runtime alone, which asks by the base interface.")]
    (int SpanClass, int Alignment) INativeLayout.GetLayout() => (TypeLayout.SpanClassOf<TSelf>(), TypeLayout.AlignmentOf<TSelf>());
}
