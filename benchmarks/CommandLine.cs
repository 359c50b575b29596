// The options that follow a command. Most are shared by all; what only some take is said by the command's Shape. An option that a command has
// no use for is refused rather than ignored, so that nobody believes to have measured something else.

using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.IO.Enumeration;
using System.Linq;

using NativeHeap.Benchmarks.Measuring;

namespace NativeHeap.Benchmarks;

/// <summary>The user asked for something that cannot be done; the message names it, and the way out, in one line.</summary>
[SuppressMessage("Design", "CA1032:Implement standard exception constructors", Justification = "Without its message it has no meaning.")]
internal sealed class UsageException(string message) : Exception(message);

/// <summary>Something that was verified does not hold; the message says what, in one line.</summary>
[SuppressMessage("Design", "CA1032:Implement standard exception constructors", Justification = "Without its message it has no meaning.")]
internal sealed class FaultException(string message) : Exception(message);

/// <summary>What may follow a command.</summary>
[Flags]
internal enum Options
{
    None = 0,
    Quick = 1,
    Json = 2,
    Cells = 4,
    Subjects = 8,
    Verify = 16,
    Out = 32,
    Traces = 64,

    /// <summary>Of every command that measures.</summary>
    Measuring = Quick | Json | Cells | Subjects,
}

/// <summary>What a command takes.</summary>
/// <param name="Operand">What the word after the command is and means, such as "DIR, the folder of …"; null if there is none.</param>
/// <param name="Options">Which options.</param>
/// <param name="DefaultOperand">What the word is if it is left out; null if it must not be.</param>
internal sealed record CommandShape(string? Operand = null, Options Options = Options.Measuring, string? DefaultOperand = null)
{
    private static readonly (Options Option, string Text)[] s_texts =
    [
        (Options.Quick, "--quick"),
        (Options.Json, "--json FILE"),
        (Options.Cells, "--cells PATTERNS"),
        (Options.Subjects, "--subjects NAMES"),
        (Options.Verify, "--verify"),
        (Options.Out, "--out DIR"),
        (Options.Traces, "--traces DIR"),
    ];

    public static CommandShape Plain { get; } = new();

    /// <summary>The operand's name alone.</summary>
    public string? OperandName => Operand?.Split(',')[0];

    /// <summary>As in "--quick, --json FILE".</summary>
    public string OptionTexts => string.Join(", ", s_texts.Where(text => Options.HasFlag(text.Option)).Select(text => text.Text));

    public bool Takes(string option) => s_texts.Any(text => text.Text.Split(' ')[0] == option && Options.HasFlag(text.Option));
}

internal sealed class CommandLine
{
    private string[] _cells = [];
    private string[] _subjects = [];

    public bool Quick { get; private set; }

    /// <summary>Check what is computed instead of how fast.</summary>
    public bool Verify { get; private set; }

    public string? JsonFile { get; private set; }

    /// <summary>The folder that result files go to.</summary>
    public string? OutFolder { get; private set; }

    /// <summary>The folder that holds the traces.</summary>
    public string? TracesFolder { get; private set; }

    /// <summary>The word that follows the command, or what it is when left out; empty for a command that takes none.</summary>
    public string Operand { get; private set; } = string.Empty;

    public Effort Effort => Quick ? Effort.Quick : Effort.Full;

    /// <summary>The options that change what is measured, as they were given.</summary>
    public string Arguments
        => string.Join(
            ' ',
            (string[])
            [
                .. Quick ? ["--quick"] : Array.Empty<string>(),
                .. _cells.Length == 0 ? [] : (string[])["--cells", string.Join(',', _cells)],
                .. _subjects.Length == 0 ? [] : (string[])["--subjects", string.Join(',', _subjects)],
            ]);

    public static CommandLine Parse(ReadOnlySpan<string> arguments, CommandShape shape)
    {
        CommandLine line = new();
        for (int i = 0; i < arguments.Length; i++)
        {
            string word = arguments[i];
            if (!word.StartsWith('-') && shape.Operand is not null && line.Operand.Length == 0)
            {
                line.Operand = word;
                continue;
            }

            if (!shape.Takes(word))
            {
                throw new UsageException($"Unknown option '{word}': the options are {shape.OptionTexts}.");
            }

            switch (word)
            {
                case "--quick":
                    line.Quick = true;
                    break;
                case "--verify":
                    line.Verify = true;
                    break;
                case "--json":
                    line.JsonFile = Writable(ValueOf(arguments, ref i, "a file name"));
                    break;
                case "--out":
                    line.OutFolder = ValueOf(arguments, ref i, "a folder");
                    break;
                case "--traces":
                    line.TracesFolder = ValueOf(arguments, ref i, "the folder that holds the traces (*.nht.br)");
                    break;
                case "--cells":
                    line._cells = ListOf(arguments, ref i, "a list of cells or patterns, such as hot/64,window-*/1k/*");
                    break;
                default:
                    line._subjects = ListOf(arguments, ref i, "a list of subjects, such as NativeHeap,mimalloc");
                    break;
            }
        }

        if (shape.Operand is not null && line.Operand.Length == 0)
        {
            line.Operand = shape.DefaultOperand ?? throw new UsageException($"The command needs {shape.Operand}.");
        }

        return line;
    }

    /// <summary>Whether a cell was asked for: by a pattern with wildcards that fits its whole name, or by any part of its name.</summary>
    public bool WantsCell(string cell)
        => _cells.Length == 0 || _cells.Any(pattern => pattern.AsSpan().ContainsAny('*', '?')
            ? FileSystemName.MatchesSimpleExpression(pattern, cell, ignoreCase: false)
            : cell.Contains(pattern, StringComparison.Ordinal));

    public bool WantsSubject(string subject) => _subjects.Length == 0 || _subjects.Contains(subject, StringComparer.OrdinalIgnoreCase);

    /// <summary>Refuses names that no subject of the command bears.</summary>
    public void CheckSubjects(IEnumerable<string> names)
    {
        string[] all = [.. names];
        foreach (string subject in _subjects)
        {
            if (!all.Contains(subject, StringComparer.OrdinalIgnoreCase))
            {
                throw new UsageException($"Unknown subject '{subject}': the subjects are {string.Join(", ", all)}.");
            }
        }
    }

    /// <summary>Refuses a filter that leaves nothing to measure.</summary>
    public void CheckCells(IEnumerable<string> names)
    {
        foreach (string pattern in _cells)
        {
            CommandLine alone = new() { _cells = [pattern] };
            if (!names.Any(alone.WantsCell))
            {
                throw new UsageException($"No cell fits '{pattern}': the cells have names such as {string.Join(", ", names.Take(1).Concat(names.TakeLast(1)))}.");
            }
        }
    }

    private static string ValueOf(ReadOnlySpan<string> arguments, ref int index, string what)
    {
        string option = arguments[index];
        if (++index == arguments.Length || arguments[index].StartsWith("--", StringComparison.Ordinal))
        {
            throw new UsageException($"Option '{option}' lacks its value: give it {what}.");
        }

        return arguments[index];
    }

    // Found out before minutes of measuring, not after them.
    private static string Writable(string file)
    {
        try
        {
            File.Open(file, FileMode.Append).Dispose();
            return file;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"Cannot write '{file}': name a file in a folder that exists and that you may write to.");
        }
    }

    private static string[] ListOf(ReadOnlySpan<string> arguments, ref int index, string what)
        => ValueOf(arguments, ref index, what).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
