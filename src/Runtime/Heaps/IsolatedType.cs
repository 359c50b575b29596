// A type with spans of its own: [NativeAllocated(Isolated = true)].
//
//     type -> a heap of its own, made at its first allocation, for as long as the process lives          its set IsIsolated
//          -> a number, by which a thread's record keeps the bin: a constant where the JIT has compiled a stub for good
//
// The heap's spans are of pages that were nobody's before (Pages/PageHeap.Isolated.cs), and none ever goes back to the page heap: an address that was once an object's of the type is never anything else. The memory behind idle
// ones goes back to the system, as that of any holes.
//
// The heap is like others in all else: threads' caches, checks and hardening as the process has them, its statistics, leak reports and walks. It stands in Heap.All, and can be read; what would put something else into it, or end
// it, is refused (Heap.Isolated.cs).
//
// A number is given to a type by whoever asks first, which cannot fail; the heap can, and is then asked for again by the next.

using System.Diagnostics.CodeAnalysis;
using System.Threading;

using NativeHeap.Central;
using NativeHeap.CompilerServices;
using NativeHeap.Platform;

namespace NativeHeap.Heaps;

/// <summary>Numbers isolated types.</summary>
internal static class IsolatedType
{
    private static readonly PinnedLock s_lock = new();
    private static long s_count;

    /// <summary>A number that no type has.</summary>
    public static nint NextNumber() => (nint)Atomic.Add(ref s_count, 1) - 1;

    /// <summary>Enters a type's heap, unless another thread was first.</summary>
    /// <returns>The heap that the type has now.</returns>
    public static Heap Enter(ref Heap? place, Heap made)
    {
        s_lock.Enter();
        Heap heap = place ?? made;
        Volatile.Write(ref place, heap);
        s_lock.Exit();
        return heap;
    }
}

/// <summary>The number of an isolated type.</summary>
/// <typeparam name="TLayout">Who states its layout, and by that its stubs: the struct itself, or what a project has for it.</typeparam>
internal static class IsolatedType<TLayout>
    where TLayout : unmanaged, INativeLayoutClaim
{
    /// <summary>The number.</summary>
    public static readonly nint Number = IsolatedType.NextNumber();
}

/// <summary>The heap of an isolated type.</summary>
/// <typeparam name="T">The struct.</typeparam>
/// <typeparam name="TLayout">Who states its layout.</typeparam>
internal static unsafe class IsolatedHeap<T, TLayout>
    where T : unmanaged
    where TLayout : unmanaged, INativeLayoutClaim
{
    private static Heap? s_heap;

    /// <summary>The lease of its objects, once there is one.</summary>
    public static ulong Lease => s_heap!.Lease;

    /// <summary>The heap's set, or null if the type has had no objects yet.</summary>
    public static CentralSet* Find()
    {
        Heap? heap = Volatile.Read(ref s_heap);
        return heap == null ? null : heap.IsolatedSet;
    }

    /// <summary>The heap's set, made if need be; null when the system has no memory.</summary>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "It lives as long as the process, or is given up.")]
    public static CentralSet* FindOrMake()
    {
        CentralSet* set = Find();
        Heap? made = set != null ? null : Heap.TryMakeIsolated(typeof(T).Name);
        if (made != null && IsolatedType.Enter(ref s_heap, made) != made)
        {
            // Of two that were made at once this one has held nothing.
            made.GiveUp();
        }

        return set != null ? set : Find();
    }
}
