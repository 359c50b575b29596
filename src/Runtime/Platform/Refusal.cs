// Who said no to this thread's last request for memory that was refused: the system, or one of our own limits. Whoever refuses may hold a lock and returns null; whoever
// throws in the end, with no lock held, names the culprit.
//
// A request is tried several times, with measures between: the last refusal is the one that counts, and every try that fails ends with one.
//
// A thread static of a primitive type lies in the thread's own block (as long as there is room); any other is made in managed memory at a thread's first use, which
// will not do here: locks are held, and memory is short.

using System;

namespace NativeHeap.Platform;

/// <summary>What refused memory.</summary>
internal enum RefusedBy
{
    /// <summary>The system: it has none.</summary>
    System,

    /// <summary>The system, for another reason, which <see cref="SystemFailure"/> has.</summary>
    Failure,

    /// <summary>The limit of the heap that was asked.</summary>
    HeapMaximum,

    /// <summary>The end of the warm-up of the heap that was asked.</summary>
    HeapsWarmUp,

    /// <summary>The limit of the process.</summary>
    ProcessMaximum,

    /// <summary>The budget of the contiguous layout.</summary>
    Budget,
}

/// <summary>Who refused this thread's last request that was refused.</summary>
internal static class Refusal
{
    [ThreadStatic]
    private static RefusedBy t_last;

    /// <summary>Who it was.</summary>
    public static RefusedBy Last
    {
        get => t_last;
        set => t_last = value;
    }
}
