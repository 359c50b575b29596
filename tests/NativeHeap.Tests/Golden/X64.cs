// x64, as the JIT writes it for systems other than Windows. The storage of thread statics is found by a call through a register.

using System;
using System.Linq;
using System.Text.RegularExpressions;

namespace NativeHeap.Tests.Golden;

internal sealed partial class X64 : InstructionSet
{
    private static readonly string[] s_compares = ["cmp", "test", "bt"];
    private static readonly string[] s_arithmetic = ["add", "sub", "inc", "dec", "neg", "and", "or", "xor", "not", "shl", "shr", "sar", "imul", "lea"];
    private static readonly string[] s_arguments = ["edi", "esi", "edx", "ecx"];

    public override InstructionKind KindOf(Instruction code)
        => code.Mnemonic switch
        {
            "call" => InstructionKind.Call,
            string compare when s_compares.Contains(compare) => InstructionKind.Compare,
            ['j', ..] => InstructionKind.Branch,
            string arithmetic when s_arithmetic.Contains(arithmetic) => InstructionKind.Arithmetic,
            string move when StartsWith(move, "mov") => Memory().Match(code.Operands) switch
            {
                { Success: false } => InstructionKind.Other,
                { Index: 0 } => InstructionKind.Store,
                _ => InstructionKind.Load,
            },
            _ => InstructionKind.Other,
        };

    public override bool HasPlainAddress(Instruction code)
        => !code.Operands.Contains('[', StringComparison.Ordinal) || PlainAddress().IsMatch(code.Operands);

    public override bool FindsThreadStorage(Instruction code) => code.Mnemonic == "call" && Register().IsMatch(code.Operands);

    public override bool IsConstant(Instruction code) => code.Mnemonic is "mov" or "lea" && !code.Operands.Contains("[r", StringComparison.Ordinal);

    public override bool LoadsFromResult(Instruction code)
        => KindOf(code) == InstructionKind.Load && code.Operands.Contains("[rax", StringComparison.Ordinal);

    public override string? CalledMethod(Instruction code) => code.Operands.Split(':', '(') is [_, string name, ..] ? name : code.Operands;

    public override bool SetsArgument(Instruction code, int argument)
        => code.Mnemonic == "mov" && StartsWith(code.Operands, s_arguments[argument] + ", ") && char.IsDigit(code.Operands[^1]);

    [GeneratedRegex(@"^r\w+$")]
    private static partial Regex Register();

    [GeneratedRegex(@"(?:\w+ ptr )?\[")]
    private static partial Regex Memory();

    [GeneratedRegex(@"\[r\w+(?:[+-](?:0x[0-9A-F]+|\d+))?\]")]
    private static partial Regex PlainAddress();
}
