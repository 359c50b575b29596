// Inputs as text: one a line, in Base64, as Cases.txt has them. Lines that begin with # are comments.

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;

namespace NativeHeap.Fuzz;

/// <summary>Reads and writes inputs.</summary>
internal static class Corpus
{
    /// <summary>The file of what a session has kept.</summary>
    public const string FileName = "corpus.txt";

    /// <summary>The inputs of a file; none if there is no file.</summary>
    public static IReadOnlyList<ImmutableArray<byte>> Read(string file) => File.Exists(file)
        ? [.. File.ReadLines(file).Where(static line => line.Length != 0 && line[0] != '#').Select(static line => ImmutableArray.Create(Convert.FromBase64String(line)))]
        : [];

    /// <summary>Adds one to a file.</summary>
    public static void Add(string file, ImmutableArray<byte> input) => File.AppendAllText(file, Text(input) + "\n");

    /// <summary>Takes one out of a file, if it is there.</summary>
    public static void Remove(string file, ImmutableArray<byte> input)
    {
        if (File.Exists(file))
        {
            File.WriteAllLines(file, [.. File.ReadLines(file).Where(line => line != Text(input))]);
        }
    }

    /// <summary>An input as a line.</summary>
    public static string Text(ImmutableArray<byte> input) => Convert.ToBase64String(input.AsSpan());
}
