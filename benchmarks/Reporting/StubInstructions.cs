// M6, which is a test and no command: the instructions of the inlined stubs, as the golden files hold them. A file holds, for each stub,
// its name on a line of its own and below it a line such as "  fast path: 8 (load 2, ...)".

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

using NativeHeap.Benchmarks.Results;

namespace NativeHeap.Benchmarks.Reporting;

internal sealed partial class StubInstructions(IReadOnlyList<(string Platform, string Text)> files)
{
    private const string Prefix = "Stubs.";
    private const string Suffix = ".verified.txt";

    /// <summary>Those of a folder; none if it is not there.</summary>
    public static StubInstructions In(string folder)
        => new(
        [
            .. from path in Directory.Exists(folder) ? Directory.GetFiles(folder, $"{Prefix}*{Suffix}") : []
               orderby path
               let name = Path.GetFileName(path)
               select (name[Prefix.Length..^Suffix.Length], File.ReadAllText(path)),
        ]);

    public Section? Table
    {
        get
        {
            Dictionary<string, string>[] counts = [.. files.Select(file => CountsOf(file.Text))];
            Table table = new(["stub", .. files.Select(file => file.Platform)]);
            foreach (string stub in counts.SelectMany(of => of.Keys).Distinct())
            {
                table.Add([stub, .. counts.Select(of => of.GetValueOrDefault(stub, "-"))]);
            }

            return files.Count == 0
                ? null
                : new("M6", "instructions of the fast path", table, "The thread-static access and the frame apart; wanted are at most 8 for an allocation and 10 for a free of the shared heap, 6 more of another.");
        }
    }

    private static Dictionary<string, string> CountsOf(string text)
        => FastPath().Matches(text).DistinctBy(match => match.Groups["stub"].Value).ToDictionary(match => match.Groups["stub"].Value, match => match.Groups["count"].Value, StringComparer.Ordinal);

    [GeneratedRegex(@"^(?<stub>\S.*)\r?\n  fast path: (?<count>\d+)", RegexOptions.Multiline)]
    private static partial Regex FastPath();
}
