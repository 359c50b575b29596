// Where arenas lie, chosen for the process before its first allocation:
//
//     sparse       each wherever the system gives it. An address leads to its arena by a table over all addresses, and there to its page's entry: two loads (SparseMap.cs).
//     contiguous   one behind the other, in addresses that are reserved at the start, together with their tables, and are all that there will ever be: NATIVEHEAP_CONTIGUOUS_BYTES. An address
//                  leads to its page's entry by one subtraction and one load (ContiguousMap.cs).
//
// Contiguous is for who must know beforehand what a process takes, as on a console: no address of a span lies elsewhere, and a heap of 4 GiB has 5 MiB of tables, all known at the start, where the
// sparse first level alone takes 32 MiB of addresses. What it costs is the budget: a guess too low is an OutOfMemoryException while the system still has memory.
//
// The choice is in static readonly fields. A method that the JIT compiles after the start, as all that is called often, has constants in their place, and nothing of the other layout. Code compiled
// ahead of time tests a byte, which no typed allocation or free does: they look nothing up.
//
// A setting that makes no sense counts as none here and is an error in Require, which the start calls before anything depends on it: thrown from here it would come wrapped in another exception.

using System;

using NativeHeap.Platform;

namespace NativeHeap.Pages;

/// <summary>The choice of the setting <c>Layout</c>.</summary>
internal enum LayoutChoice
{
    /// <summary>Arenas anywhere.</summary>
    Sparse,

    /// <summary>Arenas side by side, within a budget.</summary>
    Contiguous,
}

/// <summary>Where the process's arenas lie.</summary>
internal static class ArenaLayout
{
    /// <summary>The setting of the choice.</summary>
    public const string LayoutSetting = "Layout";

    /// <summary>The setting of the budget.</summary>
    public const string BytesSetting = "ContiguousBytes";

    private const long DefaultBytes = 16L << 30;

    /// <summary>Whether arenas lie side by side.</summary>
    public static readonly bool IsContiguous = OrDefault(ReadLayout) == LayoutChoice.Contiguous;

    /// <summary>The bytes that all arenas together have then: whole chunks.</summary>
    public static readonly nuint Bytes = OrDefault(ReadBytes);

    /// <summary>Throws if the settings make no sense.</summary>
    /// <exception cref="InvalidOperationException">They do not.</exception>
    public static void Require()
    {
        _ = ReadLayout();
        _ = ReadBytes();
    }

    private static LayoutChoice ReadLayout() => Settings.ReadChoice<LayoutChoice>(LayoutSetting) ?? LayoutChoice.Sparse;

    private static nuint ReadBytes()
    {
        long bytes = Settings.ReadBytes(BytesSetting, (long)ChunkBits.ByteCount, (long)PageHeap.MaxObjectSize) ?? DefaultBytes;
        return ((nuint)bytes + ChunkBits.ByteCount - 1) & ~(ChunkBits.ByteCount - 1);
    }

    private static T OrDefault<T>(Func<T> read)
        where T : struct
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return default;
        }
    }
}
