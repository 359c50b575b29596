// The arguments of a sample. A wrong command line is answered with one line that names the value and the way out; nothing is guessed, nothing runs.
//
// --name value, --name=value, --name; each once.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

namespace SideBySide;

internal static class Arguments
{
    /// <summary>Reads arguments up to the first that is wrong.</summary>
    /// <param name="arguments">As given to the program.</param>
    /// <param name="way">What to write for an option, by its name; null for one that takes no value.</param>
    /// <param name="set">Takes an option and its value; says what is wrong with them, in one line, or null.</param>
    /// <param name="seen">The names of the options that were given.</param>
    /// <returns>What is wrong, in one line; null if nothing is.</returns>
    public static string? Read(IReadOnlyList<string> arguments, Func<string, string?> way, Func<string, string, string?> set, out HashSet<string> seen)
    {
        seen = new(StringComparer.Ordinal);
        string? problem = null;
        for (int i = 0; i < arguments.Count && problem is null; i++)
        {
            string argument = arguments[i];
            int equals = argument.StartsWith("--", StringComparison.Ordinal) ? argument.IndexOf('=', StringComparison.Ordinal) : -1;
            string name = equals < 0 ? argument : argument[..equals];
            string? value = equals < 0 ? null : argument[(equals + 1)..];
            string? wayOut = way(name);
            if (wayOut is not null && value is null && i + 1 < arguments.Count && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal))
            {
                value = arguments[++i];
            }

            problem = !seen.Add(name) ? $"{name} is given twice; give it once"
                : wayOut is not null && string.IsNullOrEmpty(value) ? $"{name} has no value; {wayOut}"
                : wayOut is null && equals >= 0 ? $"{name} takes no value, but '{value}' is given"
                : set(name, value ?? "");
        }

        return problem;
    }

    /// <summary>What to write for a number.</summary>
    public static string NumberWay(int least, int most) => string.Create(CultureInfo.InvariantCulture, $"write a number from {least} to {most}");

    public static bool IsNumber(string value, int least, int most, out int number)
        => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= least && number <= most;

    /// <summary>What is wrong with a file that is to be written, as far as one can tell before; null if nothing is.</summary>
    public static string? FolderProblem(string name, string file)
        => Path.GetDirectoryName(file) is { Length: > 0 } folder && !Directory.Exists(folder) ? $"{name} {file}: there is no folder {folder}; make it first" : null;
}
