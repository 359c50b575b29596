// The allocator's own tables lie apart from objects and between guards, so that what overruns an object does not reach them. What still can is a wild write: then a count or a link makes no sense, and to go on by it would spread the damage
// to objects that nobody has touched yet. So where a slow path has such a field at hand anyway it is looked at, and the process ends there.
//
//     magazine   Count <= Capacity           bin    Base <= Top <= Base + Limit           list   the neighbours of what leaves it lead back to it

using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

using static System.FormattableString;

namespace NativeHeap.Platform;

/// <summary>Ends a process whose tables have been overwritten.</summary>
internal static unsafe class TableCorruption
{
    /// <summary>Ends the process and says why.</summary>
    /// <param name="what">What makes no sense.</param>
    /// <param name="where">Where it is.</param>
    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void FailFast(string what, void* where) => Environment.FailFast(Invariant(
        $"NativeHeap found {what} overwritten, at 0x{(nuint)where:x}: the program has written through a wild pointer to memory of the allocator's own, where no object is. Objects may be damaged, too, so the process ends here. Look for the write with NATIVEHEAP_CHECK=Basic, or at that address with a debugger."));
}
