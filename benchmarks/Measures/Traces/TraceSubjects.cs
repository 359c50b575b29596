// Who replays: allocators called from C#, the same ones called from C by the replayer in C, and each side's loop without an allocator, which is taken off its figures.

using System;
using System.Collections.Generic;
using System.Linq;

using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measures.Traces;

internal static class TraceSubjects
{
    public const string LoopName = "loop";
    public const string CLoopName = InC + LoopName;
    public const string CGlibcName = InC + "glibc";

    /// <summary>What the names of those in C begin with.</summary>
    public const string InC = "C-";

    /// <summary>Called from C#.</summary>
    public static IReadOnlyList<Subject> Managed { get; } = [.. UntypedSubjects.All, new(LoopName, Role.Beside)];

    /// <summary>Called from C, by the names that rows have.</summary>
    public static IReadOnlyList<string> Native { get; } = [CGlibcName, .. Subject.LibraryNames.Select(name => InC + name), CLoopName];

    public static IReadOnlyList<string> CPeers { get; } = [.. Native.Where(name => name != CLoopName)];

    /// <summary>Whose objects can be checked.</summary>
    public static IReadOnlyList<string> Verified { get; } = [.. UntypedSubjects.All.Select(subject => subject.Name)];

    /// <summary>The subject whose raw time is a subject's loop.</summary>
    public static string LoopOf(string subject) => subject.StartsWith(InC, StringComparison.Ordinal) ? CLoopName : LoopName;
}
