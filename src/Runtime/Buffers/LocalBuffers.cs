// Where a thread's magazines in a pool are (ThreadMagazines.cs): in an array that the collector does not move, a line of the cache away from whatever lies before it.
//
// The magazines of the first pool that a thread uses are its home. A thread finds them by a bare pointer in a thread static, as it finds its record (Threads/ThreadRecord.cs): a reference would be two loads
// and two tests further away, at every call. What is at the pointer lives as long as the thread, by a reference beside it.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NativeHeap.Buffers;

/// <summary>A thread's buffers in a pool, at an address that stays.</summary>
internal sealed unsafe class LocalBuffers
{
    [ThreadStatic]
    private static LocalBuffers? t_home;

    [ThreadStatic]
    private static void* t_magazines;

    private readonly PaddedMagazines[] _place = GC.AllocateArray<PaddedMagazines>(1, pinned: true);

    private LocalBuffers(NativeMemoryPool pool) => _place[0] = new PaddedMagazines(pool);

    /// <summary>The magazines.</summary>
    public ref ThreadMagazines Magazines => ref _place[0].Magazines;

    /// <summary>The calling thread's magazines in the first pool that it has used; the null reference if it has used none.</summary>
    public static ref ThreadMagazines Home
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref Unsafe.AsRef<ThreadMagazines>(t_magazines);
    }

    /// <summary>Makes one that is claimed, without magazines.</summary>
    public static LocalBuffers MakeClaimed(NativeMemoryPool pool)
    {
        LocalBuffers local = new(pool);
        local.Magazines.Claim();
        return local;
    }

    /// <summary>Makes it the calling thread's <see cref="Home"/>, unless there is another whose pool is in use.</summary>
    public void Settle()
    {
        if (t_home == null || t_home.Magazines.Pool.IsDisposed)
        {
            t_magazines = Unsafe.AsPointer(ref Magazines);
            t_home = this;
        }
    }

    private struct PaddedMagazines(NativeMemoryPool pool)
    {
        public LineBefore Before = default;
        public ThreadMagazines Magazines = new(pool);
    }

    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private struct LineBefore;
}
