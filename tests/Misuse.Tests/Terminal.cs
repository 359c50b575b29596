// What a page shows of a terminal, and whether it is so: a block whose first line is a command, and what that prints.
//
//     ```
//     $ NATIVEHEAP_CHECK=Basic Misuse --bug double-free
//     The address 0x7f24e8000000 was freed before: ...
//     ```
//
// The page has the commands, a run the rest: UPDATE_SNAPSHOTS=1 writes it into the page. Addresses differ from run to run; those that are printed keep their distances, and the least is always the same. Where the system is not the one that the
// pages show, what only that one reports is left as it is.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

using Xunit;

namespace Misuse.Tests;

/// <summary>Holds a page to what the terminal shows.</summary>
internal static partial class Terminal
{
    private const ulong LeastAddress = 0x7f24e8000000;

    /// <summary>The commands of a page.</summary>
    public static IEnumerable<string> CommandsOf(string path) => Block().Matches(File.ReadAllText(path)).Select(block => $"{block.Groups["settings"].Value}Misuse{block.Groups["arguments"].Value}");

    /// <summary>Runs the commands of a page and compares.</summary>
    /// <param name="path">The page.</param>
    /// <param name="run">Runs the program with settings of the environment and arguments, and returns what it printed.</param>
    public static void Verify(string path, Func<Dictionary<string, string>, string[], string> run)
    {
        string shown = File.ReadAllText(path);
        string printed = Block().Replace(shown, block =>
        {
            var settings = Words(block.Groups["settings"]).Select(word => word.Split('=')).ToDictionary(setting => setting[0], setting => setting[1]);
            if (settings.ContainsKey("NATIVEHEAP_GUARDED") && !OperatingSystem.IsLinux())
            {
                return block.Value;
            }

            string output = Masked(run(settings, Words(block.Groups["arguments"])).ReplaceLineEndings("\n")).Trim();
            return $"```\n{block.Groups["command"].Value}\n{output}\n```";
        });
        if (printed != shown && Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(path, printed);
            return;
        }

        Assert.NotEmpty(CommandsOf(path));
        Assert.True(printed == shown, $"{path} does not show what is printed; UPDATE_SNAPSHOTS=1 accepts it:\n{printed}");
    }

    private static string Masked(string output)
    {
        ulong least = Address().Matches(output).Select(ValueOf).DefaultIfEmpty().Min();
        return Address().Replace(output, address => FormattableString.Invariant($"0x{LeastAddress + ValueOf(address) - least:x}"));
    }

    private static ulong ValueOf(Match address) => Convert.ToUInt64(address.Value, fromBase: 16);

    private static string[] Words(Group group) => group.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex(@"^```\n(?<command>\$ (?<settings>(?:NATIVEHEAP_\w+=\w+ )*)Misuse(?<arguments>(?: \S+)*))\n(?<output>(?:(?!```).*\n)*)```$", RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex("0x[0-9a-f]+")]
    private static partial Regex Address();
}
