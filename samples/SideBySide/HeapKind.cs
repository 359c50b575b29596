// What the samples that run one job on two heaps, and show what came of it side by side, have in common. Compiled into each of them; names nothing of theirs.
//
//     HeapKind, Collections      what is compared, and what the collector does meanwhile
//     Arguments, Progress        the command line, a line of progress
//     FigureTable, FigureJson    figures for people and for programs
//     OutputFile                 where they go

using System;
using System.Collections.Generic;

namespace SideBySide;

internal enum HeapKind
{
    Native,
    Managed,
}

/// <summary>How heaps are called where users see them.</summary>
internal static class HeapKinds
{
    /// <summary>What to write after --heap.</summary>
    public const string Way = "write --heap native, managed or both";

    /// <summary>Both, in the order in which they run.</summary>
    public static IReadOnlyList<HeapKind> Both { get; } = [HeapKind.Native, HeapKind.Managed];

    /// <summary>A heap's name: the key of its figures, too.</summary>
    public static string Name(this HeapKind heap) => heap == HeapKind.Native ? "native" : "managed";

    /// <summary>Reads the value of --heap.</summary>
    public static bool TryParse(string value, out IReadOnlyList<HeapKind> heaps)
    {
        heaps = value switch
        {
            "native" => [HeapKind.Native],
            "managed" => [HeapKind.Managed],
            "both" => Both,
            _ => Array.Empty<HeapKind>(),
        };
        return heaps.Count != 0;
    }
}
