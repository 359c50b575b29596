// The size classes: the 67 slot sizes into which every request of up to 32 KiB is rounded, and class 0 for what is larger.
//
// The sizes are those that Go publishes (runtime/sizeclasses.go, 68 classes): steps of 8 bytes at first, then about an eighth of
// the power of two below, thinned out where two sizes fit a span equally often, so that a slot wastes less than a sixth of
// itself beyond 128 bytes (15.8 % at worst: 4,097 bytes in 4,864). The tables below are written by the test project's
// SizeClassDerivation, which derives them from those rules; a test fails when they are stale, and another compares them with the published list.
//
//     SlotSize(ClassOf(n)) >= n  and  SlotSize(ClassOf(n) - 1) < n          for 1 <= n <= MaxSmallSize
//     SlotSize(ClassOf(n, a)) % a == 0                                      for every power of two a <= PageSize that has such a class
//     Pages(c) * PageSize mod SlotSize(c) <= Pages(c) * PageSize / 8        a span wastes at most an eighth in its tail
//     Pages(c) * PageSize / SlotSize(c) <= MaxSlots
//
// Spans are larger than Go's: a collector refills them in bulk, an explicit free hands single slots back, and one or
// two slots a span (Go's figure above 4 KiB) would mean a span's life cycle an allocation. So a span has 64 slots, within 32 KiB to
// about 128 KiB, and never more than 1,024, which is what its bitmap holds.
//
// This one file is compiled into the runtime and into the generator, so that both speak of the same classes. All is
// constant data; any thread may read it. The tables are spans over constant data because the JIT folds a load from
// one at a constant index: for a size known at compile time, ClassOf is a constant in machine code.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NativeHeap.SizeClasses;

/// <summary>Maps sizes to size classes and back. All sizes are in bytes.</summary>
internal static class SizeClass
{
    /// <summary>The number of size classes, class 0 (large objects) included.</summary>
    public const int Count = 68;

    /// <summary>The number of span classes: every size class, once for objects that may hold pointers and once for those that hold none.</summary>
    public const int SpanClassCount = Count * 2;

    /// <summary>
    /// Names this table of slot sizes, so that a stub generated for another is told apart: their FNV-1a hash over little-endian 16-bit words,
    /// folded to 16 bits. A test keeps it in step.
    /// </summary>
    public const int TableVersion = 0x61a2;

    /// <summary>The class of objects too large for a slot; they get pages of their own.</summary>
    public const int Large = 0;

    /// <summary>The largest request served from a slot, in bytes.</summary>
    public const int MaxSmallSize = 32768;

    /// <summary>The size of a page of the page heap, in bytes: the unit of spans.</summary>
    public const int PageSize = 1 << PageShift;

    /// <summary>The binary logarithm of <see cref="PageSize"/>.</summary>
    public const int PageShift = 13;

    /// <summary>The most slots a span can have.</summary>
    public const int MaxSlots = 1024;

    private const int FineLimit = 1024;
    private const int FineShift = 3;
    private const int CoarseShift = 7;

    private static ReadOnlySpan<ushort> SlotSizes =>
    [
        0, 8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224,
        240, 256, 288, 320, 352, 384, 416, 448, 480, 512, 576, 640, 704, 768, 896, 1024, 1152,
        1280, 1408, 1536, 1792, 2048, 2304, 2688, 3072, 3200, 3456, 4096, 4864, 5376, 6144, 6528, 6784, 6912,
        8192, 9472, 9728, 10240, 10880, 12288, 13568, 14336, 16384, 18432, 19072, 20480, 21760, 24576, 27264, 28672, 32768,
    ];

    private static ReadOnlySpan<byte> SpanPages =>
    [
        0, 1, 2, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
        4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 6, 6, 7, 8, 9,
        10, 11, 12, 14, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
        16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 17, 16, 16, 16, 17, 16, 16,
    ];

    // The class of 8 * i bytes, for sizes up to FineLimit.
    private static ReadOnlySpan<byte> FineClasses =>
    [
        1, 1, 2, 3, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 14,
        14, 15, 15, 16, 16, 17, 17, 18, 18, 19, 19, 19, 19, 20, 20, 20, 20, 21, 21, 21, 21, 22, 22, 22,
        22, 23, 23, 23, 23, 24, 24, 24, 24, 25, 25, 25, 25, 26, 26, 26, 26, 27, 27, 27, 27, 27, 27, 27,
        27, 28, 28, 28, 28, 28, 28, 28, 28, 29, 29, 29, 29, 29, 29, 29, 29, 30, 30, 30, 30, 30, 30, 30,
        30, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 32, 32, 32, 32, 32, 32, 32,
        32, 32, 32, 32, 32, 32, 32, 32, 32,
    ];

