using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

using NativeHeap.SizeClasses;

namespace NativeHeap.Tests.SizeClasses;

/// <summary>
/// Derives the tables of SizeClasses.cs from the rules in that file's opening comment. The literals there are this class's output; a test compares
/// them and, if they differ, prints the literal to paste.
/// </summary>
internal static class SizeClassDerivation
{
    private const int Page = SizeClass.PageSize;

    // A span's tail, what its last whole slot leaves, may be an eighth of the span.
    private const int TailShare = 8;

    // Where slots grow to the even share of their span, they grow to a multiple of this.
    private const int GrownMultiple = 128;

    private const int SlotsWanted = 64;
    private const int FewestPages = 32 * 1024 / Page;
    private const int MostPages = 128 * 1024 / Page;

    /// <summary>The slot sizes, class 0 included.</summary>
    public static ushort[] SlotSizes { get; } = [0, .. DeriveSlotSizes().Select(size => (ushort)size)];

    /// <summary>The pages of a span, class 0 included.</summary>
    public static byte[] SpanPages { get; } = [.. SlotSizes.Select(size => (byte)(size == 0 ? 0 : PagesOfSpan(size)))];

    /// <summary>The class of 8 * i bytes; no bytes count as one.</summary>
    public static byte[] FineClasses { get; } = [.. Enumerable.Range(0, 129).Select(i => SmallestClass(int.Max(1, 8 * i)))];

    /// <summary>The class of 1,024 + 128 * i bytes.</summary>
    public static byte[] CoarseClasses { get; } = [.. Enumerable.Range(0, 249).Select(i => SmallestClass(1024 + (128 * i)))];

    /// <summary>A table as it stands in SizeClasses.cs.</summary>
    public static string Literal<T>(IReadOnlyList<T> table, int perLine)
    {
        StringBuilder text = new();
        for (int i = 0; i < table.Count; i++)
        {
            bool endsLine = i % perLine == perLine - 1 || i == table.Count - 1;
            _ = text.Append(i % perLine == 0 ? "        " : " ").Append(table[i]).Append(endsLine ? ",\n" : ",");
        }

        return text.ToString();
    }

    private static List<int> DeriveSlotSizes()
    {
        // Candidates: the step doubles with the size. Of neighbours whose spans, in as many pages, hold as many objects, the largest stays.
        List<(int Size, int Pages)> classes = [];
        for (int size = 8; size <= SizeClass.MaxSmallSize; size += Step(size))
        {
            int pages = PagesForTail(size, 1);
            if (classes.Count > 0 && classes[^1].Pages == pages && pages * Page / classes[^1].Size == pages * Page / size)
            {
                classes[^1] = (size, pages);
            }
            else
            {
                classes.Add((size, pages));
            }
        }

        // Then each grows to the even share of the span that decided it.
        return
        [
            .. classes.Select(one =>
            {
                int share = one.Pages * Page / (one.Pages * Page / one.Size);
                return int.Max(one.Size, share / GrownMultiple * GrownMultiple);
            }),
        ];
    }

    private static int Step(int size) => size switch
    {
        < 32 => 8,
        < 128 => 16,
        < 2048 => (1 << int.Log2(size)) / 8,
        _ => 256,
    };

    private static int PagesOfSpan(int slotSize)
    {
        int pages = int.Clamp(((SlotsWanted * slotSize) + Page - 1) / Page, FewestPages, MostPages);
        return PagesForTail(slotSize, int.Min(pages, SizeClass.MaxSlots * slotSize / Page));
    }

    private static int PagesForTail(int slotSize, int pages)
    {
        while (pages * Page % slotSize > pages * Page / TailShare)
        {
            pages++;
        }

        return pages;
    }

    private static byte SmallestClass(int size) => (byte)Array.FindIndex(SlotSizes, slot => slot >= size);
}
