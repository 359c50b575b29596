// The JIT's own listing of a method, from a program that is run for it.
//
// The release runtime prints it on request. What is asked for is the code that a user's hot path ends up with: the last
// tier, profile and all, with the JIT's defaults but for its waiting times. So settings that whoever runs the tests may
// have made are taken out of the environment first.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

using Xunit;

namespace NativeHeap.Tests.Golden;

/// <param name="Block">The JIT's label of the block that it stands in.</param>
/// <param name="Mnemonic">What it does.</param>
/// <param name="Operands">To what, as the JIT prints it.</param>
internal readonly record struct Instruction(string Block, string Mnemonic, string Operands)
{
    public override string ToString() => Operands.Length == 0 ? Mnemonic : $"{Mnemonic,-8} {Operands}";
}

internal static partial class JitListing
{
    private const string LastTier = "(Tier1)";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    /// <summary>Runs the probe and returns the listing of all tiers of some methods.</summary>
    /// <param name="start">The command that runs it.</param>
    /// <param name="methods">A type's full name, a colon, and a name or a star.</param>
    public static string OfProbe(ProcessStartInfo start, string methods)
    {
        string probe = $"{start.FileName} {string.Join(' ', start.ArgumentList)}";
        string file = Path.GetTempFileName();
        try
        {
            foreach (string setting in start.Environment.Keys.Where(IsRuntimeSetting).ToArray())
            {
                start.Environment.Remove(setting);
            }

            start.Environment["DOTNET_JitDisasm"] = methods;
            start.Environment["DOTNET_JitDisasmDiffable"] = "1";
            start.Environment["DOTNET_JitStdOutFile"] = file;
            start.Environment["DOTNET_TC_CallCountingDelayMs"] = "0";
            start.Environment["DOTNET_TC_BackgroundWorkerTimeoutMs"] = "0";
            using Process process = Process.Start(start)!;
            if (!process.WaitForExit(s_patience))
            {
                process.Kill();
                Assert.Fail($"{probe} did not end within {s_patience}.");
            }

            Assert.True(process.ExitCode == 0, $"{probe} ended with {process.ExitCode}.");
            return File.ReadAllText(file).ReplaceLineEndings("\n");
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>The instructions of a method as it was compiled last.</summary>
    public static IReadOnlyList<Instruction> LastTierOf(string method, string listing)
    {
        string[] compilations = listing.Split("; Assembly listing for method ");
        string? last = compilations.LastOrDefault(text =>
            text.StartsWith(method, StringComparison.Ordinal) && text.Split('\n')[0].EndsWith(LastTier, StringComparison.Ordinal));
        Assert.True(last != null, $"{method} did not reach its last tier. The listing:\n{listing}");
        return Parse(last!);
    }

    /// <summary>The instructions of one listing.</summary>
    public static IReadOnlyList<Instruction> Parse(string listing)
    {
        List<Instruction> instructions = [];
        string block = "";
        foreach (string line in listing.Split('\n'))
        {
            if (Label().Match(line) is { Success: true } label)
            {
                block = label.Groups[1].Value;
            }
            else if (Code().Match(line) is { Success: true } code)
            {
                // Of a generic method all that counts is which: its types are the stub's.
                instructions.Add(new(block, code.Groups[1].Value, TypeArguments().Replace(code.Groups[2].Value.TrimEnd(), "")));
            }
        }

        return instructions;
    }

    private static bool IsRuntimeSetting(string name)
        => (name.StartsWith("DOTNET_", StringComparison.OrdinalIgnoreCase) || name.StartsWith("COMPlus_", StringComparison.OrdinalIgnoreCase))
            && !name.StartsWith("DOTNET_ROOT", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"(?<=\w)\[[^\[\]]*\](?=\()")]
    private static partial Regex TypeArguments();

    [GeneratedRegex(@"^(G_M\w+):")]
    private static partial Regex Label();

    [GeneratedRegex(@"^ {7}(?: {5})?([a-z]\w*)\s*(.*)$")]
    private static partial Regex Code();
}
