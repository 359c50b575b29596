// On Linux: a handler of SIGSEGV, put before the runtime's. It is the plain static method itself, and while it runs the signal by which the runtime stops threads is blocked, or the runtime would look for the caller of a method
// that the kernel has called. (Tried: 20,000 null references beside a thread that did nothing but collect. Compiled ahead of time the process ended at once without that signal blocked.)
//
// The action is the previous one's but for the function, that signal, and that it is told the address: the stack that it runs on is the one that the runtime wants.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NativeHeap.Platform;

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

    private static bool s_isArm;
    private static byte* s_actions;
    private static delegate*<int, void*, void*, void> s_previous;
    private static delegate*<int, void*, void*, int> s_setAction;
    private static delegate*<int, byte*, nuint, nint> s_write;

    private static void LinuxInstall()
    {
        nint libc = NativeLibrary.Load("libc", typeof(FaultHandler).Assembly, DllImportSearchPath.SafeDirectories);
        s_setAction = (delegate*<int, void*, void*, int>)NativeLibrary.GetExport(libc, "sigaction");
        s_write = (delegate*<int, byte*, nuint, nint>)NativeLibrary.GetExport(libc, "write");
        s_writeError = &LinuxWrite;
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LinuxWrite(byte* text, int length) => _ = s_write(ErrorStream, text, (nuint)length);

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
