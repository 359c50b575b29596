using System;
using System.Globalization;
using System.IO;

namespace NativeHeap.Tests.Platform;

/// <summary>What the kernel says of this process's addresses.</summary>
internal static unsafe class ProcessMap
{
    /// <summary>The answer for addresses that no mapping has.</summary>
    public const string Nothing = "none";

    /// <summary>The access to a range as /proc/self/maps shows it (such as rw-p), <see cref="Nothing"/>, or "mixed".</summary>
    public static string AccessOf(void* address, nuint size)
    {
        ulong next = (ulong)address;
        ulong end = next + size;
        string? access = null;
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            int dash = line.IndexOf('-', StringComparison.Ordinal);
            int space = line.IndexOf(' ', StringComparison.Ordinal);
            ulong from = ulong.Parse(line.AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            ulong to = ulong.Parse(line.AsSpan(dash + 1, space - dash - 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (to <= next || from >= end)
            {
                continue;
            }

            string here = line.Substring(space + 1, 4);
            if (from > next || (access != null && access != here))
            {
                return "mixed";
            }

            access = here;
            next = to;
        }

        return access == null ? Nothing : next < end ? "mixed" : access;
    }
}
