// The cells of M10: objects of one size, 256 MiB of them, for each slot size of Go's table and for some larger ones.
//
// The sizes are those that Go publishes (runtime/sizeclasses.go), not the runtime's own: slots are to waste no more than that table's, so that it is what
// NativeHeap is compared with here.

using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace NativeHeap.Benchmarks.Measures.Rss;

/// <param name="Size">The size of an object, in bytes.</param>
/// <param name="Least">The smallest request that Go's table gives a slot of this size; of a large object its size.</param>
/// <param name="IsLarge">Whether it has pages of its own.</param>
internal sealed record SizeCell(int Size, int Least, bool IsLarge)
{
    private static readonly int[] s_slots =
    [
        8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416, 448, 480, 512, 576, 640, 704, 768, 896, 1024, 1152,
        1280, 1408, 1536, 1792, 2048, 2304, 2688, 3072, 3200, 3456, 4096, 4864, 5376, 6144, 6528, 6784, 6912,
        8192, 9472, 9728, 10240, 10880, 12288, 13568, 14336, 16384, 18432, 19072, 20480, 21760, 24576, 27264, 28672, 32768,
    ];

    // One byte more than fits a slot or a number of pages, and sizes that fit none.
    private static readonly int[] s_large = [32_769, 50_000, 65_536, 100_000, 262_145, 1_000_000, (4 << 20) + 1];

    public static IReadOnlyList<SizeCell> All { get; } =
    [
        .. s_slots.Select((size, index) => new SizeCell(size, index == 0 ? 1 : s_slots[index - 1] + 1, IsLarge: false)),
        .. s_large.Select(size => new SizeCell(size, size, IsLarge: true)),
    ];

    public string Name => string.Create(CultureInfo.InvariantCulture, $"size/{Size}");

    public static SizeCell Parse(string name) => All.First(cell => cell.Name == name);
}
