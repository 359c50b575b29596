// A fuzzing session: a copy of this program whose runtime is instrumented, and workers of it one after the other, each until it finds something or its share of the time is up (the heap is then as old as the process).

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;

using SharpFuzz;

namespace NativeHeap.Fuzz;

/// <summary>Starts workers.</summary>
internal static class Session
{
    private static readonly TimeSpan s_share = TimeSpan.FromMinutes(5);

    /// <summary>Fuzzes.</summary>
    /// <param name="folder">What keeps the corpus and what is found.</param>
    /// <param name="time">How long.</param>
    /// <param name="seed">Where chance begins.</param>
    /// <returns>The exit code: 0 if nothing was found.</returns>
    public static int Run(string folder, TimeSpan time, int seed)
    {
        _ = Directory.CreateDirectory(folder);
        string program = Instrument(folder);
        int found = 0;
        long start = Stopwatch.GetTimestamp();
        for (TimeSpan left = time; left > TimeSpan.Zero; left = time - Stopwatch.GetElapsedTime(start), seed++)
        {
            TimeSpan share = left < s_share ? left : s_share;
            ProcessStartInfo info = new(program, ["worker", folder, share.TotalSeconds.ToString(CultureInfo.InvariantCulture), seed.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardError = true };
            using Process worker = Process.Start(info)!;
            string errors = worker.StandardError.ReadToEnd();
            worker.WaitForExit();
            if (worker.ExitCode != 0)
            {
                found++;
                ImmutableArray<byte> input = [.. File.ReadAllBytes(Path.Combine(folder, "current"))];
                Corpus.Add(Path.Combine(folder, "found.txt"), input);
                Corpus.Remove(Path.Combine(folder, Corpus.FileName), input);
                Console.WriteLine($"Exit code {worker.ExitCode}: {Corpus.Text(input)}\n{errors}");
            }
        }

        IReadOnlyList<long[]> rows = [.. File.ReadLines(Path.Combine(folder, "log.txt")).Select(static line => line.Split(' ').Select(static word => long.Parse(word, CultureInfo.InvariantCulture)).ToArray())];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{rows.Sum(static row => row[0]):N0} inputs in {rows.Sum(static row => row[1]):N0} s, {rows.Max(static row => row[2]):N0} edges, {rows[^1][3]:N0} inputs kept, {found} found"));
        return found == 0 ? 0 : 1;
    }

    /// <summary>Chooses the cases of a corpus that are worth keeping.</summary>
    public static int Minimize(string folder, string file)
    {
        using Process worker = Process.Start(Instrument(folder), ["reduce", folder, file]);
        worker.WaitForExit();
        return worker.ExitCode;
    }

    // Beside the corpus, so that this program's own copy stays as it is.
    private static string Instrument(string folder)
    {
        string copy = Path.Combine(folder, "instrumented");
        if (Directory.Exists(copy))
        {
            Directory.Delete(copy, recursive: true);
        }

        _ = Directory.CreateDirectory(copy);
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        _ = Fuzzer.Instrument(Path.Combine(copy, "NativeHeap.dll"), static _ => true, Options.Value);
        return Path.Combine(copy, Path.GetFileName(Environment.ProcessPath!));
    }
}
