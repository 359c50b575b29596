// A stub's machine code, taken apart:
//
//     frame            what sets the method's frame up, and takes it down before the first ret
//     thread static    from the arguments of the call that finds the thread's storage to the load of the value there
//     fast path        what else there is before the first ret: what the stub itself costs
//     slow path        all that follows it
//
// The JIT puts what it takes to be likely first and the rest behind the return; a fast path that is not in one piece shows
// up here as one that is too long. This is x64 as the JIT writes it for systems other than Windows.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;

using Xunit;

namespace NativeHeap.Tests.Golden;

internal enum InstructionKind
{
    Load,
    Store,
    Compare,
    Branch,
    Arithmetic,
    Other,
}

internal sealed partial class StubCode
{
    private static readonly string[] s_compares = ["cmp", "test", "bt"];
    private static readonly string[] s_arithmetic = ["add", "sub", "inc", "dec", "neg", "and", "or", "xor", "not", "shl", "shr", "sar", "imul", "lea"];

    private StubCode(Instruction[] frame, Instruction[] threadStatic, Instruction[] fastPath, Instruction[] slowPath)
    {
        Frame = frame;
        ThreadStatic = threadStatic;
        FastPath = fastPath;
        SlowPath = slowPath;
    }

    public IReadOnlyList<Instruction> Frame { get; }

    public IReadOnlyList<Instruction> ThreadStatic { get; }

    public IReadOnlyList<Instruction> FastPath { get; }

    public IReadOnlyList<Instruction> SlowPath { get; }

    public static StubCode Of(IReadOnlyList<Instruction> method)
    {
        int end = 1 + IndexOf(method, 0, code => code.Mnemonic == "ret");
        int epilogue = IndexOf(method, 0, code => code.Block == method[end - 1].Block);
        int prologue = IndexOf(method, 0, code => code.Block != method[0].Block);

        // The storage is found by a call through a register; its arguments are constants, and its result leads to the value.
        int call = IndexOf(method, prologue, code => code.Mnemonic == "call" && Register().IsMatch(code.Operands));
        int first = call;
        while (first > prologue && method[first - 1].Mnemonic is "mov" or "lea" && !method[first - 1].Operands.Contains("[r", StringComparison.Ordinal))
        {
            first--;
        }

        int last = IndexOf(method, call, code => KindOf(code) == InstructionKind.Load && code.Operands.Contains("[rax", StringComparison.Ordinal));
        return new(
            [.. method.Take(prologue), .. method.Take(end).Skip(epilogue)],
            [.. method.Take(last + 1).Skip(first)],
            [.. method.Take(first).Skip(prologue), .. method.Take(epilogue).Skip(last + 1)],
            [.. method.Skip(end)]);
    }

    public static InstructionKind KindOf(Instruction code)
        => code.Mnemonic switch
        {
            string compare when s_compares.Contains(compare) => InstructionKind.Compare,
            ['j', ..] => InstructionKind.Branch,
            string arithmetic when s_arithmetic.Contains(arithmetic) => InstructionKind.Arithmetic,
            string move when move.StartsWith("mov", StringComparison.Ordinal) => Memory().Match(code.Operands) switch
            {
                { Success: false } => InstructionKind.Other,
                { Index: 0 } => InstructionKind.Store,
                _ => InstructionKind.Load,
            },
            _ => InstructionKind.Other,
        };

    /// <summary>Whether an address is a register and a constant: no index into a table, and no place that only the linker knows.</summary>
    public static bool HasPlainAddress(Instruction code)
        => !code.Operands.Contains('[', StringComparison.Ordinal) || PlainAddress().IsMatch(code.Operands);

    public void Describe(string name, StringBuilder text)
    {
        text.Append(name).Append('\n');
        IEnumerable<string> kinds = FastPath.GroupBy(KindOf).OrderBy(kind => kind.Key).Select(kind => $"{kind.Key.ToString().ToLowerInvariant()} {kind.Count()}");
        Describe("fast path", $" ({string.Join(", ", kinds)})", FastPath, text);
        Describe("thread static", "", ThreadStatic, text);
        Describe("frame", "", Frame, text);
        Describe("slow path", "", SlowPath, text);
        text.Append('\n');
    }

    private static void Describe(string part, string kinds, IReadOnlyList<Instruction> instructions, StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"  {part}: {instructions.Count}{kinds}\n");
        foreach (Instruction code in instructions)
        {
            text.Append(CultureInfo.InvariantCulture, $"    {code}\n");
        }
    }

    private static int IndexOf(IReadOnlyList<Instruction> method, int from, Func<Instruction, bool> predicate)
    {
        int index = from;
        while (index < method.Count && !predicate(method[index]))
        {
            index++;
        }

        Assert.True(index < method.Count, $"This is no stub as the JIT is known to compile it:\n{string.Join('\n', method)}");
        return index;
    }

    [GeneratedRegex(@"^r\w+$")]
    private static partial Regex Register();

    [GeneratedRegex(@"(?:\w+ ptr )?\[")]
    private static partial Regex Memory();

    [GeneratedRegex(@"\[r\w+(?:[+-](?:0x[0-9A-F]+|\d+))?\]")]
    private static partial Regex PlainAddress();
}
