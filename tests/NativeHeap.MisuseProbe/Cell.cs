using System.Collections.Generic;
using System.Linq;

namespace NativeHeap.MisuseProbe;

/// <summary>A pattern, tried with blocks of a kind.</summary>
/// <param name="Pattern">The pattern.</param>
/// <param name="Kind">The blocks; null if it makes its own.</param>
internal sealed record Cell(Pattern Pattern, BlockKind? Kind)
{
    /// <summary>All there are, those of a pattern together.</summary>
    public static IReadOnlyList<Cell> All { get; } =
    [
        .. Patterns.All.SelectMany(static pattern => pattern.Blocks == Blocks.Own
            ? [new Cell(pattern, null)]
            : BlockKind.All.Where(kind => pattern.Blocks == Blocks.All || !kind.IsTyped).Select(kind => new Cell(pattern, kind))),
    ];
}
