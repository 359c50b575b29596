// On Windows: a vectored exception handler, put before the runtime's. Threads are stopped there from outside, wherever they are, and nothing keeps that away: a managed method that ntdll has called must not be met by a collection,
// which would take the thread's frames for those of native code. So what every exception of the process passes, the null references that programs live on with among them, is a few instructions of our own, which the runtime takes
// for native code, as it takes the system's; the managed report is called for an address in the range alone, after which the process ends.
//
//     block = [ start | size | report ]      what the instructions read: a range of size 0 holds nothing
//
// Where a process may not have code of its own making (the mitigation policy for dynamic code), nothing is heard of.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NativeHeap.Platform;

internal static unsafe partial class FaultHandler
{
    private const int ErrorHandle = -12;
    private const int CodeBlockOffset = 17;
    private const nint WriteInformation = 1;
    private const nint Rehearsal = -1;

    private static Block* s_block;
    private static nint s_errorHandle;
    private static delegate*<nint, byte*, int, int*, void*, int> s_writeFile;

    private static bool IsWindowsX64 => OperatingSystem.IsWindows() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    // The handler: gets a pointer to pointers to the exception's record and to the registers, and returns 0, to go on to the next handler.
    private static ReadOnlySpan<byte> Code =>
    [
        0x48, 0x8b, 0x11,                                //  mov  rdx, [rcx]                 the record
        0x81, 0x3a, 0x05, 0x00, 0x00, 0xc0,              //  cmp  dword ptr [rdx], STATUS_ACCESS_VIOLATION
        0x75, 0x2b,                                      //  jne  pass
        0x48, 0x8b, 0x42, 0x28,                          //  mov  rax, [rdx + 40]            its second information, the address
        0x49, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0,              //  mov  r8, block
        0x49, 0x2b, 0x00,                                //  sub  rax, [r8]
        0x49, 0x3b, 0x40, 0x08,                          //  cmp  rax, [r8 + 8]
        0x73, 0x14,                                      //  jae  pass
        0x48, 0x8b, 0x4a, 0x28,                          //  mov  rcx, [rdx + 40]
        0x48, 0x8b, 0x52, 0x20,                          //  mov  rdx, [rdx + 32]            its first, 1 for a write
        0x48, 0x83, 0xec, 0x28,                          //  sub  rsp, 40
        0x41, 0xff, 0x50, 0x10,                          //  call [r8 + 16]
        0x48, 0x83, 0xc4, 0x28,                          //  add  rsp, 40
        0x33, 0xc0,                                      //  pass: xor eax, eax
        0xc3,                                            //  ret
    ];

    private static void WindowsWatch(nuint size)
    {
        if (s_block == null)
        {
            WindowsInstall();
        }

        s_block->Size = 0;
        s_block->Start = s_start;
        s_block->Size = size;
    }

    private static void WindowsInstall()
    {
        nint kernel = NativeLibrary.Load("kernel32", typeof(FaultHandler).Assembly, DllImportSearchPath.System32);
        s_writeFile = (delegate*<nint, byte*, int, int*, void*, int>)NativeLibrary.GetExport(kernel, "WriteFile");
        s_writeError = &WindowsWrite;
        s_errorHandle = GetStdHandle(ErrorHandle);
        Block* block = (Block*)RuntimeHelpers.AllocateTypeAssociatedMemory(typeof(FaultHandler), sizeof(Block));
        block->Report = &WindowsReport;

        // By its bare address, as it will be.
        block->Report(s_start, Rehearsal);
        s_block = block;

        Span<byte> code = stackalloc byte[Code.Length];
        Code.CopyTo(code);
        MemoryMarshal.Write(code[CodeBlockOffset..], (nint)block);
        void* handler = VirtualMemory.WindowsAllocCode(code);
        if (handler != null)
        {
            _ = AddVectoredExceptionHandler(1, handler);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WindowsReport(byte* address, nint information)
        => s_report(address, information == Rehearsal ? FaultAccess.None : information == WriteInformation ? FaultAccess.Write : FaultAccess.Read);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WindowsWrite(byte* text, int length)
    {
        int written;
        _ = s_writeFile(s_errorHandle, text, length, &written, null);
    }

    [LibraryImport("kernel32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial void* AddVectoredExceptionHandler(uint first, void* handler);

    [LibraryImport("kernel32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint GetStdHandle(int handle);

    private struct Block
    {
        public byte* Start;
        public nuint Size;
        public delegate*<byte*, nint, void> Report;
    }
}
