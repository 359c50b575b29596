// What becomes of misuse that a call has found: an exception from that call, or the end of the process, for whoever wants a dump of that very moment and nothing to run on. The one place that decides it.
//
//     HeapOptions.FailsFast, or else  setting FailFast      false
//
// A heap of the closest check level says besides which live objects still point to a block that was freed. That takes a look at all memory of all heaps, and is made when there is something to report; the floor of Diagnostics,
// which knows how, leaves its door here when the assembly is loaded.
//
// Called with no lock held.

using System;

using NativeHeap.Central;
using NativeHeap.Pages;
using NativeHeap.Platform;

namespace NativeHeap.Heaps;

/// <summary>Makes the exceptions of misuse, or ends the process.</summary>
internal static unsafe class Corruption
{
    /// <summary>The setting's name.</summary>
    public const string Setting = "FailFast";

    private static bool s_failsFast;

    /// <summary>Says in a sentence, with a space before it, which live objects point into a block.</summary>
    public static delegate*<byte*, string> References { get; set; }

    /// <summary>Reads the setting, before any heap is used.</summary>
    /// <exception cref="InvalidOperationException">It is neither on nor off.</exception>
    public static void Read()
    {
        s_failsFast = Settings.ReadSwitch(Setting) ?? false;
        Apply(null, HeapProcess.Shared);
    }

    /// <summary>Makes a heap what is asked for.</summary>
    /// <param name="failsFast">Whether it ends the process; null for what the process is set to.</param>
    /// <param name="set">The heap.</param>
    public static void Apply(bool? failsFast, CentralSet* set) => set->FailsFast = failsFast ?? s_failsFast;

    /// <summary>Misuse of an address of a heap.</summary>
    /// <param name="set">The heap; null if none is known, and then the process's setting holds.</param>
    /// <param name="address">The address.</param>
    /// <param name="message">What was done.</param>
    /// <returns>What the caller throws. Not, if the process is to end.</returns>
    public static HeapCorruptionException Found(CentralSet* set, void* address, string message)
    {
        if (set == null ? s_failsFast : set->FailsFast)
        {
            Environment.FailFast($"NativeHeap: {message}");
        }

        return new((nint)address, message);
    }

    /// <summary>Misuse of an address, which is of the heap that has it.</summary>
    /// <inheritdoc cref="Found(CentralSet*, void*, string)" path="/param|/returns"/>
    public static HeapCorruptionException Found(void* address, string message) => Found(SetOf(address), address, message);

    /// <summary>Misuse of an address of a block that was freed, as <see cref="Found(CentralSet*, void*, string)"/>; with who still points into it, in a heap of the closest level.</summary>
    /// <inheritdoc cref="Found(CentralSet*, void*, string)" path="/param|/returns"/>
    public static HeapCorruptionException FoundOfFreed(CentralSet* set, void* address, string message)
        => Found(set, address, set != null && set->Detail == SlotDetail.Records && References != null ? message + References((byte*)address) : message);

    private static CentralSet* SetOf(void* address)
    {
        PageSpan* span = HeapProcess.IsStarted ? HeapProcess.Pages->Map.SpanOf(address) : null;
        return span == null || !span->Contains(address) ? null : HeapProcess.Indexes->Find(span->HeapIndex);
    }
}
