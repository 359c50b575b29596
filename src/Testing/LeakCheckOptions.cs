using System;

namespace NativeHeap.Testing;

/// <summary>What a <see cref="LeakCheck"/> lets pass.</summary>
public sealed class LeakCheckOptions
{
    /// <summary>Whether what is still reachable from tables, pools, collections and roots is no leak.</summary>
    public bool IgnoreReachable { get; init; }

    /// <summary>Says of rows of the report that they are no leak, by their kind, say; null for none.</summary>
    public Func<LeakedObjects, bool>? Ignore { get; init; }

    internal bool Ignores(LeakedObjects objects) => (IgnoreReachable && objects.Reachability == Reachability.Reachable) || Ignore?.Invoke(objects) == true;
}