    // The class of FineLimit + 128 * i bytes.
    private static ReadOnlySpan<byte> CoarseClasses =>
    [
        32, 33, 34, 35, 36, 37, 37, 38, 38, 39, 39, 40, 40, 40, 41, 41, 41, 42, 43, 43, 44, 44, 44, 44,
        44, 45, 45, 45, 45, 45, 45, 46, 46, 46, 46, 47, 47, 47, 47, 47, 47, 48, 48, 48, 49, 49, 50, 51,
        51, 51, 51, 51, 51, 51, 51, 51, 51, 52, 52, 52, 52, 52, 52, 52, 52, 52, 52, 53, 53, 54, 54, 54,
        54, 55, 55, 55, 55, 55, 56, 56, 56, 56, 56, 56, 56, 56, 56, 56, 56, 57, 57, 57, 57, 57, 57, 57,
        57, 57, 57, 58, 58, 58, 58, 58, 58, 59, 59, 59, 59, 59, 59, 59, 59, 59, 59, 59, 59, 59, 59, 59,
        59, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 61, 61, 61, 61, 61, 62, 62,
        62, 62, 62, 62, 62, 62, 62, 62, 62, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 64, 64, 64, 64, 64,
        64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 65, 65, 65, 65, 65, 65, 65,
        65, 65, 65, 65, 65, 65, 65, 65, 65, 65, 65, 65, 65, 65, 66, 66, 66, 66, 66, 66, 66, 66, 66, 66,
        66, 67, 67, 67, 67, 67, 67, 67, 67, 67, 67, 67, 67, 67, 67, 67, 67, 67, 67, 67, 67, 67, 67, 67,
        67, 67, 67, 67, 67, 67, 67, 67, 67,
    ];

    // The span class of an untyped block of 8 * i bytes, up to FineLimit: the scan kind of the class of 8 * i, but of 32 where that is 24, since blocks over 8 bytes
    // are aligned to 16 and of the larger slot sizes 24 alone is no multiple of it.
    private static ReadOnlySpan<byte> UntypedSpanClasses =>
    [
        2, 2, 4, 8, 8, 10, 10, 12, 12, 14, 14, 16, 16, 18, 18, 20, 20, 22, 22, 24, 24, 26, 26, 28,
        28, 30, 30, 32, 32, 34, 34, 36, 36, 38, 38, 38, 38, 40, 40, 40, 40, 42, 42, 42, 42, 44, 44, 44,
        44, 46, 46, 46, 46, 48, 48, 48, 48, 50, 50, 50, 50, 52, 52, 52, 52, 54, 54, 54, 54, 54, 54, 54,
        54, 56, 56, 56, 56, 56, 56, 56, 56, 58, 58, 58, 58, 58, 58, 58, 58, 60, 60, 60, 60, 60, 60, 60,
        60, 62, 62, 62, 62, 62, 62, 62, 62, 62, 62, 62, 62, 62, 62, 62, 62, 64, 64, 64, 64, 64, 64, 64,
        64, 64, 64, 64, 64, 64, 64, 64, 64,
    ];

    /// <summary>The size of the slots of a class, in bytes; 0 for <see cref="Large"/>.</summary>
    public static int SlotSize(int sizeClass) => SlotSizes[sizeClass];

    /// <summary>The number of pages in a span of a class.</summary>
    public static int Pages(int sizeClass) => SpanPages[sizeClass];

    /// <summary>The smallest class whose slots hold <paramref name="size"/> bytes; <see cref="Large"/> when none does. A size of 0 counts as 1.</summary>
    public static int ClassOf(int size)
    {
        if (size <= FineLimit)
        {
            return FineClasses[(size + 7) >> FineShift];
        }

        return size <= MaxSmallSize ? CoarseClasses[(size - FineLimit + 127) >> CoarseShift] : Large;
    }

    /// <summary>
    /// The span class of an untyped block of up to <see cref="MaxSmallSize"/> bytes: its slots are aligned to 16 bytes if they are larger than 8, so that any SIMD load of 16
    /// bytes may be aligned, and may hold pointers.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int UntypedSpanClassOf(int size)
        => size <= FineLimit
            ? Unsafe.Add(ref MemoryMarshal.GetReference(UntypedSpanClasses), (nint)(uint)(size + 7) >> FineShift)
            : ToSpanClass(Unsafe.Add(ref MemoryMarshal.GetReference(CoarseClasses), (nint)(uint)(size - FineLimit + 127) >> CoarseShift), noScan: false);

    /// <summary>
    /// The smallest class whose slots hold <paramref name="size"/> bytes and all start at a multiple of <paramref name="alignment"/>, a
    /// power of two; <see cref="Large"/> when none does.
    /// </summary>
    public static int ClassOf(int size, int alignment)
    {
        if (alignment > PageSize)
        {
            return Large;
        }

        // The first try is apart from the loop because it is what the JIT can fold, and nearly always enough.
        int sizeClass = ClassOf(size);
        return IsAligned(sizeClass, alignment) ? sizeClass : NextAligned(sizeClass, alignment);
    }

    private static bool IsAligned(int sizeClass, int alignment) => (SlotSize(sizeClass) & (alignment - 1)) == 0;

    private static int NextAligned(int sizeClass, int alignment)
    {
        while (sizeClass < Count && !IsAligned(sizeClass, alignment))
        {
            sizeClass++;
        }

        return sizeClass < Count ? sizeClass : Large;
    }

    /// <summary>Joins a size class with whether its objects hold no pointers (noscan).</summary>
    public static int ToSpanClass(int sizeClass, bool noScan) => (sizeClass << 1) | (noScan ? 1 : 0);

    /// <summary>The size class of a span class.</summary>
    public static int FromSpanClass(int spanClass) => spanClass >> 1;

    /// <summary>Whether the objects of a span class may hold pointers.</summary>
    public static bool MayHoldPointers(int spanClass) => (spanClass & 1) == 0;
}
