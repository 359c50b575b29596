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
    public const string MimallocName = "mimalloc";
    public const string JemallocName = "jemalloc";
    public const string TcmallocName = "tcmalloc";
    public const string NativeMemoryName = "NativeMemory";
    public const string ArrayPoolName = "ArrayPool";
    public const string ObjectPoolName = "ObjectPool";
    public const string NewName = "new";
    public const string BumpName = "Bump";
    public const string ThreadStaticArrayName = "ThreadStaticArray";

    /// <summary>All subjects of single-threaded allocation, in the order of the tables' columns.</summary>
    public static IReadOnlyList<Subject> All { get; } =
    [
        new(NativeHeapName, Role.Own),
        new(MimallocName, Role.Peer, "libmimalloc2.0"),
        new(JemallocName, Role.Peer, "libjemalloc2"),
        new(TcmallocName, Role.Peer, "libtcmalloc-minimal4"),
        new(NativeMemoryName, Role.Peer),
        new(ArrayPoolName, Role.Peer),
        new(ObjectPoolName, Role.Peer),
        new(NewName, Role.Beside),
        new(BumpName, Role.Beside),
        new(ThreadStaticArrayName, Role.Beside),
    ];

    /// <summary>The allocators written in C.</summary>
    public static IReadOnlyList<string> LibraryNames { get; } = [MimallocName, JemallocName, TcmallocName];

    public static IReadOnlyList<string> PeerNames { get; } = NamesOfPeers(All);

    public static IReadOnlyList<string> NamesOfPeers(IEnumerable<Subject> subjects) => [.. subjects.Where(subject => subject.Role == Role.Peer).Select(subject => subject.Name)];
}
