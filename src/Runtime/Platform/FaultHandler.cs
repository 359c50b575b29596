// Who hears of a touch of memory that may not be touched, before the process ends by it: a handler of SIGSEGV, put before the runtime's, for one range of addresses. On Linux; elsewhere the process ends without a word of ours.
//
//     address in the range   ->  tell who asked  ->  the handler that was there before, which ends the process: the runtime's writes the stack
//     any other              ->  the handler that was there before: the runtime's makes a NullReferenceException of it, or ends the process
//
// The thread is at some instruction of managed code and in no state to be called back by a function pointer of the ordinary kind: UnmanagedCallersOnly waits for a collection, and ends the process if the thread was
// not outside of managed code. So the handler is a plain static method by its bare address: for pointers and integers the convention of managed code is that of C, on x64 and on arm64. And it calls C by bare
// addresses as well, as if it were managed code: then the compiler makes no transition and asks for no collection. What such code may do is little:
//
//     no allocation, no exception, no lock, no static constructor, no method that has not been compiled: it is all called once before, so that it is
//     no suspension: the signal by which the runtime stops threads is blocked while it runs, or the runtime would look for the caller of a method that the kernel has called
//
// (Tried: 20,000 null references beside a thread that did nothing but collect. Compiled ahead of time the process ended at once without that signal blocked.)
//
// The action is the previous one's but for the function, that signal, and that it is told the address: the stack that it runs on is the one that the runtime wants.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace NativeHeap.Platform;

/// <summary>What the processor was about to do.</summary>
internal enum FaultAccess
{
    /// <summary>Nothing: the handler is only being tried out.</summary>
    None,

    /// <summary>It is not known.</summary>
    Unknown,

    /// <summary>To read.</summary>
    Read,

    /// <summary>To write.</summary>
    Write,
}

/// <summary>Handles faults in a range of addresses.</summary>
internal static unsafe partial class FaultHandler
{
    private const int SegmentationFault = 11;
    private const int NoSignal = 0;
    private const int ErrorStream = 2;

    // SIG_DFL and SIG_IGN, which are no functions, are 0 and 1.
    private const nuint IgnoreSignal = 1;

    // struct sigaction, on Linux with either C library: the function, 128 bytes of mask, flags.
    private const int ActionSize = 256;
    private const int MaskOffset = 8;
    private const int FlagsOffset = MaskOffset + 128;

    // SA_SIGINFO.
    private const int WithInformation = 4;

    // SIGRTMIN, by which the runtime stops threads: 34 with glibc, 35 with musl.
    private const ulong SuspensionSignals = (1UL << 33) | (1UL << 34);

    // siginfo_t.si_addr.
    private const int AddressOffset = 16;

    // ucontext_t: of x64 the error code among the registers; of arm64 the records behind them.
    private const int ErrorCodeOffset = 40 + (19 * 8);
    private const int WriteBit = 1 << 1;
    private const int RecordsOffset = 464;
    private const int RecordsSize = 4096;
    private const int ContextSize = RecordsOffset + RecordsSize;
    private const uint SyndromeMagic = 0x4553_5201;
    private const int SyndromeWriteBit = 1 << 6;

    private static byte* s_start;
    private static nuint s_size;
    private static bool s_isArm;
    private static byte* s_actions;
    private static delegate*<byte*, FaultAccess, void> s_report;
    private static delegate*<int, void*, void*, void> s_previous;
    private static delegate*<int, void*, void*, int> s_setAction;
    private static delegate*<int, byte*, nuint, nint> s_write;

    /// <summary>Whether faults are heard of on this system.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux();

    /// <summary>Hears of faults in a range from now on, and no more in one that it has heard of before; where it is not supported, nothing happens. By one thread at a time.</summary>
    /// <param name="start">The range's first byte.</param>
    /// <param name="size">Its length, in bytes.</param>
    /// <param name="report">
    /// Told of the address and of what was to be done there, on the thread that has faulted, by code that keeps to what the opening comment allows; of <see cref="FaultAccess.None"/> once before, to be compiled.
    /// </param>
    public static void Watch(byte* start, nuint size, delegate*<byte*, FaultAccess, void> report)
    {
        if (!IsSupported)
        {
            return;
        }

        Volatile.Write(ref s_size, 0);
        s_start = start;
        s_report = report;
        if (s_actions == null)
        {
            Install();
        }

        Volatile.Write(ref s_size, size);
    }

    /// <summary>Writes a text to the error stream. For reports.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write(byte* text, int length) => _ = s_write(ErrorStream, text, (nuint)length);

    private static void Install()
    {
        nint libc = NativeLibrary.Load("libc", typeof(FaultHandler).Assembly, DllImportSearchPath.SafeDirectories);
        s_setAction = (delegate*<int, void*, void*, int>)NativeLibrary.GetExport(libc, "sigaction");
        s_write = (delegate*<int, byte*, nuint, nint>)NativeLibrary.GetExport(libc, "write");
        s_isArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;
        byte* actions = (byte*)RuntimeHelpers.AllocateTypeAssociatedMemory(typeof(FaultHandler), (2 * ActionSize) + ContextSize);
        Rehearse(actions + (2 * ActionSize));

        byte* action = actions + ActionSize;
        _ = SetAction(SegmentationFault, null, actions);
        Unsafe.CopyBlock(action, actions, ActionSize);
        s_previous = *(delegate*<int, void*, void*, void>*)actions;
        s_actions = actions;
        *(delegate*<int, void*, void*, void>*)action = &Handle;
        *(ulong*)(action + MaskOffset) |= SuspensionSignals;
        *(int*)(action + FlagsOffset) |= WithInformation;
        _ = SetAction(SegmentationFault, action, null);
    }

    // A fault that is none, in a range of one byte, to compile what one that is will need. The memory is zero.
    private static void Rehearse(byte* context)
    {
        delegate*<int, void*, void*, void> handle = &Handle;
        *(byte**)(context + AddressOffset) = s_start;
        s_size = 1;
        handle(NoSignal, context, context);
        s_size = 0;
        _ = AccessOfX64(context);
        _ = AccessOfArm(context);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Handle(int signal, void* information, void* context)
    {
        byte* address = *(byte**)((byte*)information + AddressOffset);
        if ((nuint)(address - s_start) < s_size)
        {
            s_report(address, signal == NoSignal ? FaultAccess.None : s_isArm ? AccessOfArm((byte*)context) : AccessOfX64((byte*)context));
        }

        if ((nuint)s_previous > IgnoreSignal)
        {
            s_previous(signal, information, context);
        }
        else if (signal != NoSignal)
        {
            // The system's own: its turn is when the instruction is tried again.
            _ = s_setAction(signal, s_actions, null);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static FaultAccess AccessOfX64(byte* context) => (*(long*)(context + ErrorCodeOffset) & WriteBit) != 0 ? FaultAccess.Write : FaultAccess.Read;

    // Records of a magic number and a size each, the last of size 0.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static FaultAccess AccessOfArm(byte* context)
    {
        for (uint offset = 0; offset < RecordsSize - sizeof(long);)
        {
            uint* record = (uint*)(context + RecordsOffset + offset);
            if (record[0] == SyndromeMagic)
            {
                return (record[2] & SyndromeWriteBit) != 0 ? FaultAccess.Write : FaultAccess.Read;
            }

            if (record[1] == 0)
            {
                break;
            }

            offset += record[1];
        }

        return FaultAccess.Unknown;
    }

    [LibraryImport("libc", EntryPoint = "sigaction")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetAction(int signal, void* action, void* previous);
}
