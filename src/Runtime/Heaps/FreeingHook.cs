// What a type wants done before an object of it is freed: its partial method OnFreeing, which frees what the object owns.
//
//     partial struct Order { static partial void OnFreeing(ref Order value) { ... } }          the user's
//     partial struct Order : IFreeingHook { void OnFreeing(ref byte value) => ...; }           the generator's, only if there is the former
//
// Tables and pools take types without stubs, too, and generic code cannot ask of such a type what a static member of an interface says. So the hook is an instance member that is called on
// a box of the type, made once, and gets the object by reference. Whether there is a hook is a constant for the JIT: what asks costs a type without one no instruction.
//
// Called by whoever frees a single object knowing its type: Free of the type, its owners, tables, pools. Not when a heap ends, which frees memory and not objects.

using System.ComponentModel;
using System.Runtime.CompilerServices;

using NativeHeap.CompilerServices;

namespace NativeHeap.CompilerServices
{
    /// <summary>Implemented by the generator for a struct whose author implements its partial method <c>OnFreeing</c>. For generated code.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public interface IFreeingHook
    {
        /// <summary>Calls the struct's <c>OnFreeing</c>.</summary>
        /// <param name="value">The first byte of the object that is about to be freed; this instance is any.</param>
        void OnFreeing(ref byte value);
    }
}

namespace NativeHeap.Heaps
{
    /// <summary>The hook of a type, if it has one.</summary>
    internal static class FreeingHook<T>
        where T : unmanaged
    {
        // No type argument without a hook gets here.
        private static readonly IFreeingHook s_hook = (IFreeingHook)(object)default(T);

        /// <summary>Whether the type has a hook: a constant.</summary>
        public static bool Exists
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => typeof(IFreeingHook).IsAssignableFrom(typeof(T));
        }

        /// <summary>Calls the hook. What it throws is the caller's to let through, with the object freed.</summary>
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Call(ref T value) => s_hook.OnFreeing(ref Unsafe.As<T, byte>(ref value));
    }
}
