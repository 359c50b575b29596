// The subjects that have blocks of any size at an address, and the way from a subject's name to its struct, which is written here
// alone: whoever runs a loop over IUntyped says what to do with the struct, and is called with it.

using System.Collections.Generic;
using System.Linq;

namespace NativeHeap.Benchmarks.Subjects;

/// <summary>Something to be done with the struct of a subject.</summary>
internal interface IUntypedUser<out TResult>
{
    TResult Use<TAllocation>()
        where TAllocation : struct, IUntyped;
}

internal static class UntypedSubjects
{
    private static readonly string[] s_names = [Subject.NativeHeapName, .. Subject.LibraryNames, Subject.NativeMemoryName];

    /// <summary>A pool of arrays or of objects has no blocks of any size, and is not among them.</summary>
    public static IReadOnlyList<Subject> All { get; } = [.. Subject.All.Where(subject => s_names.Contains(subject.Name))];

    public static IReadOnlyList<string> PeerNames { get; } = Subject.NamesOfPeers(All);

    public static TResult Select<TResult>(string subject, IUntypedUser<TResult> user)
        => subject switch
        {
            Subject.NativeHeapName => user.Use<HeapUntyped>(),
            Subject.MimallocName => user.Use<LibraryUntyped<Mimalloc>>(),
            Subject.JemallocName => user.Use<LibraryUntyped<Jemalloc>>(),
            Subject.TcmallocName => user.Use<LibraryUntyped<Tcmalloc>>(),
            Subject.NativeMemoryName => user.Use<NativeMemoryUntyped>(),
            _ => throw new UsageException($"There is no subject '{subject}' of untyped allocation."),
        };
}
