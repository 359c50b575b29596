using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

using NativeHeap.Pages;
using NativeHeap.SizeClasses;

using Xunit;

namespace NativeHeap.Tests.SizeClasses;

/// <summary>The tables of <see cref="SizeClass"/> against their derivation, and what the file's opening comment promises.</summary>
public sealed class SizeClassTests
{
    // golang/go, src/runtime/sizeclasses.go.
    private static readonly int[] s_published =
    [
        0, 8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416, 448, 480, 512, 576, 640, 704,
        768, 896, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 2304, 2688, 3072, 3200, 3456, 4096, 4864, 5376, 6144, 6528, 6784, 6912, 8192, 9472,
        9728, 10240, 10880, 12288, 13568, 14336, 16384, 18432, 19072, 20480, 21760, 24576, 27264, 28672, 32768,
    ];

    private delegate ReadOnlySpan<T> Table<T>();

    [Fact]
    public void The_table_of_slot_sizes_is_the_derived_one() => AssertLiteral("SlotSizes", SizeClassDerivation.SlotSizes, perLine: 17);

    [Fact]
    public void The_table_of_span_pages_is_the_derived_one() => AssertLiteral("SpanPages", SizeClassDerivation.SpanPages, perLine: 17);

    [Fact]
    public void The_fine_index_is_the_derived_one() => AssertLiteral("FineClasses", SizeClassDerivation.FineClasses, perLine: 24);

    [Fact]
    public void The_coarse_index_is_the_derived_one() => AssertLiteral("CoarseClasses", SizeClassDerivation.CoarseClasses, perLine: 24);

    [Fact]
    public void The_version_is_the_tables_hash()
    {
        uint hash = 2_166_136_261;
        for (int sizeClass = 0; sizeClass < SizeClass.Count; sizeClass++)
        {
            int size = SizeClass.SlotSize(sizeClass);
            hash = (hash ^ (byte)size) * 16_777_619;
            hash = (hash ^ (byte)(size >> 8)) * 16_777_619;
        }

        Assert.Equal(SizeClass.TableVersion, (int)((hash ^ (hash >> 16)) & 0xffff));
    }

    [Theory]
    [InlineData(1, 3, 1)]
    [InlineData(24, 7, 8)]
    [InlineData(int.MaxValue, 0, 2_097_152)]
    [InlineData(32_768, 135, 64)]
    public void A_layout_word_says_what_it_was_made_of(int size, int spanClass, int alignment)
    {
        ulong word = LayoutWord.Known(size, spanClass, alignment);
        Assert.Equal(SizeClass.TableVersion, LayoutWord.Version(word));
        Assert.Equal((size, spanClass, alignment), (LayoutWord.Size(word), LayoutWord.SpanClass(word), LayoutWord.Alignment(word)));
        Assert.Equal(0, LayoutWord.Version(LayoutWord.Unknown(noScan: true, alignment)));
        Assert.True(LayoutWord.NoScan(LayoutWord.Unknown(noScan: true, alignment)));
        Assert.False(LayoutWord.NoScan(LayoutWord.Unknown(noScan: false, alignment)));
        Assert.Equal(alignment, LayoutWord.Alignment(LayoutWord.Unknown(noScan: false, alignment)));
    }

    [Fact]
    public void The_slot_sizes_are_those_that_Go_publishes()
    {
        Assert.Equal(SizeClass.Count, s_published.Length);
        Assert.Equal(s_published, Enumerable.Range(0, SizeClass.Count).Select(SizeClass.SlotSize));
    }

    [Fact]
    public void A_size_gets_the_smallest_class_that_holds_it()
    {
        for (int size = 1; size <= SizeClass.MaxSmallSize; size++)
        {
            int sizeClass = SizeClass.ClassOf(size);
            if (sizeClass == SizeClass.Large || SizeClass.SlotSize(sizeClass) < size || SizeClass.SlotSize(sizeClass - 1) >= size)
            {
                Assert.Fail($"{size} bytes got class {sizeClass}.");
            }
        }
    }

    [Fact]
    public void No_bytes_count_as_one() => Assert.Equal(1, SizeClass.ClassOf(0));

    [Theory]
    [InlineData(SizeClass.MaxSmallSize + 1)]
    [InlineData(65536)]
    [InlineData(int.MaxValue)]
    public void What_no_slot_holds_is_large(int size)
    {
        Assert.Equal(SizeClass.Large, SizeClass.ClassOf(size));
        Assert.Equal(SizeClass.Large, SizeClass.ClassOf(size, 64));
    }

    [Fact]
    public void A_size_with_an_alignment_gets_the_smallest_class_that_keeps_both()
    {
        for (int alignment = 1; alignment <= SizeClass.PageSize; alignment *= 2)
        {
            int[] aligned = [.. Enumerable.Range(1, SizeClass.Count - 1).Where(c => SizeClass.SlotSize(c) % alignment == 0)];
            int next = 0;
            for (int size = 1; size <= SizeClass.MaxSmallSize; size++)
            {
                while (next < aligned.Length && SizeClass.SlotSize(aligned[next]) < size)
                {
                    next++;
                }

                int expected = next < aligned.Length ? aligned[next] : SizeClass.Large;
                int actual = SizeClass.ClassOf(size, alignment);
                if (actual != expected)
                {
                    Assert.Fail($"{size} bytes at a multiple of {alignment} got class {actual}, not {expected}.");
                }
            }
        }
    }

