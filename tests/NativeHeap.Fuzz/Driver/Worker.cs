// The loop, in a process whose runtime is instrumented: an input like those that have reached something new, run; kept if it does so itself.
//
// The input that is being run lies in a file before it runs, so that one which ends the process is known to who started it. What an assertion finds is written beside it, and the loop goes on in the next process, since the heap may
// be anything now.

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;

namespace NativeHeap.Fuzz;

/// <summary>Fuzzes until its time is up, or something is found.</summary>
internal static unsafe class Worker
{
    private const int ThoroughEvery = 64;

    /// <summary>Fuzzes.</summary>
    /// <param name="folder">Where the corpus is.</param>
    /// <param name="time">How long.</param>
    /// <param name="seed">Where chance begins.</param>
    /// <returns>The exit code: 0 if nothing was found.</returns>
    public static int Run(string folder, TimeSpan time, int seed)
    {
        Coverage coverage = Watch();
        Mutator mutator = new(new Random(seed));
        string corpusFile = Path.Combine(folder, Corpus.FileName);
        List<ImmutableArray<byte>> corpus = [.. Corpus.Read(corpusFile)];
        using FileStream current = new(Path.Combine(folder, "current"), FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        foreach (ImmutableArray<byte> input in corpus)
        {
            if (!Try(input, 0))
            {
                return 1;
            }

            _ = coverage.Add();
        }

        corpus.Add([0]);
        long count = 0;
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time)
        {
            ImmutableArray<byte> input = mutator.Next(corpus);
            if (!Try(input, ++count))
            {
                break;
            }

            if (coverage.Add())
            {
                corpus.Add(input);
                Corpus.Add(corpusFile, input);
            }
        }

        File.AppendAllText(
            Path.Combine(folder, "log.txt"),
            string.Create(CultureInfo.InvariantCulture, $"{count} {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} {coverage.Edges} {corpus.Count}\n"));
        return Stopwatch.GetElapsedTime(start) < time ? 1 : 0;

        bool Try(ImmutableArray<byte> input, long number)
        {
            current.SetLength(0);
            current.Position = 0;
            current.Write(input.AsSpan());
            coverage.Clear();
            try
            {
                FuzzTarget.Run(input, isThorough: number % ThoroughEvery == 0);
                return true;
            }
            catch (Exception error)
            {
                Console.Error.WriteLine(error);
                return false;
            }
        }
    }

    /// <summary>Writes those inputs of a corpus that reach edges which none of the others does.</summary>
    /// <param name="folder">Where the corpus is.</param>
    /// <param name="file">Where to write them; what it begins with as a comment stays.</param>
    public static int Minimize(string folder, string file)
    {
        Coverage coverage = Watch();
        List<string> lines = [.. File.ReadLines(file).TakeWhile(static line => line.StartsWith('#'))];
        IEnumerable<ImmutableArray<byte>> inputs = Corpus.Read(file).Concat(Corpus.Read(Path.Combine(folder, Corpus.FileName)));

        // Once the short ones first, and of those that this has left the long ones, which make many of the others needless.
        inputs = Reduce(inputs.OrderBy(static input => input.Length));
        inputs = Reduce(inputs.OrderByDescending(static input => input.Length));
        lines.AddRange(inputs.OrderBy(static input => input.Length).Select(Corpus.Text));
        File.WriteAllLines(file, lines);
        return 0;

        List<ImmutableArray<byte>> Reduce(IEnumerable<ImmutableArray<byte>> from)
        {
            coverage.Forget();
            List<ImmutableArray<byte>> kept = [];
            foreach (ImmutableArray<byte> input in from)
            {
                coverage.Clear();
                FuzzTarget.Run(input, isThorough: false);
                if (coverage.Add(edgesOnly: true))
                {
                    kept.Add(input);
                }
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kept.Count:N0} inputs reach {coverage.Edges:N0} edges."));
            return kept;
        }
    }

    private static Coverage Watch()
    {
        byte* map = (byte*)NativeMemory.AllocZeroed(Coverage.MapSize);
        SharpFuzz.Common.Trace.SharedMem = map;
        return new Coverage(map);
    }
}
