// The check that a block still holds what its owner wrote: what an allocator that hands a block out twice, or too small,
// destroys. A fault ends the worker with one line, which ends the program with exit code 1, since whoever measured it
// measured nothing.

using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace NativeHeap.Benchmarks.Measures.Patterns;

internal static class Contents
{
    /// <summary>Begins the line by which a worker reports a fault.</summary>
    public const string FaultPrefix = "fault: ";

    /// <summary>What is mixed into everything that is written, so that neither zeros nor addresses pass for it.</summary>
    public const ulong Cookie = 0xBF58_476D_1CE4_E5B9;

    private static readonly object s_once = new();

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static unsafe void Fault(void* block, ulong found, ulong expected)
    {
        // The first of several threads reports; the others wait here for the end.
        lock (s_once)
        {
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{FaultPrefix}the block at 0x{(ulong)block:x} holds 0x{found:x} where 0x{expected:x} was written"));
            Console.Out.Flush();
            Environment.Exit(1);
        }
    }
}
