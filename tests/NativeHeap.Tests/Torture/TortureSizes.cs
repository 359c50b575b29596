// How large blocks are in real programs, as a curve through the quantiles of eight recorded ones (a compiler, a game and a game server, an exchange, an interpreter, three databases): the
// means of their medians, 90th and 99th percentiles, which lie from 24 to 56, from 65 to 2,931 and from 800 to 16,503 bytes. Between two points the logarithm is even; the last reaches to 8 MiB.

using System;

namespace NativeHeap.Tests.Torture;

/// <summary>Draws sizes.</summary>
internal static class TortureSizes
{
    private static readonly (double Share, double Size)[] s_points = [(0, 1), (0.5, 37), (0.9, 625), (0.99, 4_400), (0.9995, 130_000), (1, 8 << 20)];

    /// <summary>A size, from 1 byte to 8 MiB.</summary>
    public static nuint Next(Random random)
    {
        double share = random.NextDouble();
        int i = 1;
        while (share > s_points[i].Share)
        {
            i++;
        }

        (double fromShare, double fromSize) = s_points[i - 1];
        (double toShare, double toSize) = s_points[i];
        return (nuint)(fromSize * Math.Pow(toSize / fromSize, (share - fromShare) / (toShare - fromShare)));
    }
}
