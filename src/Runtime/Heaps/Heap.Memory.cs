// Memory between the heaps and the operating system, as far as a program wants a say in it.

using NativeHeap.Heaps;
using NativeHeap.Threads;

namespace NativeHeap;

public sealed unsafe partial class Heap
{
    /// <summary>
    /// Gives all memory of the process's heaps that no object needs back to the operating system: what this thread's caches, ended threads' and the heaps' own hold, and all free pages.
    /// </summary>
    /// <returns>The bytes that the operating system has got back by this call.</returns>
    /// <remarks>
    /// Thread-safe; waits for a call that another thread is making. Takes about 0.1 ms for each MiB, and what is allocated next is slower, since the operating system must supply its pages
    /// anew. The caches of other running threads stay as they are; they are bounded.
    /// </remarks>
    /// <exception cref="HeapCorruptionException">An object was found to have been freed wrongly before; the memory has gone back nevertheless.</exception>
    public static nuint Trim()
    {
        if (!HeapProcess.IsStarted)
        {
            return 0;
        }

        nuint given = HeapProcess.Scavenger->ReturnAll(ThreadRecord.Current, out void* bad);
        return bad == null ? given : throw HeapErrors.WrongFree(bad);
    }
}
