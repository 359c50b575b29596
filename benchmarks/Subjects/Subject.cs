// Who is measured. The roles decide what a row counts for: goals compare NativeHeap with the fastest of the peers, and what
// is reported beside them (the GC, the floors) is there to be read, not to be beaten.

using System.Collections.Generic;
using System.Linq;

namespace NativeHeap.Benchmarks.Subjects;

internal enum Role
{
    Own,
    Peer,
    Beside,
}

internal sealed record Subject(string Name, Role Role, string? Package = null)
{
    public const string NativeHeapName = "NativeHeap";
    public const string NewName = "new";
    public const string ThreadStaticArrayName = "ThreadStaticArray";

    /// <summary>All subjects of single-threaded allocation, in the order of the tables' columns.</summary>
    public static IReadOnlyList<Subject> All { get; } =
    [
        new(NativeHeapName, Role.Own),
        new("mimalloc", Role.Peer, "libmimalloc2.0"),
        new("jemalloc", Role.Peer, "libjemalloc2"),
        new("tcmalloc", Role.Peer, "libtcmalloc-minimal4"),
        new("NativeMemory", Role.Peer),
        new("ArrayPool", Role.Peer),
        new("ObjectPool", Role.Peer),
        new(NewName, Role.Beside),
        new("Bump", Role.Beside),
        new(ThreadStaticArrayName, Role.Beside),
    ];

    public static IReadOnlyList<string> PeerNames { get; } = [.. All.Where(s => s.Role == Role.Peer).Select(s => s.Name)];
}
