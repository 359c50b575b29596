// What there is to say of a block in words: its size class, and whether it may hold pointers. One place, so that reports agree.

using NativeHeap.SizeClasses;

using static System.FormattableString;

namespace NativeHeap.Diagnostics;

/// <summary>Names kinds of blocks.</summary>
internal static class BlockKind
{
    /// <summary>The name of blocks of a span class, in the plural: a group's.</summary>
    public static string OfMany(int spanClass) => $"Blocks {SizeOf(spanClass)}";

    /// <summary>The name of one.</summary>
    public static string OfOne(int spanClass) => $"A block {SizeOf(spanClass)}";

    private static string SizeOf(int spanClass)
    {
        int sizeClass = SizeClass.FromSpanClass(spanClass);
        string size = Invariant($"of {(sizeClass == SizeClass.Large ? "more than" : "up to")} {(sizeClass == SizeClass.Large ? SizeClass.MaxSmallSize : SizeClass.SlotSize(sizeClass)):N0} bytes");
        return $"{size} {(SizeClass.MayHoldPointers(spanClass) ? "that may hold pointers" : "without pointers")}";
    }
}
