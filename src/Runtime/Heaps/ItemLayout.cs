// The layout of a type's values for generic code that takes any unmanaged struct, with stubs or without.
//
//     with stubs      span class and alignment are those of the stubs: every way to allocate a single T yields the same class, so that the type's own Free takes it back
//     without         a block of that size, at the alignment that the fields need
//
// Generic code without a constraint cannot ask for what the stubs claim, a static member. So there is an instance member beside it, which is called once on a box of the type, as a type's
// hook is (FreeingHook.cs); what it says is then a constant for the JIT.

using System.ComponentModel;
using System.Runtime.CompilerServices;

using NativeHeap.CompilerServices;

namespace NativeHeap.CompilerServices
{
    /// <summary>Says the layout of a struct with generated stubs to code that does not know that it has any. For the runtime.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public interface INativeLayout
    {
        /// <summary>How the stubs allocate the struct.</summary>
        /// <returns>The span class of its objects, and their alignment in bytes.</returns>
        (int SpanClass, int Alignment) GetLayout();
    }
}

namespace NativeHeap.Heaps
{
    /// <summary>The layout of any unmanaged type's values.</summary>
    internal static unsafe class ItemLayout<T>
        where T : unmanaged
    {
        private static readonly (int SpanClass, int Alignment) s_layout = typeof(INativeLayout).IsAssignableFrom(typeof(T)) ? Generated() : Untyped();

        /// <summary>The alignment of a value, in bytes: the greater of what its fields need and what its stubs were asked for.</summary>
        public static int Alignment => s_layout.Alignment;

        /// <summary>The span class of a single value.</summary>
        public static int SpanClass => s_layout.SpanClass;

        // Boxing takes a value on the stack, which is no place for a large struct: only those with stubs, which have their own way to take values, come here.
        [MethodImpl(MethodImplOptions.NoInlining)]
        private static (int SpanClass, int Alignment) Generated() => ((INativeLayout)(object)default(T)).GetLayout();

        private static (int SpanClass, int Alignment) Untyped()
        {
            int alignment = TypeLayout.NaturalAlignmentOf<T>();
            return (AllocationRoutes.AlignedSpanClass((nuint)sizeof(T), (nuint)alignment), alignment);
        }
    }
}
