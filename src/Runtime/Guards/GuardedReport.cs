// What is written to the error stream when a guarded object is touched where or when it must not be: what was done, where, to what, who had allocated it and who had freed it. The runtime's own message follows, with the stack.
//
// It is written by the handler of the fault, on the thread that has faulted, and keeps to what Platform/FaultHandler.cs allows: bytes are read from the place, put together in a buffer that is there from the start, and written by one
// call. Every method is compiled before, by a rehearsal with a place of its own.

using System;
using System.Runtime.CompilerServices;

using NativeHeap.Pages;
using NativeHeap.Platform;

namespace NativeHeap.Guards;

/// <summary>Reports faults of guarded objects.</summary>
internal static unsafe class GuardedReport
{
    private const int BufferSize = 4096;
    private const int Patience = 1 << 26;

    private static GuardedPlace* s_places;
    private static byte* s_buffer;
    private static int s_length;
    private static int s_isStarting;
    private static int s_isReporting;

    /// <summary>Reports from now on. At any time but the first it does nothing.</summary>
    /// <param name="guarded">The places.</param>
    public static void Start(GuardedPages* guarded)
    {
        if (s_places == guarded->Places || Atomic.Exchange(ref s_isStarting, 1) != 0)
        {
            return;
        }

        s_buffer = s_buffer != null ? s_buffer : (byte*)RuntimeHelpers.AllocateTypeAssociatedMemory(typeof(GuardedReport), BufferSize);
        s_places = guarded->Places;
        FaultHandler.Watch(guarded->Region, guarded->Size, &Report);
        s_isStarting = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Report(byte* address, FaultAccess access)
    {
        // One thread at a time; the others wait for the end of the process, but not for ever.
        for (int i = 0; Atomic.Exchange(ref s_isReporting, 1) != 0 && i < Patience; i++)
        {
        }

        GuardedPlace* place = GuardedPages.Nearest(s_places, address);
        if (access == FaultAccess.None)
        {
            // With all that a report may have.
            GuardedPlace rehearsed = default;
            rehearsed.State = GuardedState.Freed;
            rehearsed.Type.Length = rehearsed.Freed.Thread = rehearsed.Freed.Name.Length = rehearsed.Freed.Site.Length = 1;
            Make(&rehearsed, address, access);
            FaultHandler.Write(s_buffer, 0);
            s_isReporting = 0;
            return;
        }

        Make(place, address, access);
        FaultHandler.Write(s_buffer, s_length);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Make(GuardedPlace* place, byte* address, FaultAccess access)
    {
        s_length = 0;
        Add("NativeHeap: the address 0x"u8);
        AddHex((nuint)address);
        Add(access == FaultAccess.Write ? " was written to: "u8 : access == FaultAccess.Read ? " was read: "u8 : " was touched: "u8);
        if (place == null || place->State == GuardedState.None)
        {
            Add("it is between the places of guarded blocks, and none has been there.\n"u8);
            return;
        }

        nint before = (nint)(place->Span.Base - address);
        nint behind = (nint)(address - place->Span.Base) - place->Span.SlotSize;
        Add("it is "u8);
        AddNumber((ulong)(before > 0 ? before : behind >= 0 ? behind + 1 : -before));
        Add(before > 0 ? " bytes before the first byte of "u8 : behind >= 0 ? " bytes behind the last byte of "u8 : " bytes into "u8);
        Add("a guarded block of "u8);
        AddNumber((ulong)place->Span.SlotSize);
        Add(" bytes at 0x"u8);
        AddHex((nuint)place->Span.Base);
        if (place->Type.Length != 0)
        {
            Add(", of type "u8);
            AddText(&place->Type);
        }

        Add(place->State == GuardedState.Freed ? ", which was freed before.\n"u8 : ", which is in use.\n"u8);
        Add("  It was allocated "u8);
        AddStamp(&place->Allocated);
        if (place->State == GuardedState.Freed)
        {
            Add("  It was freed "u8);
            AddStamp(&place->Freed);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddStamp(GuardedStamp* stamp)
    {
        if (stamp->Site.Length != 0)
        {
            Add("at "u8);
            AddText(&stamp->Site);
            Add(" "u8);
        }

        if (stamp->Thread == 0)
        {
            Add("by a thread that is not known.\n"u8);
            return;
        }

        Add("by thread "u8);
        AddNumber((ulong)stamp->Thread);
        if (stamp->Name.Length != 0)
        {
            Add(" ("u8);
            AddText(&stamp->Name);
            Add(")"u8);
        }

        Add(".\n"u8);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(ReadOnlySpan<byte> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            AddByte(text[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddText(GuardedText* text)
    {
        for (int i = 0; i < text->Length; i++)
        {
            AddByte(text->Bytes[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddHex(nuint value)
    {
        int shift = 60;
        while (shift > 0 && value >> shift == 0)
        {
            shift -= 4;
        }

        for (; shift >= 0; shift -= 4)
        {
            int digit = (int)(value >> shift) & 15;
            AddByte((byte)(digit < 10 ? '0' + digit : 'a' + digit - 10));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddNumber(ulong value)
    {
        ulong unit = 1;
        while (unit <= value / 10)
        {
            unit *= 10;
        }

        for (; unit != 0; unit /= 10)
        {
            AddByte((byte)('0' + (value / unit % 10)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddByte(byte value)
    {
        if (s_length < BufferSize)
        {
            s_buffer[s_length++] = value;
        }
    }
}
