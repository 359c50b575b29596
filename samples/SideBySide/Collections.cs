using System;

namespace SideBySide;

/// <summary>Collections by generation. The runtime counts a collection of a generation for the younger ones too.</summary>
internal readonly record struct Collections(int Gen0, int Gen1, int Gen2)
{
    /// <summary>All collections: each is one of generation 0 at least.</summary>
    public int Total => Gen0;

    public static Collections operator +(Collections left, Collections right)
        => new(left.Gen0 + right.Gen0, left.Gen1 + right.Gen1, left.Gen2 + right.Gen2);

    public static Collections operator -(Collections left, Collections right)
        => new(left.Gen0 - right.Gen0, left.Gen1 - right.Gen1, left.Gen2 - right.Gen2);

    /// <summary>Those of the process so far.</summary>
    public static Collections SoFar() => new(GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2));

    /// <summary>Leaves the garbage of loading and warming up behind, and the work that collecting it sets off.</summary>
    public static void Settle()
    {
        // A full collection wakes the finalizer thread, where the runtime's array pools, for one, trim themselves: that allocates a few
        // hundred bytes, after Collect has returned. They belong to this collection, so the second one too is waited for.
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
