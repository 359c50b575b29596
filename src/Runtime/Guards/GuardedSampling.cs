// Which allocations stand alone: one in so many bytes, wherever the program takes them, so that a program in production pays next to nothing and yet, run often and long enough, shows where it writes past an object
// or uses one that it has freed.
//
//     slow path of an allocation:   sample due  ->  a guarded object in the slot's stead (Pages/GuardedPages.cs), stamped, and the thread's next frees of its class watched
//                                   else        ->  as ever, and what the bin has now to hand out is counted (SampleCountdown.cs)
//
// Only the slow path decides, so the fast path has not one instruction for it. Bytes are counted when they come to a bin, a magazine at a time, and the allocation that went slow is the one that is sampled: which of a magazine's it
// would have been else nobody can foresee. What a thread frees into a bin and takes out again without ever emptying it does not come by here; it is not counted, and not sampled.
//
// What a sample costs does not depend on its object's size, and the time in which a program goes through so many bytes does: so at the default number there is a least time of a thread's work between two samples, too, of which they cost less than
// 1 %. A number that somebody has asked for is taken at its word.
//
// If all places are in use, or the system or a limit refuses, the allocation is an ordinary one, and the next sample is as far away as after any other.
//
// Sampling as such was in Google's GWP-ASan and in TCMalloc's guarded sampling before (Serebryany et al., "GWP-ASan: Sampling-Based Detection of Memory-Safety Bugs in Production", 2024).

using System.Diagnostics;
using System.Runtime.CompilerServices;

using NativeHeap.Central;
using NativeHeap.Pages;
using NativeHeap.SizeClasses;
using NativeHeap.Threads;

namespace NativeHeap.Guards;

/// <summary>Decides which allocations are guarded.</summary>
internal static unsafe class GuardedSampling
{
    /// <summary>The bytes between two samples where their number is not said: 16 MiB, and then a thread has a pause between them as well.</summary>
    public const long DefaultBytes = 16L << 20;

    // Of a thread's work. A sample costs it some tens of microseconds, in calls of the system and in frees that are watched and magazines that are looked through: less than a hundredth of such a pause (benchmarks checks).
    private const int PauseMilliseconds = 10;

    private const double DefaultShare = 1.0 / DefaultBytes;

    /// <summary>The share of a sample that a byte is due.</summary>
    /// <param name="bytes">The bytes between two samples; 0 for no samples.</param>
    public static double ShareOf(long bytes) => bytes == 0 ? 0 : 1.0 / bytes;

    /// <summary>Takes a guarded object, if one is due. On the slow path of an allocation.</summary>
    /// <param name="set">The heap.</param>
    /// <param name="thread">The calling thread.</param>
    /// <param name="registry">All threads.</param>
    /// <param name="spanClass">The span class of the slot that is wanted.</param>
    /// <param name="origin">Who wants it.</param>
    /// <returns>Its span; null if it is to be an ordinary slot.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PageSpan* TryTake(CentralSet* set, ThreadRecord* thread, ThreadRegistry* registry, int spanClass, uint origin) =>
        set->GuardedShare == 0 || thread->Samples.Left > 0 ? null : Take(set, thread, registry, spanClass, origin);

    /// <summary>Counts a slot that was taken on the slow path, and those that the fast path can take now.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Count(CentralSet* set, ThreadRecord* thread, ThreadCache* cache, int spanClass)
    {
        if (set->GuardedShare != 0)
        {
            thread->Samples.Count(set->GuardedShare * ((cache->AtHand(spanClass) + 1) * SizeClass.SlotSize(SizeClass.FromSpanClass(spanClass))));
        }
    }

    /// <summary>Frees a guarded object.</summary>
    /// <param name="set">Its heap.</param>
    /// <param name="thread">The calling thread; null if it has no record.</param>
    /// <param name="span">Its span, or what was that.</param>
    /// <param name="address">The object.</param>
    /// <param name="origin">Who frees it.</param>
    /// <returns>Whether it was in use.</returns>
    public static bool TryFree(CentralSet* set, ThreadRecord* thread, PageSpan* span, void* address, uint origin)
    {
        int spanClass = span->ObjectClass;
        ThreadCache* cache = thread == null ? null : thread->FindCache(set->Index);
        if (cache != null)
        {
            cache->EndWatch(spanClass);
        }

        // Before its memory goes, after which there may be a fault to report. Of two threads that free it at once, either may be the one that is named.
        Stamp(ref ((GuardedPlace*)span)->Freed, origin);
        return set->FreeLarge(span, address);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static PageSpan* Take(CentralSet* set, ThreadRecord* thread, ThreadRegistry* registry, int spanClass, uint origin)
    {
        if (!thread->Samples.HasBegun)
        {
            thread->Samples.Begin(unchecked((uint)Stopwatch.GetTimestamp() ^ (uint)((nuint)thread >> 6)) | 1);
            return null;
        }

        thread->Samples.Restart();
        if (set->GuardedShare == DefaultShare && !thread->Samples.TryPass(PauseMilliseconds))
        {
            return null;
        }

        PageSpan* span = set->AllocGuarded(spanClass, atEnd: thread->Samples.Next() >> 31 != 0);
        ThreadCache* cache = span == null ? null : registry->GetOrAddCache(thread, set);
        if (span != null)
        {
            var place = (GuardedPlace*)span;
            place->Type.Set(Origins.TypeOf(origin));
            Stamp(ref place->Allocated, origin);
        }

        if (cache != null)
        {
            cache->Watch(spanClass);
        }

        return span;
    }

    private static void Stamp(ref GuardedStamp stamp, uint origin)
    {
        stamp.Set();
        if (Origins.SiteOf(SampledStacks.Ask(origin)) is { } site)
        {
            stamp.Site.Set(site.File, site.Line);
        }
    }
}
