// What there is to say of a block in words. One place, so that reports agree.
//
//     its type is known      Order (allocated at OrderBook.cs:88)
//     it is not              Blocks of up to 64 bytes that may hold pointers (allocated at OrderBook.cs:90)
//
// Both without the line where that is not known (Guards/Origins.cs).

using NativeHeap.Guards;
using NativeHeap.SizeClasses;

using static System.FormattableString;

namespace NativeHeap.Diagnostics;

/// <summary>Names kinds of blocks.</summary>
internal static class BlockKind
{
    /// <summary>The name of blocks of a span class and of one origin, in the plural: a group's.</summary>
    public static string OfMany(int spanClass, uint origin) => $"{Origins.TypeOf(origin) ?? $"Blocks {SizeOf(spanClass)}"}{SiteOf(origin)}";

    /// <summary>The name of one.</summary>
    public static string OfOne(int spanClass, uint origin) => $"{Origins.TypeOf(origin) ?? $"A block {SizeOf(spanClass)}"}{SiteOf(origin)}";

    private static string SiteOf(uint origin) => Origins.SiteOf(origin) is { } site ? $" (allocated at {site})" : "";

    private static string SizeOf(int spanClass)
    {
        int sizeClass = SizeClass.FromSpanClass(spanClass);
        string size = sizeClass == SizeClass.Large ? Invariant($"of more than {SizeClass.MaxSmallSize:N0} bytes") : Invariant($"of up to {SizeClass.SlotSize(sizeClass):N0} bytes");
        return $"{size} {(SizeClass.MayHoldPointers(spanClass) ? "that may hold pointers" : "without pointers")}";
    }
}
