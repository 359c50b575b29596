// Patterns that are no mistakes: what a mistake elsewhere would need.

using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace NativeHeap.MisuseProbe;

internal static unsafe partial class Patterns
{
    // ret
    private static byte[] Return => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? [0xc0, 0x03, 0x5f, 0xd6] : [0xc3];

    private static IEnumerable<Pattern> Footholds() =>
    [
        new("malloc_reuse", "is given the address that it has just freed", Mistake.Foothold, misuse =>
        {
            byte* block = misuse.Alloc();
            misuse.Free(block);
            byte* other = misuse.Alloc();
            misuse.Decide(block == other);
        }),
        new("malloc_reuse_downsize", "is given the address that it has just freed, for a block of half the size", Mistake.Foothold, misuse =>
        {
            byte* block = misuse.Alloc();
            misuse.Free(block);
            void* other = misuse.Heap.Alloc((nuint)misuse.Size / 2);
            misuse.Decide(block == other);
            misuse.Heap.Free(other);
        }),
        new("executable_heap", "calls machine code that it has written into a block", Mistake.Foothold, misuse =>
        {
            byte* block = misuse.Alloc();
            Marshal.Copy(Return, 0, (nint)block, Return.Length);
            misuse.Wrong(() => ((delegate* unmanaged<void>)block)());
        }),
        new("impossibly_large_malloc", "is given a block of 2 bytes less than there are addresses", Mistake.Foothold, misuse =>
            misuse.Wrong(() => _ = misuse.Heap.Alloc(nuint.MaxValue - 1))) { Blocks = Blocks.Own },
    ];
}
