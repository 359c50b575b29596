// What generic code over structs with stubs goes by, and what generic code over any struct finds out about one (Heaps/ItemLayout.cs), which cannot ask a type without stubs for a static member.
//
// A struct states its layout itself. One of another assembly cannot, so that its stubs have a type beside them that does: whoever allocates takes both, NativeStubs.Alloc<T, TLayout>, which are the
// same for a struct with stubs of its own.

using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;

using NativeHeap.CompilerServices;
using NativeHeap.Heaps;

namespace NativeHeap.CompilerServices
{
    /// <summary>States the layout of a struct with generated stubs. For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public interface INativeLayoutClaim
    {
        /// <summary>
        /// What the generator knows of the struct's layout, packed: size in bytes (bits 0-31), span class (32-39), binary logarithm of the alignment (40-47), version of the
        /// table of size classes (48-63; 0 if the layout was not known). The runtime checks it before it believes it.
        /// </summary>
        static abstract ulong NativeLayout { get; }
    }
}

namespace NativeHeap
{
    /// <summary>
    /// A struct with generated allocation stubs. Implemented by the generator for every struct that carries
    /// <see cref="NativeAllocatedAttribute"/>; generic code constrains on it.
    /// </summary>
    /// <typeparam name="TSelf">The struct itself.</typeparam>
    public interface INativeAllocated<TSelf> : INativeLayout, INativeLayoutClaim
        where TSelf : unmanaged, INativeAllocated<TSelf>
    {
        /// <inheritdoc/>
        [EditorBrowsable(EditorBrowsableState.Never)]
        [SuppressMessage("Design", "CA1033:Interface methods should be callable by child types", Justification = "For the runtime alone, which asks by the base interface.")]
        (int SpanClass, int Alignment) INativeLayout.GetLayout() => (TypeLayout.SpanClassOf<TSelf>(), TypeLayout.AlignmentOf<TSelf>());
    }
}
