// The subjects that have buffers of any length, and the way from a subject's name to its struct, which is written here alone.

using System.Collections.Generic;

using DotNext.Buffers;

using Microsoft.IO;

using NativeHeap.Benchmarks.Results;

namespace NativeHeap.Benchmarks.Subjects;

/// <summary>Something to be done with the struct of a subject.</summary>
internal interface IBufferUser<out TResult>
{
    TResult Use<TBuffers, TItem>()
        where TBuffers : struct, IBuffers<TItem>
        where TItem : struct;
}

internal static class BufferSubjects
{
    public const string ExactName = "RentExact";
    public const string PinnedName = "Pinned";
    public const string MemoryPoolName = "MemoryPool";
    public const string KestrelName = "Kestrel";
    public const string StreamName = "RecyclableMemoryStream";
    public const string DotNextName = "DotNext";

    /// <summary>Those whose buffers have the length that is asked for, in the order of the tables' columns.</summary>
    public static IReadOnlyList<string> OfAnyLength { get; } = [Subject.NativeHeapName, ExactName, PinnedName, Subject.ArrayPoolName, MemoryPoolName, StreamName, DotNextName];

    /// <summary>The same, and who has buffers of one length only.</summary>
    public static IReadOnlyList<string> All { get; } = [.. OfAnyLength, KestrelName];

    public static TResult Select<TResult>(string subject, IBufferUser<TResult> user)
        => subject switch
        {
            Subject.NativeHeapName => user.Use<MemoryPoolBuffers<NativeSource>, OwnerItem>(),
            ExactName => user.Use<NativeExactBuffers, NativeOwnerItem>(),
            PinnedName => user.Use<MemoryPoolBuffers<PinnedSource>, OwnerItem>(),
            Subject.ArrayPoolName => user.Use<ArrayPoolBuffers, ArrayItem>(),
            MemoryPoolName => user.Use<MemoryPoolBuffers<SharedSource>, OwnerItem>(),
            KestrelName => user.Use<MemoryPoolBuffers<KestrelSource>, OwnerItem>(),
            StreamName => user.Use<StreamBuffers, StreamItem>(),
            DotNextName => user.Use<MemoryPoolBuffers<DotNextSource>, OwnerItem>(),
            _ => throw new UsageException($"There is no subject '{subject}' of buffers."),
        };

    /// <summary>The libraries' versions, by subject; what is not here is in .NET.</summary>
    public static void AddVersions(Dictionary<string, string> versions)
    {
        versions[StreamName] = Machine.VersionOf(typeof(RecyclableMemoryStream));
        versions[DotNextName] = Machine.VersionOf(typeof(UnmanagedMemoryPool<byte>));
    }
}
