// A stub's machine code, taken apart:
//
//     frame            what sets the method's frame up, and takes it down before the first ret
//     thread static    from the arguments of the call that finds the thread's storage to the load of the value there
//     fast path        what else there is before the first ret: what the stub itself costs
//     slow path        all that follows it
//
// The JIT puts what it takes to be likely first and the rest behind the return; a fast path that is not in one piece shows
// up here as one that is too long.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

using Xunit;

namespace NativeHeap.Tests.Golden;

internal sealed class StubCode
{
    private readonly InstructionSet _set;

    private StubCode(InstructionSet set, Instruction[] frame, Instruction[] threadStatic, Instruction[] fastPath, Instruction[] slowPath)
    {
        _set = set;
        Frame = frame;
        ThreadStatic = threadStatic;
        FastPath = fastPath;
        SlowPath = slowPath;
    }

    public IReadOnlyList<Instruction> Frame { get; }

    public IReadOnlyList<Instruction> ThreadStatic { get; }

    public IReadOnlyList<Instruction> FastPath { get; }

    public IReadOnlyList<Instruction> SlowPath { get; }

    public static StubCode Of(IReadOnlyList<Instruction> listing, InstructionSet set)
    {
        IReadOnlyList<Instruction> method = set.Normalize(listing);
        int end = 1 + IndexOf(method, 0, code => code.Mnemonic == "ret");
        int epilogue = IndexOf(method, 0, code => code.Block == method[end - 1].Block);
        int prologue = IndexOf(method, 0, code => code.Block != method[0].Block);
        int call = IndexOf(method, prologue, set.FindsThreadStorage);
        int first = call;
        while (first > prologue && set.IsConstant(method[first - 1]))
        {
            first--;
        }

        int last = IndexOf(method, call, set.LoadsFromResult);
        return new(
            set,
            [.. method.Take(prologue), .. method.Take(end).Skip(epilogue)],
            [.. method.Take(last + 1).Skip(first)],
            [.. method.Take(first).Skip(prologue), .. method.Take(epilogue).Skip(last + 1)],
            [.. method.Skip(end)]);
    }

    public void Describe(string name, StringBuilder text)
    {
        text.Append(name).Append('\n');
        IEnumerable<string> kinds = FastPath.GroupBy(_set.KindOf).OrderBy(kind => kind.Key).Select(kind => $"{kind.Key.ToString().ToLowerInvariant()} {kind.Count()}");
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
}
