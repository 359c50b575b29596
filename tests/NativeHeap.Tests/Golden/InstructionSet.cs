// What there is to know of a machine's instructions to take a stub apart: which kind each is, and how the JIT writes the access to a thread static.

using System;
using System.Collections.Generic;

namespace NativeHeap.Tests.Golden;

internal enum InstructionKind
{
    Load,
    Store,
    Compare,
    Branch,
    Arithmetic,
    Call,
    Other,
}

internal abstract class InstructionSet
{
    /// <summary>The instructions that a listing shows, in the form in which the other members take them.</summary>
    public virtual IReadOnlyList<Instruction> Normalize(IReadOnlyList<Instruction> listing) => listing;

    public abstract InstructionKind KindOf(Instruction code);

    /// <summary>Whether an address is a register and a constant: no index into a table, and no place that only the linker knows.</summary>
    public abstract bool HasPlainAddress(Instruction code);

    /// <summary>Whether an instruction calls what finds the thread's storage.</summary>
    public abstract bool FindsThreadStorage(Instruction code);

    /// <summary>Whether an instruction sets an argument of that call.</summary>
    public abstract bool IsConstant(Instruction code);

    /// <summary>Whether an instruction loads from where the call's result points to.</summary>
    public abstract bool LoadsFromResult(Instruction code);

    /// <summary>The name of the method that an instruction calls; null if the listing does not tell.</summary>
    public abstract string? CalledMethod(Instruction code);

    /// <summary>Whether an instruction sets the argument of a number to a constant.</summary>
    public abstract bool SetsArgument(Instruction code, int argument);

    protected static bool StartsWith(string text, string start) => text.StartsWith(start, StringComparison.Ordinal);
}