    [Theory]
    [InlineData(2 * SizeClass.PageSize)]
    [InlineData(1 << 30)]
    public void An_alignment_over_a_page_is_large(int alignment)
    {
        for (int size = 1; size <= SizeClass.MaxSmallSize; size += 777)
        {
            Assert.Equal(SizeClass.Large, SizeClass.ClassOf(size, alignment));
        }
    }

    [Fact]
    public void An_untyped_block_gets_the_smallest_scan_class_with_slots_of_8_or_a_multiple_of_16()
    {
        for (int size = 0; size <= SizeClass.MaxSmallSize; size++)
        {
            int spanClass = SizeClass.UntypedSpanClassOf(size);
            int expected = size <= 8 ? SizeClass.ClassOf(size) : SizeClass.ClassOf(size, 16);
            Assert.Equal(SizeClass.ToSpanClass(expected, noScan: false), spanClass);
        }
    }

    [Fact]
    public void Only_8_and_24_are_no_multiples_of_16()
    {
        // What untyped allocation builds on: 16-byte alignment from 16 bytes up costs one class only.
        Assert.Equal([8, 24], Enumerable.Range(1, SizeClass.Count - 1).Select(SizeClass.SlotSize).Where(size => size % 16 != 0));
    }

    [Fact]
    public void A_slot_beyond_128_bytes_wastes_less_than_a_sixth_of_itself()
    {
        for (int c = 1; c < SizeClass.Count; c++)
        {
            int slot = SizeClass.SlotSize(c);
            int waste = slot - (SizeClass.SlotSize(c - 1) + 1);
            Assert.True(slot <= 128 || waste * 6 < slot, $"class {c} wastes {waste} of {slot}");
        }
    }

    [Fact]
    public void A_span_wastes_at_most_an_eighth_in_its_tail()
    {
        for (int c = 1; c < SizeClass.Count; c++)
        {
            int bytes = SizeClass.Pages(c) * SizeClass.PageSize;
            Assert.True(bytes % SizeClass.SlotSize(c) <= bytes / 8, $"class {c}");
        }
    }

    [Fact]
    public void A_span_has_64_slots_or_128_KiB_and_never_more_slots_than_its_bitmap()
    {
        for (int c = 1; c < SizeClass.Count; c++)
        {
            int bytes = SizeClass.Pages(c) * SizeClass.PageSize;
            int slots = bytes / SizeClass.SlotSize(c);
            Assert.True(slots <= SizeClass.MaxSlots, $"class {c} has {slots} slots");
            Assert.True(slots >= 64 || bytes >= 128 * 1024, $"class {c} has {slots} slots in {bytes} bytes");
            Assert.True(bytes >= 32 * 1024 || slots == SizeClass.MaxSlots, $"class {c} has {slots} slots in {bytes} bytes");
            Assert.True(bytes <= (128 * 1024) + SizeClass.PageSize, $"class {c} has {bytes} bytes");
        }
    }

    [Fact]
    public void The_reciprocal_divides_every_offset_of_every_span()
    {
        for (int c = 1; c < SizeClass.Count; c++)
        {
            int slotSize = SizeClass.SlotSize(c);
            PageSpan span = new() { Reciprocal = PageSpan.ReciprocalOf(slotSize) };
            for (int offset = 0; offset < SizeClass.Pages(c) * SizeClass.PageSize; offset++)
            {
                if (span.SlotAt((nuint)offset) != offset / slotSize)
                {
                    Assert.Fail($"offset {offset} of class {c} is in slot {span.SlotAt((nuint)offset)}");
                }
            }
        }
    }

    [Fact]
    public void Span_classes_pair_a_size_class_with_noscan()
    {
        HashSet<int> seen = [];
        for (int c = 0; c < SizeClass.Count; c++)
        {
            foreach (bool noScan in (bool[])[false, true])
            {
                int spanClass = SizeClass.ToSpanClass(c, noScan);
                Assert.InRange(spanClass, 0, SizeClass.SpanClassCount - 1);
                Assert.Equal(c, SizeClass.FromSpanClass(spanClass));
                Assert.True(seen.Add(spanClass));
            }
        }

        Assert.Equal(SizeClass.SpanClassCount, seen.Count);
    }

    private static void AssertLiteral<T>(string name, T[] derived, int perLine)
    {
        MethodInfo getter = typeof(SizeClass).GetProperty(name, BindingFlags.NonPublic | BindingFlags.Static)!.GetMethod!;
        T[] actual = getter.CreateDelegate<Table<T>>()().ToArray();
        Assert.True(
            actual.SequenceEqual(derived),
            $"{name} in src/Runtime/SizeClasses/SizeClasses.cs is stale. By the rules of SizeClassDerivation it is\n"
            + $"    [\n{SizeClassDerivation.Literal(derived, perLine)}    ];");
    }
}
