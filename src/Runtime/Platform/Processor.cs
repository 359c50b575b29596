// What is asked of the processor itself.

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace NativeHeap.Platform;

/// <summary>Hints to the processor.</summary>
internal static unsafe class Processor
{
    /// <summary>Has the cache line of an address fetched, without waiting for it. Any address will do, null too. Does nothing where .NET has no such instruction: on arm64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(void* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address);
        }
    }
}
