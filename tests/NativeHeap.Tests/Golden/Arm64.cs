// arm64. Three things that the listing shows in more than one form, by where the run happened to lie in memory, become one here:
//
//     movz x0, a;  movk x0, b LSL #16;  ...        mov  x0, constant        (as many parts as the constant needs)
//     bl   HELPER                                  call HELPER
//     mov  x1, constant;  ldr x1, [x1];  blr x1    call [constant]          (what is called lies further off than a bl reaches, or may move)

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

namespace NativeHeap.Tests.Golden;

internal sealed partial class Arm64 : InstructionSet
{
    private const string Constant = "constant";
    private const string Indirect = "[" + Constant + "]";
    private const string ThreadStorage = "THREADSTATIC_BASE";

    private static readonly string[] s_compares = ["cmp", "cmn", "tst"];
    private static readonly string[] s_branches =
        ["b", "cbz", "cbnz", "tbz", "tbnz", "beq", "bne", "bhs", "blo", "bhi", "bls", "bge", "bgt", "ble", "blt", "bmi", "bpl"];

    private static readonly string[] s_arithmetic =
        ["add", "sub", "and", "bic", "orr", "eor", "neg", "mvn", "lsl", "lsr", "asr", "mul", "madd", "msub", "umulh", "sbfm", "ubfm", "ubfx", "ubfiz", "sxtw"];

    public override IReadOnlyList<Instruction> Normalize(IReadOnlyList<Instruction> listing)
    {
        List<Instruction> result = [];
        foreach (Instruction code in listing)
        {
            string target = code.Operands.Split(',')[0];
            switch (code.Mnemonic)
            {
                case "movz" or "movn":
                    result.Add(code with { Mnemonic = "mov", Operands = $"{target}, {Constant}" });
                    break;
                case "movk":
                    break;
                case "bl":
                    result.Add(code with { Mnemonic = "call" });
                    break;
                case "blr" when EndsWith(result, $"{target}, {Constant}", $"{target}, [{target}]"):
                    result.RemoveRange(result.Count - 2, 2);
                    result.Add(code with { Mnemonic = "call", Operands = Indirect });
                    break;
                default:
                    result.Add(code);
                    break;
            }
        }

        // Between the method's first call and the load from its result lies nothing: that call found the thread's storage, by whichever way.
        int call = result.FindIndex(code => KindOf(code) == InstructionKind.Call);
        if (call >= 0 && call + 1 < result.Count && LoadsFromResult(result[call + 1]))
        {
            result[call] = result[call] with { Operands = ThreadStorage };
        }

        return result;
    }

    public override InstructionKind KindOf(Instruction code)
        => code.Mnemonic switch
        {
            "call" or "blr" => InstructionKind.Call,
            string branch when s_branches.Contains(branch) => InstructionKind.Branch,
            string compare when s_compares.Contains(compare) => InstructionKind.Compare,
            string arithmetic when s_arithmetic.Contains(arithmetic) => InstructionKind.Arithmetic,
            string load when StartsWith(load, "ld") => InstructionKind.Load,
            string store when StartsWith(store, "st") => InstructionKind.Store,
            _ => InstructionKind.Other,
        };

    public override bool HasPlainAddress(Instruction code)
        => code.Mnemonic == "call" || !code.Operands.Contains('[', StringComparison.Ordinal) || PlainAddress().IsMatch(code.Operands);

    public override bool FindsThreadStorage(Instruction code) => code.Mnemonic == "call" && code.Operands == ThreadStorage;

    public override bool IsConstant(Instruction code) => code.Mnemonic == "mov" && code.Operands.EndsWith(Constant, StringComparison.Ordinal);

    public override bool LoadsFromResult(Instruction code)
        => KindOf(code) == InstructionKind.Load && code.Operands.Contains("[x0", StringComparison.Ordinal);

    public override string? CalledMethod(Instruction code) => code.Operands == Indirect ? null : code.Operands;

    public override bool SetsArgument(Instruction code, int argument) => code.Mnemonic == "mov" && StartsWith(code.Operands, $"w{argument}, #");

    private static bool EndsWith(List<Instruction> code, string constant, string load)
        => code.Count >= 2 && code[^2].Operands == constant && code[^1].Mnemonic == "ldr" && code[^1].Operands == load;

    [GeneratedRegex(@"\[(?:x\d+|fp|sp)(?:, #-?(?:0x[0-9A-F]+|\d+))?\]!?(?:, #-?(?:0x[0-9A-F]+|\d+))?$")]
    private static partial Regex PlainAddress();
}
