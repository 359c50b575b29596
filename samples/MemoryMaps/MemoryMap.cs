// What lies where: the blocks of a piece of memory, by their offset in it, as an allocator has laid them out. No two may overlap; whoever makes a map is told if they do, so a
// picture is also a check.

using System;
using System.Collections.Generic;
using System.Linq;

namespace MemoryMaps;

/// <summary>A block.</summary>
/// <param name="Offset">Where it starts, in bytes.</param>
/// <param name="Size">What it takes, in bytes.</param>
/// <param name="Asked">What was asked for, in bytes.</param>
/// <param name="IsDead">Whether the program is done with it and the memory is taken nevertheless.</param>
internal readonly record struct Block(long Offset, long Size, int Asked, bool IsDead = false)
{
    public long End => Offset + Size;
}

/// <summary>A block in its place over a time: from one call up to another.</summary>
internal readonly record struct Stay(Block Block, int From, int To);

internal sealed class MemoryMap
{
    /// <summary>Makes a map.</summary>
    /// <param name="length">The bytes that it shows.</param>
    /// <param name="blocks">What is in them, in any order.</param>
    public MemoryMap(long length, IEnumerable<Block> blocks)
    {
        Length = length;
        Blocks = [.. blocks.OrderBy(block => block.Offset)];
        for (int i = 0; i < Blocks.Count; i++)
        {
            if (Blocks[i].Offset < 0 || Blocks[i].End > (i + 1 < Blocks.Count ? Blocks[i + 1].Offset : length))
            {
                throw new InvalidOperationException($"The block at {Blocks[i].Offset}, of {Blocks[i].Size} bytes, overlaps what comes after it.");
            }
        }
    }

    public long Length { get; }

    public IReadOnlyList<Block> Blocks { get; }

    /// <summary>What the program asked for and still uses, in bytes.</summary>
    public long LiveBytes => Blocks.Where(block => !block.IsDead).Sum(block => (long)block.Asked);

    /// <summary>What dead blocks take, in bytes.</summary>
    public long DeadBytes => Blocks.Where(block => block.IsDead).Sum(block => block.Size);
}
