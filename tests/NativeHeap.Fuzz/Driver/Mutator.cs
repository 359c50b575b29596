// Makes inputs out of others, in the ways of AFL's havoc stage: some bytes changed, cut out, doubled, or taken from another input.

using System;
using System.Collections.Generic;
using System.Collections.Immutable;

namespace NativeHeap.Fuzz;

/// <summary>Changes inputs by chance.</summary>
internal sealed class Mutator(Random random)
{
    private const int MostBytes = 600;

    /// <summary>An input like another.</summary>
    /// <param name="corpus">The inputs that there are, at least one.</param>
    public ImmutableArray<byte> Next(IReadOnlyList<ImmutableArray<byte>> corpus)
    {
        List<byte> bytes = [.. Pick(corpus)];
        for (int left = 1 << random.Next(6); left > 0; left--)
        {
            int at = random.Next(bytes.Count + 1);
            int length = Math.Min(random.Next(1, 1 << random.Next(1, 8)), bytes.Count - at);
            switch (random.Next(8))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 or 2 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 3 when at < bytes.Count:
                    bytes[at] += (byte)random.Next(-8, 9);
                    break;
                case 4:
                    bytes.RemoveRange(at, length);
                    break;
                case 5:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 6:
                    byte[] made = new byte[random.Next(1, 12)];
                    random.NextBytes(made);
                    bytes.InsertRange(at, made);
                    break;
                default:
                    ImmutableArray<byte> other = Pick(corpus);
                    int from = random.Next(other.Length);
                    bytes.InsertRange(at, other.AsSpan(from, Math.Min(random.Next(1, 60), other.Length - from)).ToArray());
                    break;
            }
        }

        bytes.RemoveRange(Math.Min(bytes.Count, MostBytes), Math.Max(0, bytes.Count - MostBytes));
        return bytes.Count == 0 ? [0] : [.. bytes];
    }

    // The newer half more often: that is where there is something left to find.
    private ImmutableArray<byte> Pick(IReadOnlyList<ImmutableArray<byte>> corpus) =>
        corpus[random.Next(2) == 0 ? random.Next(corpus.Count) : random.Next(corpus.Count / 2, corpus.Count)];
}
